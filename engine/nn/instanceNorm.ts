/**
 * Instance normalisation (Ulyanov et al. 2016; torch.nn.InstanceNorm1d/2d): y = γ·(x − μ)/√(σ² + ε) + β, where μ and σ²
 * are taken over the positions of each sample's channel. That is group normalization with one channel a group.
 *
 * With running statistics PyTorch moves them in training by the mean over the batch's samples of μ and of the unbiased
 * σ²·n/(n − 1), with n positions, and normalizes with them in evaluation. It counts no batches, and a population pass
 * leaves the layer out, as torch.optim.swa_utils.update_bn does.
 */
import type { InstanceNormOp } from "../protocol/layerOps";
import { batchNormParameters } from "./batchNorm";
import { type Affine, createChannelNorm, type NormState, type PartVectors } from "./channelNorm";
import { createGroupNorm } from "./groupNorm";
import type { LayerContext, NetworkLayer, StatisticsMode } from "./layer";
import { type LayerEntry, plainAffine } from "./layerEntry";
import { known } from "./step";

export const instanceNorm: LayerEntry<InstanceNormOp> = {
  ...plainAffine,
  create: (op, context, { normStates }) => createInstanceNorm(op, context, known(normStates.get(context.name))),
  parameters: batchNormParameters,
  isLookedAt: true,
};

function createInstanceNorm(op: InstanceNormOp, context: LayerContext, state: NormState): NetworkLayer {
  const { name, arena, parameters, input: x } = context;
  const { channels } = x;
  const { epsilon } = op;
  const perSample = createGroupNorm({ groups: channels, channels, epsilon, affine: op.affine }, context);
  if (!op.trackRunningStats) return perSample;
  const overall = createChannelNorm(epsilon, context);
  const running: PartVectors = { ...state.running, residue: 0, scale: arena.allocateFloats(x.columns) };
  const affine: Affine = { gamma: parameters.weights(`${name}.weight`), beta: parameters.weights(`${name}.bias`) };
  const gradients: Affine = {
    gamma: parameters.gradients(`${name}.weight`),
    beta: parameters.gradients(`${name}.bias`),
  };
  let lastMode: StatisticsMode = "train";

  const usesOwn = (mode: StatisticsMode): boolean => mode === "train" || mode === "batch";

  const updateRunning = (count: number): void => {
    const { means, inverses } = perSample.statistics;
    const { mean, variance } = state.running;
    arena.kernels.updateInstanceRunning({
      images: count,
      channels,
      count: x.height * x.width,
      epsilon,
      weight: op.runningStatsUpdateWeight ?? 0,
      means,
      inverses,
      runningMean: mean,
      runningVariance: variance,
    });
  };

  return {
    name,
    forward: (mode, count) => {
      lastMode = mode;
      if (usesOwn(mode)) perSample.forward(mode, count);
      else overall.normalize({ first: 0, count }, running, affine);
      if (mode === "train") updateRunning(count);
    },
    backward: (count) => {
      if (usesOwn(lastMode)) perSample.backward(count);
      else overall.backward({ first: 0, count }, running, false, gradients);
    },
  };
}
