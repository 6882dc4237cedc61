/**
 * Softmax over the channels (torch.nn.Softmax, LogSoftmax, Softmax2d): y = e^x/Σ e^x with dx = y·(dy − Σ dy·y), or
 * y = x − log Σ e^x with dx = dy − e^y·Σ dy; the sums go over the channels of a position. Values are `[sample, channel,
 * …]`.
 */
import type { SoftmaxOp } from "../protocol/layerOps";
import { regionOf } from "./activationBuffer";
import type { LayerContext, NetworkLayer } from "./layer";
import type { LayerEntry } from "./layerEntry";

export const softmax: LayerEntry<SoftmaxOp> = { create: createSoftmax };

function createSoftmax(op: SoftmaxOp, context: LayerContext): NetworkLayer {
  const { name, arena, input: x, output: y, inputGradient: dx, outputGradient: dy } = context;
  const { kernels } = arena;
  const isLogarithm = Number(op.isLogarithm);
  return {
    name,
    forward: (_mode, count) => {
      const region = regionOf(count, x, y);
      kernels.softmax({ region, x, y, channels: y.channels, isLogarithm });
    },
    backward: (count) => {
      if (!dy || !dx) return;
      const region = regionOf(count, y, dy, dx);
      kernels.softmaxGradient({ region, y, dy, dx, channels: y.channels, isLogarithm });
    },
  };
}
