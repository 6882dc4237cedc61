/**
 * The BN instruments: what is measured about normalisation layers between training steps. None of them changes a
 * parameter or a running statistic.
 */
import type { Batch } from "../data/batches";
import type { BatchNormLayer } from "../nn/batchNorm";
import { type ChannelStatistics, samplesPerChannel } from "../nn/channelNorm";
import type { Network } from "../nn/network";
import type { PopulationLayer, WrittenRecord } from "../protocol/records";
import { finiteOrNull, median, quantilesOf, rootMeanSquare } from "./channelSummaries";
import type { TrainingSession } from "./session";

/** Copies of the running statistics, one entry per normalisation layer in forward order. */
export type RunningSnapshot = readonly { readonly mean: Float32Array; readonly variance: Float32Array }[];

export function snapshotRunning(session: TrainingSession): RunningSnapshot {
  return session.norms.map((norm) => ({
    mean: session.channelVector(norm, norm.state.running.mean).slice(),
    variance: session.channelVector(norm, norm.state.running.variance).slice(),
  }));
}

/**
 * Population statistics: forward passes over `batches` with the weights fixed, per channel
 * μ = E[μ_B], σ² = E[μ_B² + σ_B²] − μ² (Wu & Johnson 2021, section 3). They stay in the layers for `population` mode.
 *
 * The noise floor is measured, not computed from B·H·W: √(m/(2 − m)) times the spread of the batch means seen here,
 * plus the error of this pass itself (the spread over √batches), both in σ.
 */
export async function populationPass(
  session: TrainingSession,
  batches: AsyncIterable<Batch>,
): Promise<{ samples: number; layers: PopulationLayer[] }> {
  const sums = session.norms.map((norm) => new PopulationSums(norm.input.channels, norm.op.epsilon));
  let samples = 0;
  let batchCount = 0;
  for await (const batch of batches) {
    session.forwardLoss(session.network, "batch", batch);
    samples += batch.count;
    batchCount += 1;
    session.norms.forEach((norm, index) => {
      // Parts of a batch (ghost batch normalisation) move the running statistics one by one, so they are batches here.
      const parts = norm.parts(batch.count);
      for (const { count, own } of parts) {
        const { mean, variance } = vectorsOf(session, norm, own);
        sums[index]?.add(mean, variance, count / (parts[0]?.count ?? count));
      }
    });
  }
  const layers = session.norms.map((norm, index) => {
    const population = vectorsOf(session, norm, norm.state.population);
    sums[index]?.writeTo(population.mean, population.variance);
    return {
      ...populationLayer(session, norm, sums[index]),
      batchF: finiteOrNull(
        sums[index]?.batchF((samples / batchCount) * norm.input.height * norm.input.width) ?? Number.NaN,
      ),
    };
  });
  return { samples, layers };
}

class PopulationSums {
  private batches = 0;
  private readonly means: Float64Array;
  private readonly meanSquares: Float64Array;
  private readonly variances: Float64Array;
  private readonly logVariances: Float64Array;
  private readonly logVarianceSquares: Float64Array;

  constructor(
    channels: number,
    private readonly epsilon: number,
  ) {
    const vector = (): Float64Array => new Float64Array(channels);
    [this.means, this.meanSquares, this.variances, this.logVariances, this.logVarianceSquares] = [
      vector(),
      vector(),
      vector(),
      vector(),
      vector(),
    ];
  }

  /** `weight` is 1 for a whole batch, and less for one with fewer samples. */
  add(mean: Float32Array, variance: Float32Array, weight: number): void {
    this.batches += weight;
    for (let c = 0; c < mean.length; c++) {
      const logVariance = Math.log2(at(variance, c) + this.epsilon);
      accumulate(this.means, c, weight * at(mean, c));
      accumulate(this.meanSquares, c, weight * at(mean, c) ** 2);
      accumulate(this.variances, c, weight * at(variance, c));
      accumulate(this.logVariances, c, weight * logVariance);
      accumulate(this.logVarianceSquares, c, weight * logVariance ** 2);
    }
  }

  /**
   * Median over channels of B·Var(μ_B)/E[σ_B²], with B values per channel in a batch; channels that never vary are left
   * out.
   */
  batchF(valuesPerBatch: number): number {
    const ratios = Float64Array.from(
      this.variances,
      (sum, c) => (valuesPerBatch * this.spreadOfMeans(c) * this.batches) / sum,
    );
    return median(ratios.filter(Number.isFinite));
  }

