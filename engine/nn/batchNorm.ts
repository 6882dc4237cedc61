/**
 * Batch normalisation (Ioffe & Szegedy 2015, algorithms 1 and 2; torch.nn.BatchNorm1d/2d):
 * y = γ·(x − μ)/√(σ² + ε) + β per channel, over `[sample]`, `[sample, length]` or `[sample, height, width]`.
 *
 * Training uses the batch's mean and biased variance and moves the running statistics towards them; evaluation uses
 * the running ones. PyTorch's running variance takes the unbiased estimate σ²·n/(n − 1), Keras's the biased one.
 * Without momentum the running statistics are the average over all batches so far; without tracking there are none, and
 * every mode uses its batch's own.
 *
 * Ghost batch normalisation (Hoffer et al. 2017, algorithm 1) takes the statistics of virtual batches: the samples in
 * order, so many at a time, the last with what is left. Each moves the running statistics in turn, as if a BN layer
 * were called for each. Batch renormalisation is in batchRenorm.ts.
 */
import type { BatchNormOp } from "../protocol/layerOps";
import { type ActivationBuffer, padded } from "./activationBuffer";
import { createRenorm } from "./batchRenorm";
import {
  type Affine,
  type ChannelStatistics,
  createChannelNorm,
  type NormState,
  type Part,
  partsOf,
  type PartVectors,
  samplesPerChannel,
} from "./channelNorm";
import type { LayerContext, NetworkLayer, StatisticsMode } from "./layer";
import { type LayerEntry, plainAffine } from "./layerEntry";
import type { ParameterSpec } from "./parameterSpec";
import { poolStatistics } from "./pooledStatistics";
import { known } from "./step";

export const batchNorm: LayerEntry<BatchNormOp> = {
  ...plainAffine,
  create: (op, context, { normStates }) => createBatchNorm(op, context, known(normStates.get(context.name))),
  parameters: batchNormParameters,
  isLookedAt: true,
};

export function batchNormParameters(name: string, op: Pick<BatchNormOp, "affine" | "numFeatures">): ParameterSpec[] {
  if (!op.affine) return [];
  const columns = padded(op.numFeatures);
  const vector = (suffix: string): ParameterSpec => ({
    name: `${name}.${suffix}`,
    shape: [op.numFeatures],
    storedFloats: columns,
    storedIndex: (index) => index,
  });
  return [vector("weight"), vector("bias")];
}

/** Samples that batch modes normalise together. */
export interface NormalizedPart extends Part {
  /** Which call of the layer, from 0. */
  readonly call: number;
  /** In which its samples are. */
  readonly input: ActivationBuffer;
  /** Of the part's own values. */
  readonly own: ChannelStatistics;
  /** What they are normalised with in effect. */
  readonly used: ChannelStatistics;
}

/** A BN layer as what measures it sees it. */
export interface MeasuredNorm {
  readonly name: string;
  readonly op: BatchNormOp;
  readonly input: ActivationBuffer;
  /** Of all samples of the last pass in a batch mode. */
  readonly batchStatistics: ChannelStatistics;
  readonly state: NormState;
  /** How often a pass calls it. */
  readonly calls: number;
  /** Of the last pass over `count` samples in a batch mode. */
  parts(count: number): readonly NormalizedPart[];
  /** The statistics the given mode normalises with. */
  statisticsFor(mode: Extract<StatisticsMode, "running" | "population">): ChannelStatistics;
}

/** What a BN layer reads, and how. */
export type NormalizedInput = Pick<MeasuredNorm, "input"> & { readonly op: Pick<BatchNormOp, "epsilon"> };

export type BatchNormLayer = MeasuredNorm & NetworkLayer;

