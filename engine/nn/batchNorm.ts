/**
 * Batch normalisation (Ioffe & Szegedy 2015, algorithms 1 and 2; torch.nn.BatchNorm1d/2d):
 * y = γ·(x − μ)/√(σ² + ε) + β per channel, over `[sample]` or `[sample, height, width]`.
 *
 * Training uses the batch's mean and biased variance and moves the running statistics towards them; evaluation uses
 * the running ones. PyTorch's running variance takes the unbiased estimate σ²·n/(n − 1), Keras's the biased one.
 * Without momentum the running statistics are the average over all batches so far; without tracking there are none, and
 * every mode uses its batch's own.
 */
import type { BatchNormOp } from "../protocol/layerOps";
import { type ActivationBuffer, padded, regionOf } from "./activationBuffer";
import type { LayerContext, NetworkLayer, StatisticsMode } from "./layer";
import type { ParameterSpec } from "./parameterSpec";

export function batchNormParameters(name: string, op: BatchNormOp): ParameterSpec[] {
  if (!op.affine) return [];
  const columns = padded(op.numFeatures);
  const vector = (suffix: string): ParameterSpec => ({ name: `${name}.${suffix}`, shape: [op.numFeatures], storedFloats: columns, storedIndex: (index) => index });
  return [vector("weight"), vector("bias")];
}

/** Addresses of per-channel vectors, each `padded(channels)` f32. */
export interface ChannelStatistics {
  readonly mean: number;
  readonly variance: number;
}

/** Statistics that outlive a forward pass: shared by the networks that share a layer's parameters. */
export interface NormState {
  readonly running: ChannelStatistics;
  readonly population: ChannelStatistics;
  /** PyTorch's `num_batches_tracked`. */
  batchesTracked: bigint;
}

export interface BatchNormLayer extends NetworkLayer {
  readonly op: BatchNormOp;
  readonly input: ActivationBuffer;
  readonly batchStatistics: ChannelStatistics;
  readonly state: NormState;
  /** The statistics the given mode normalises with. */
  statisticsFor(mode: StatisticsMode): ChannelStatistics;
}

/** How many values one channel's statistics are taken over. */
export function samplesPerChannel(buffer: ActivationBuffer, count: number): number {
  return count * buffer.height * buffer.width;
}


export function createBatchNorm(op: BatchNormOp, context: LayerContext, state: NormState): BatchNormLayer {
  const { name, arena, parameters, input, output, inputGradient, outputGradient } = context;
  const { kernels } = arena;
  const { columns, channels } = input;
  const vector = (): number => arena.allocateFloats(columns);
  const sums = arena.allocate(columns * 8);
  const productSums = arena.allocate(columns * 8);
  const batchStatistics: ChannelStatistics = { mean: vector(), variance: vector() };
  const scale = vector();
  const shift = vector();
  const residue = vector();
  const slope = vector();
  const offset = vector();
  const gamma = parameters.weights(`${name}.weight`);
  const beta = parameters.weights(`${name}.bias`);
  const epsilon = op.epsilon;
  let lastMode: StatisticsMode = "train";

  const usesBatch = (mode: StatisticsMode): boolean => mode === "train" || mode === "batch" || !op.trackRunningStats;

  const statisticsFor = (mode: StatisticsMode): ChannelStatistics => {
    if (usesBatch(mode)) return batchStatistics;
    return mode === "running" ? state.running : state.population;
  };

  const takeStatistics = (count: number): void => {
    const { images, rows, positions } = regionOf(count, input);
    // The first sample's first position is a value of the data itself: a good shift whatever the mean is.
    kernels.shiftedSums(images, rows, positions, input.base, input.image, input.row, input.position, columns, input.base, sums, productSums);
    kernels.finishStatistics(channels, samplesPerChannel(input, count), input.base, sums, productSums, batchStatistics.mean, residue, batchStatistics.variance);
  };

  const updateRunning = (count: number): void => {
    state.batchesTracked += 1n;
    const updateWeight = op.runningStatsUpdateWeight ?? 1 / Number(state.batchesTracked);
    const n = samplesPerChannel(input, count);
    const factor = op.runningVarianceEstimator === "unbiased" ? n / (n - 1) : 1;
    kernels.updateRunning(channels, updateWeight, factor, batchStatistics.mean, batchStatistics.variance, state.running.mean, state.running.variance);
  };

  const forward = (mode: StatisticsMode, count: number): void => {
    lastMode = mode;
    if (usesBatch(mode)) takeStatistics(count);
    if (mode === "train" && op.trackRunningStats) updateRunning(count);
    const { mean, variance } = statisticsFor(mode);
    const { images, rows, positions } = regionOf(count, input, output);
    kernels.normalizationCoefficients(channels, epsilon, usesBatch(mode) ? residue : 0, variance, gamma, beta, scale, shift);
    kernels.normalize(
      images, rows, positions, input.base, input.image, input.row, input.position,
      output.base, output.image, output.row, output.position, columns, mean, scale, shift,
    );
  };

  const backward = (dy: ActivationBuffer, count: number): void => {
    const { mean, variance } = statisticsFor(lastMode);
    const overBatch = usesBatch(lastMode);
    const sumsRegion = regionOf(count, input, dy);
    kernels.gradientSums(
      sumsRegion.images, sumsRegion.rows, sumsRegion.positions, input.base, input.image, input.row, input.position,
      dy.base, dy.image, dy.row, dy.position, columns, mean, sums, productSums,
    );
    kernels.finishGradients(
      channels, samplesPerChannel(input, count), epsilon, Number(overBatch), overBatch ? residue : 0, variance, scale, sums, productSums,
      parameters.gradients(`${name}.weight`), parameters.gradients(`${name}.bias`), slope, offset,
    );
    if (!inputGradient) return;
    const dx = inputGradient;
    const { images, rows, positions } = regionOf(count, input, dy, dx);
    kernels.inputGradient(
      images, rows, positions, input.base, input.image, input.row, input.position,
      dy.base, dy.image, dy.row, dy.position, dx.base, dx.image, dx.row, dx.position,
      columns, mean, scale, slope, offset,
    );
  };

  return {
    name, op, input, batchStatistics, state, statisticsFor, forward,
    backward: (count) => {
      if (outputGradient) backward(outputGradient, count);
    },
  };
}