  writeTo(mean: Float32Array, variance: Float32Array): void {
    for (let c = 0; c < mean.length; c++) {
      const average = at(this.means, c) / this.batches;
      mean[c] = average;
      variance[c] = Math.max(0, (at(this.meanSquares, c) + at(this.variances, c)) / this.batches - average ** 2);
    }
  }

  /** Variance over batches of the batch means of one channel. */
  spreadOfMeans(c: number): number {
    return sampleVariance(at(this.means, c), at(this.meanSquares, c), this.batches);
  }

  /** Variance over batches of log2 of the batch variances of one channel. */
  spreadOfLogVariances(c: number): number {
    return sampleVariance(at(this.logVariances, c), at(this.logVarianceSquares, c), this.batches);
  }

  /**
   * What a running statistic's variance is, as a share of the spread between batches, this pass's own error included.
   */
  wanderShare(updateWeight: number): number {
    return updateWeight / (2 - updateWeight) + 1 / this.batches;
  }
}

const accumulate = (sums: Float64Array, index: number, value: number): void => {
  sums[index] = at(sums, index) + value;
};

const sampleVariance = (sum: number, squares: number, count: number): number =>
  count < 2 ? Number.NaN : Math.max(0, (squares - sum ** 2 / count) / (count - 1));

function populationLayer(
  session: TrainingSession,
  norm: BatchNormLayer,
  sums: PopulationSums | undefined,
): Omit<PopulationLayer, "batchF"> {
  if (!sums) throw new Error(`${norm.name} has no population sums`);
  const { mean, variance } = vectorsOf(session, norm, norm.state.population);
  const running = vectorsOf(session, norm, norm.state.running);
  const { epsilon } = norm.op;
  const channels = mean.length;
  const sigma = (c: number): number => Math.sqrt(at(variance, c) + epsilon);
  // An average over all batches varies as the exponential one does whose weight has the same variance.
  const updateWeight = norm.op.runningStatsUpdateWeight ?? 2 / (Number(norm.state.batchesTracked) + 1);
  const share = sums.wanderShare(updateWeight);
  const shiftShare = 1 + updateWeight / (2 - updateWeight);
  return {
    layer: norm.name,
    mean: quantilesOf(mean),
    variance: quantilesOf(variance),
    meanDistance: finiteOrNull(rootMeanSquare(channels, (c) => (at(running.mean, c) - at(mean, c)) / sigma(c))),
    varianceDistance: finiteOrNull(
      rootMeanSquare(channels, (c) => Math.log2((at(running.variance, c) + epsilon) / (at(variance, c) + epsilon))),
    ),
    noiseFloor: finiteOrNull(rootMeanSquare(channels, (c) => Math.sqrt(share * sums.spreadOfMeans(c)) / sigma(c))),
    shiftNoiseFloor: finiteOrNull(
      rootMeanSquare(channels, (c) => Math.sqrt(shiftShare * sums.spreadOfMeans(c)) / sigma(c)),
    ),
    varianceNoiseFloor: finiteOrNull(rootMeanSquare(channels, (c) => Math.sqrt(share * sums.spreadOfLogVariances(c)))),
  };
}

/**
 * The train-vs-eval gap on one batch: both modes side by side, and again with population statistics, whose gap is
 * the noise floor. Call after `populationPass`.
 */
export function gapProbe(
  session: TrainingSession,
  step: number,
  batch: Batch,
): Extract<WrittenRecord, { type: "gap" }> {
  const { network, observer } = session;
  session.forwardLoss(network, "batch", batch);
  const trained = network.predictions(batch.count);
  session.forwardLoss(observer, "running", batch);
  const evaluated = observer.predictions(batch.count);
  const gaps = layerGaps(session, "running", batch.count);
  const alone = session.norms.map((norm) => gapAlone(session, norm, batch.count));
  session.forwardLoss(observer, "population", batch);
  const withPopulation = observer.predictions(batch.count);
  const floors = layerGaps(session, "population", batch.count);
  const labels = network.predictedLabels(trained);
  return {
    type: "gap",
    step,
    samples: labels.length,
    layers: session.norms.map((norm, index) => ({
      layer: norm.name,
      gap: finiteOrNull(gaps[index] ?? Number.NaN),
      alone: finiteOrNull(alone[index] ?? Number.NaN),
      noiseFloor: finiteOrNull(floors[index] ?? Number.NaN),
    })),
    output: {
      flips: countDifferent(labels, network.predictedLabels(evaluated)),
      flipsWithPopulation: countDifferent(labels, network.predictedLabels(withPopulation)),
      probabilityShift: probabilityShift(network, trained, evaluated),
      probabilityShiftWithPopulation: probabilityShift(network, trained, withPopulation),
      distance: null,
    },
  };
}