function createBatchNorm(op: BatchNormOp, context: LayerContext, state: NormState): BatchNormLayer {
  const { name, arena, parameters, batch, input } = context;
  const { kernels } = arena;
  const { columns, channels } = input;
  const norm = createChannelNorm(op.epsilon, context);
  const size = op.statistics?.rule === "ghost" ? op.statistics.samples : batch;
  const vectors = partsOf(batch, size).map(() => norm.allocateVectors());
  const isDivided = vectors.length > 1;
  const vectorsAt = (index: number): PartVectors => {
    const found = vectors[index];
    if (!found) throw new RangeError(`${name} has no part ${index}`);
    return found;
  };
  const whole: ChannelStatistics = isDivided
    ? { mean: arena.allocateFloats(columns), variance: arena.allocateFloats(columns) }
    : vectorsAt(0);
  const constantScale = arena.allocateFloats(columns);
  const affine: Affine = { gamma: parameters.weights(`${name}.weight`), beta: parameters.weights(`${name}.bias`) };
  const gradients: Affine = {
    gamma: parameters.gradients(`${name}.weight`),
    beta: parameters.gradients(`${name}.bias`),
  };
  const partGradients: Affine =
    isDivided && op.affine
      ? { gamma: arena.allocateFloats(columns), beta: arena.allocateFloats(columns) }
      : { gamma: 0, beta: 0 };
  const renorm =
    op.statistics?.rule === "renorm"
      ? createRenorm(op.statistics, { arena, channels, columns, epsilon: op.epsilon, running: state.running, affine })
      : null;
  let lastMode: StatisticsMode = "train";

  const usesBatch = (mode: StatisticsMode): boolean => mode === "train" || mode === "batch" || !op.trackRunningStats;

  const statisticsFor = (mode: StatisticsMode): ChannelStatistics =>
    mode === "population" ? state.population : state.running;

  const constants = (mode: StatisticsMode): PartVectors => ({
    ...statisticsFor(mode),
    residue: 0,
    scale: constantScale,
  });

  const updateRunning = (part: Part, { mean, variance }: ChannelStatistics): void => {
    state.batchesTracked += 1n;
    const updateWeight = op.runningStatsUpdateWeight ?? 1 / Number(state.batchesTracked);
    const n = samplesPerChannel(input, part.count);
    const factor = op.runningVarianceEstimator === "unbiased" ? n / (n - 1) : 1;
    kernels.updateRunning({
      channels,
      weight: updateWeight,
      varianceFactor: factor,
      mean,
      variance,
      runningMean: state.running.mean,
      runningVariance: state.running.variance,
    });
    if (state.replays === null) return;
    kernels.updateReplays({ channels, varianceFactor: factor, mean, variance, ...state.replays });
  };

  const parts = (count: number): NormalizedPart[] =>
    partsOf(count, size).map((part, index) => ({
      ...part,
      call: 0,
      input,
      own: vectorsAt(index),
      used: renorm?.effective ?? vectorsAt(index),
    }));

  const forwardOverBatch = (mode: StatisticsMode, count: number): void => {
    partsOf(count, size).forEach((part, index) => {
      const own = vectorsAt(index);
      norm.takeStatistics(part, own);
      norm.normalize(part, own, renorm ? renorm.correct(own, Number(state.batchesTracked)) : affine);
      if (mode === "train" && op.trackRunningStats) updateRunning(part, own);
    });
    if (isDivided) poolStatistics({ arena, channels, parts: parts(count), whole });
  };

  const backwardOverBatch = (count: number): void => {
    partsOf(count, size).forEach((part, index) => {
      const target = index === 0 ? gradients : partGradients;
      norm.backward(part, vectorsAt(index), true, target);
      if (index === 0 || !op.affine) return;
      kernels.accumulate({ sums: gradients.gamma, values: target.gamma, count: columns });
      kernels.accumulate({ sums: gradients.beta, values: target.beta, count: columns });
    });
    renorm?.correctGradient(gradients);
  };

  return {
    name,
    op,
    input,
    batchStatistics: whole,
    state,
    calls: 1,
    statisticsFor,
    parts,
    forward: (mode, count) => {
      lastMode = mode;
      if (usesBatch(mode)) forwardOverBatch(mode, count);
      else norm.normalize({ first: 0, count }, constants(mode), affine);
    },
    backward: (count) => {
      if (!context.outputGradient) return;
      if (usesBatch(lastMode)) backwardOverBatch(count);
      else norm.backward({ first: 0, count }, constants(lastMode), false, gradients);
    },
  };
}
