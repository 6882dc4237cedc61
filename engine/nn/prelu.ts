/**
 * PReLU (He et al. 2015; torch.nn.PReLU): y = max(x, 0) + a·min(x, 0) with one slope a for all channels or one for
 * each; dx = dy·(1 or a), da = Σ dy·min(x, 0). Values are `[sample, channel, …]`.
 */
import type { PReluOp } from "../protocol/layerOps";
import { regionOf } from "./activationBuffer";
import { ABSENT } from "./kernels/operands";
import type { LayerContext, NetworkLayer } from "./layer";
import type { LayerEntry } from "./layerEntry";
import type { ParameterSpec } from "./parameterSpec";

export const prelu: LayerEntry<PReluOp> = {
  create: createPRelu,
  parameters: preluParameters,
  initialValues: ({ initialSlope }) => ({ constant: initialSlope }),
};

function preluParameters(name: string, op: PReluOp): ParameterSpec[] {
  return [{ name: `${name}.weight`, shape: [op.slopes], storedFloats: op.slopes, storedIndex: (index) => index }];
}

function createPRelu(op: PReluOp, context: LayerContext): NetworkLayer {
  const { name, arena, parameters, input: x, output: y, inputGradient: dx, outputGradient: dy } = context;
  const { kernels } = arena;
  const perColumn = arena.allocateFloats(x.columns);
  const sums = arena.allocate(x.columns * 8);
  const weight = parameters.weights(`${name}.weight`);
  const weightGradient = parameters.gradients(`${name}.weight`);
  const isShared = op.slopes === 1;

  const spreadSlopes = (): void => {
    const slopes = arena.floats(weight, op.slopes);
    arena
      .floats(perColumn, x.channels)
      .forEach((_, channel, spread) => (spread[channel] = slopes[isShared ? 0 : channel] ?? 0));
  };

  const gatherSlopeGradients = (): void => {
    const gradients = arena.floats(weightGradient, op.slopes);
    const perChannel = arena.doubles(sums, x.channels);
    if (isShared) gradients[0] = perChannel.reduce((total, sum) => total + sum, 0);
    else gradients.set(perChannel);
  };

  return {
    name,
    forward: (_mode, count) => {
      spreadSlopes();
      const region = regionOf(count, x, y);
      kernels.prelu({ region, x, y, columns: y.columns, slopes: perColumn });
    },
    backward: (count) => {
      if (!dy) return;
      const region = dx ? regionOf(count, x, dy, dx) : regionOf(count, x, dy);
      kernels.preluGradient({ region, x, dy, dx: dx ?? ABSENT, columns: x.columns, slopes: perColumn, sums });
      gatherSlopeGradients();
    },
  };
}
