/**
 * What a population pass adds up: batch statistics of one normalization layer, batch by batch. In a layer that is
 * called several times in a pass each call has its own statistics: the population is their mixture, as the running
 * statistics are, and how far batches are apart is a question for each call by itself.
 */
import { median } from "./channelSummaries";

export interface ChannelVectors {
  readonly mean: Float32Array;
  readonly variance: Float32Array;
}

export class PopulationSums {
  private readonly ofCalls: readonly CallSums[];

  constructor(
    private readonly channels: number,
    epsilon: number,
    calls: number,
  ) {
    this.ofCalls = Array.from({ length: calls }, () => new CallSums(channels, epsilon));
  }

  /** `weight` is 1 for a whole batch, and less for one with fewer samples. */
  add(call: number, { mean, variance }: ChannelVectors, weight: number): void {
    this.ofCalls[call]?.add(mean, variance, weight);
  }

  /** μ = E[μ_B], σ² = E[μ_B² + σ_B²] − μ² over the batches of all calls. */
  writeTo({ mean, variance }: ChannelVectors): void {
    for (let c = 0; c < this.channels; c++) {
      const average = this.average((sums) => sums.mean(c));
      mean[c] = average;
      variance[c] = Math.max(0, this.average((sums) => sums.square(c)) - average ** 2);
    }
  }

  /** The population of one call. */
  ofCall(call: number): ChannelVectors {
    const vectors = { mean: new Float32Array(this.channels), variance: new Float32Array(this.channels) };
    const sums = this.ofCalls[call];
    for (let c = 0; sums !== undefined && c < this.channels; c++) {
      vectors.mean[c] = sums.mean(c);
      vectors.variance[c] = Math.max(0, sums.square(c) - sums.mean(c) ** 2);
    }
    return vectors;
  }

  /**
   * Median over channels of B·Var(μ_B)/E[σ_B²], with B values per channel in a batch; channels that never vary are left
   * out.
   */
  batchF(valuesPerBatch: number): number {
    const ratios = Float64Array.from({ length: this.channels }, (_, c) => {
      const variance = this.average((sums) => sums.variance(c));
      return (valuesPerBatch * this.spreadOfMeans(c)) / variance;
    });
    return median(ratios.filter(Number.isFinite));
  }

  /** Variance over batches of the batch means of one channel. */
  spreadOfMeans(c: number): number {
    return this.average((sums) => sums.spreadOfMeans(c));
  }

  /** Variance over batches of log2 of the batch variances of one channel. */
  spreadOfLogVariances(c: number): number {
    return this.average((sums) => sums.spreadOfLogVariances(c));
  }

  /**
   * What a running statistic's variance is, as a share of the spread between batches, this pass's own error included.
   */
  wanderShare(updateWeight: number): number {
    return updateWeight / (2 - updateWeight) + 1 / this.average((sums) => sums.batches);
  }

  private average(of: (sums: CallSums) => number): number {
    return this.ofCalls.reduce((sum, sums) => sum + of(sums), 0) / this.ofCalls.length;
  }
}

/** The batches of one call. */
class CallSums {
  batches = 0;
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

  /** Mean of the batch means. */
  mean(c: number): number {
    return at(this.means, c) / this.batches;
  }

  /** Mean of the batch variances. */
  variance(c: number): number {
    return at(this.variances, c) / this.batches;
  }

  /** Mean square of the values. */
  square(c: number): number {
    return (at(this.meanSquares, c) + at(this.variances, c)) / this.batches;
  }

  spreadOfMeans(c: number): number {
    return sampleVariance(at(this.means, c), at(this.meanSquares, c), this.batches);
  }

  spreadOfLogVariances(c: number): number {
    return sampleVariance(at(this.logVariances, c), at(this.logVarianceSquares, c), this.batches);
  }
}

const accumulate = (sums: Float64Array, index: number, value: number): void => {
  sums[index] = at(sums, index) + value;
};

const sampleVariance = (sum: number, squares: number, count: number): number =>
  count < 2 ? Number.NaN : Math.max(0, (squares - sum ** 2 / count) / (count - 1));

function at(values: Float32Array | Float64Array, index: number): number {
  const value = values[index];
  if (value === undefined) throw new RangeError(`index ${index} of ${values.length}`);
  return value;
}
