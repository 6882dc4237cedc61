/**
 * Group normalization (Wu & He 2018; torch.nn.GroupNorm): y = γ·(x − μ)/√(σ² + ε) + β, where μ and σ² are taken over each
 * sample's channels of one group and all its positions. Nothing depends on the batch, and nothing is remembered. One group
 * per channel is InstanceNorm.
 */
import type { GroupNormOp } from "../protocol/layerOps";
import { padded } from "./activationBuffer";
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
      kernels.groupNorm(
        count,
        x.height,
        x.width,
        channels,
        groups,
        epsilon,
        x.base,
        x.image,
        x.row,
        x.position,
        y.base,
        y.image,
        y.row,
        y.position,
        gamma,
        beta,
        means,
        inverses,
      );
    },
    backward: (count) => {
      if (!dy) return;
      kernels.groupNormGradient(
        count,
        x.height,
        x.width,
        channels,
        groups,
        x.base,
        x.image,
        x.row,
        x.position,
        dy.base,
        dy.image,
        dy.row,
        dy.position,
        dx?.base ?? 0,
        dx?.image ?? 0,
        dx?.row ?? 0,
        dx?.position ?? 0,
        gamma,
        means,
        inverses,
        sums,
        parameters.gradients(`${name}.weight`),
        parameters.gradients(`${name}.bias`),
      );
    },
  };
}