/**
 * Per layer: root mean square over channels and samples of x̂(batch mode) − x̂(other mode), each network on its own
 * input.
 */
function layerGaps(session: TrainingSession, mode: "running" | "population", count: number): number[] {
  return session.norms.map((norm, index) => {
    const other = session.observer.norms[index];
    if (!other) throw new Error(`the observer lacks ${norm.name}`);
    const squares = new Float64Array(norm.input.channels);
    for (const part of norm.parts(count)) {
      const differences = session.normalizedSquaredDifference(
        startingAt(norm, part.first),
        part.used,
        startingAt(other, part.first),
        other.statisticsFor(mode),
        part.count,
      );
      differences.forEach((square, c) => accumulate(squares, c, square));
    }
    return rootMeanSquare(squares.length, (c) => Math.sqrt(at(squares, c) / samplesPerChannel(norm.input, count)));
  });
}

/** The layer as seen from a later sample on. */
function startingAt(norm: BatchNormLayer, sample: number): BatchNormLayer {
  return { ...norm, input: { ...norm.input, base: norm.input.base + sample * norm.input.image } };
}

/**
 * The gap a layer would have if its own input were the same in both modes. With μ, σ² of the input, μ_u, a = 1/σ_u what
 * batch modes normalize it with (the same, unless that is corrected) and μ_r, b = 1/σ_r the running statistics it is,
 * per channel, √(σ²(a − b)² + (a(μ − μ_u) − b(μ − μ_r))²); of parts of a batch their root mean square.
 */
function gapAlone(session: TrainingSession, norm: BatchNormLayer, count: number): number {
  const running = vectorsOf(session, norm, norm.state.running);
  const { epsilon } = norm.op;
  const squares = new Float64Array(running.mean.length);
  for (const part of norm.parts(count)) {
    const own = vectorsOf(session, norm, part.own);
    const used = vectorsOf(session, norm, part.used);
    for (let c = 0; c < squares.length; c++) {
      const a = 1 / Math.sqrt(at(used.variance, c) + epsilon);
      const b = 1 / Math.sqrt(at(running.variance, c) + epsilon);
      const shift = a * (at(own.mean, c) - at(used.mean, c)) - b * (at(own.mean, c) - at(running.mean, c));
      accumulate(squares, c, (part.count / count) * (at(own.variance, c) * (a - b) ** 2 + shift ** 2));
    }
  }
  return rootMeanSquare(squares.length, (c) => Math.sqrt(at(squares, c)));
}

const countDifferent = (first: Int32Array, second: Int32Array): number =>
  first.reduce((count, label, index) => count + Number(label !== second[index]), 0);

/**
 * Mean total variation between what two passes predict, 0 when they are equal and 1 when they share nothing: ½ Σ|p − q|
 * of a class distribution, |p − q| of each output that is a probability by itself. Null when outputs are not
 * probabilities.
 */
function probabilityShift({ lossName, output }: Network, first: Float32Array, second: Float32Array): number | null {
  if (lossName === "mse") return null;
  const sum = first.reduce((total, value, index) => total + Math.abs(value - at(second, index)), 0);
  return finiteOrNull(lossName === "bce" ? sum / first.length : sum / 2 / (first.length / output.channels));
}

function vectorsOf(
  session: TrainingSession,
  norm: BatchNormLayer,
  statistics: ChannelStatistics,
): { mean: Float32Array; variance: Float32Array } {
  return {
    mean: session.channelVector(norm, statistics.mean),
    variance: session.channelVector(norm, statistics.variance),
  };
}

function at(values: Float32Array | Float64Array, index: number): number {
  const value = values[index];
  if (value === undefined) throw new RangeError(`index ${index} of ${values.length}`);
  return value;
}
