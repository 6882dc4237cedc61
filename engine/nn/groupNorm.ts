/**
 * Group normalization (Wu & He 2018; torch.nn.GroupNorm): y = γ·(x − μ)/√(σ² + ε) + β, where μ and σ² are taken over
 * each sample's channels of one group and all its positions. Nothing depends on the batch, and nothing is remembered.
 * One group per channel is InstanceNorm.
 */
import type { GroupNormOp } from "../protocol/layerOps";
import { padded, positionsOf } from "./activationBuffer";
import { ABSENT } from "./kernels/operands";
import type { LayerContext, NetworkLayer } from "./layer";
import { type LayerEntry, plainAffine } from "./layerEntry";
import type { ParameterSpec } from "./parameterSpec";

export const groupNorm: LayerEntry<GroupNormOp> = {
  ...plainAffine,
  create: createGroupNorm,
  parameters: groupNormParameters,
};

export interface GroupNormSettings {
  readonly groups: number;
  readonly channels: number;
  readonly epsilon: number;
  readonly affine: boolean;
}

function groupNormParameters(name: string, { channels, affine }: GroupNormSettings): ParameterSpec[] {
  if (!affine) return [];
  const vector = (suffix: string): ParameterSpec => ({
    name: `${name}.${suffix}`,
    shape: [channels],
    storedFloats: padded(channels),
    storedIndex: (index) => index,
  });
  return [vector("weight"), vector("bias")];
}

export interface GroupNormLayer extends NetworkLayer {
  /** Addresses of f64 `[sample, group]`: μ and 1/√(σ² + ε) of the last pass. */
  readonly statistics: { readonly means: number; readonly inverses: number };
}

export function createGroupNorm(
  { groups, channels, epsilon }: GroupNormSettings,
  context: LayerContext,
): GroupNormLayer {
  const { name, arena, parameters, batch, input: x, output: y, inputGradient: dx, outputGradient: dy } = context;
  const { kernels } = arena;
  const means = arena.allocate(batch * groups * 8);
  const inverses = arena.allocate(batch * groups * 8);
  const sums = arena.allocate(channels * 16);
  const gamma = parameters.weights(`${name}.weight`);
  const beta = parameters.weights(`${name}.bias`);
  return {
    name,
    statistics: { means, inverses },
    forward: (_mode, count) => {
      kernels.groupNorm({
        region: positionsOf(count, x),
        channels,
        groups,
        epsilon,
        x,
        y,
        gamma,
        beta,
        means,
        inverses,
      });
    },
    backward: (count) => {
      if (!dy) return;
      kernels.groupNormGradient({
        region: positionsOf(count, x),
        channels,
        groups,
        x,
        dy,
        dx: dx ?? ABSENT,
        gamma,
        means,
        inverses,
        sums,
        gammaGradient: parameters.gradients(`${name}.weight`),
        betaGradient: parameters.gradients(`${name}.bias`),
      });
    },
  };
}
