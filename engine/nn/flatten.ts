/** Joins channel, height and width into features, in PyTorch's order (channel outermost); torch.nn.Flatten. */
import type { FlattenOp } from "../protocol/layerOps";
import { positionsOf } from "./activationBuffer";
import type { LayerContext, NetworkLayer } from "./layer";
import type { LayerEntry } from "./layerEntry";

export const flatten: LayerEntry<FlattenOp> = {
  create: (_op, context) => createFlatten(context),
  readsUnpadded: "always",
  // Flattening a whole image that is stored has a separate kernel.
  moves: (_op, { before, input, output }) =>
    before.length === 0 && output.length === 1
      ? null
      : [...before, { rearrangement: { rule: "reshape", sizes: output }, input, output }],
};

function createFlatten(context: LayerContext): NetworkLayer {
  const { name, arena, input: x, output: y, inputGradient: dx, outputGradient: dy } = context;
  const { kernels } = arena;
  return {
    name,
    forward: (_mode, count) =>
      kernels.flatten({ region: positionsOf(count, x), channels: x.channels, x, y: y.base, ySample: y.position }),
    backward: (count) => {
      if (dy && dx)
        kernels.unflatten({
          region: positionsOf(count, x),
          channels: x.channels,
          features: dy.base,
          featureSample: dy.position,
          x: dx,
        });
    },
  };
}
