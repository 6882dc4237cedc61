/** One layer at one step in all ranks: how far they are apart, and what statistics over all of them would change. */
import type { UpdateWeight } from "../../protocol/records";
import type { RankSample } from "../../protocol/ranks";
import type { FrameValues } from "../numbers/numbersFormat";

/** A `channels` frame by column; undefined where the producer left a column out. */
export type Channels = Partial<Readonly<Record<string, FrameValues>>>;

export interface RankChannels {
  readonly rank: number;
  readonly channels: Channels;
}

/** What is known of the run beside its numbers. */
export interface RankFacts {
  readonly layer: string;
  readonly epsilon: number;
  /** Of one step's update. */
  readonly updateWeight: UpdateWeight;
  /** Whether every rank starts its step from rank 0's statistics. */
  readonly isBroadcast: boolean;
}

export function rankDistance(
  facts: RankFacts,
  step: number,
  first: Channels,
  others: readonly RankChannels[],
): RankSample {
  const apart = others.map(({ rank, channels }) => ({ rank, apart: apartOf(facts, first, channels), channels }));
  const known = apart.filter((entry) => Number.isFinite(entry.apart));
  const worst = known.reduce((a, b) => (b.apart > a.apart ? b : a), known[0] ?? { rank: 0, apart: NaN, channels: {} });
  const shares = others.map(({ channels }) => affineApart(first, channels)).filter(Number.isFinite);
  return {
    layer: facts.layer,
    step,
    rank: worst.rank,
    apart: worst.apart,
    logVarianceRatio: Math.log(medianRatio(worst.channels["running_variance"], first["running_variance"])),
    affineApart: shares.length > 0 ? Math.max(...shares) : Number.NaN,
    ...pooled(facts, first, others),
  };
}

function apartOf({ epsilon }: RankFacts, first: Channels, other: Channels): number {
  const { running_mean: mean, running_variance: variance } = first;
  const otherMean = other["running_mean"];
  if (!mean || !variance || !otherMean) return Number.NaN;
  return rootMeanSquare(mean, (value, at) => ((otherMean[at] ?? NaN) - value) ** 2 / ((variance[at] ?? NaN) + epsilon));
}

/** Channels whose value is not finite say nothing. */
function rootMeanSquare(values: FrameValues, squareOf: (value: number, at: number) => number): number {
  let sum = 0;
  let count = 0;
  for (let at = 0; at < values.length; at++) {
    const square = squareOf(values[at] ?? Number.NaN, at);
    if (!Number.isFinite(square)) continue;
    sum += square;
    count += 1;
  }
  return count === 0 ? Number.NaN : Math.sqrt(sum / count);
}

function medianRatio(values: FrameValues | undefined, over: FrameValues | undefined, epsilon = 0): number {
  if (!values || !over) return Number.NaN;
  const ratios = Array.from(values, (value, at) => (value + epsilon) / ((over[at] ?? Number.NaN) + epsilon));
  const sorted = ratios.filter((ratio) => Number.isFinite(ratio) && ratio > 0).sort((a, b) => a - b);
  const [below, above] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return below === undefined || above === undefined ? Number.NaN : (below + above) / 2;
}

function affineApart(first: Channels, other: Channels): number {
  const pairs = (["gamma", "beta"] as const).flatMap((name) => {
    const [one, two] = [first[name], other[name]];
    return one && two ? [[one, two] as const] : [];
  });
  const channels = pairs[0]?.[0].length ?? 0;
  if (channels === 0) return Number.NaN;
  let differ = 0;
  let known = 0;
  for (let at = 0; at < channels; at++) {
    // NaN is how a producer writes what it does not know.
    const finite = pairs.filter(([one, two]) => Number.isFinite(one[at]) && Number.isFinite(two[at]));
    if (finite.length > 0) known += 1;
    if (finite.some(([one, two]) => one[at] !== two[at])) differ += 1;
  }
  return known === 0 ? Number.NaN : differ / known;
}

interface Pooled {
  readonly pooledShift: number;
  readonly pooledVarianceRatio: number;
}

/** Batches of equal size: the pooled variance is the mean of the variances plus the variance of the means. */
function pooled(facts: RankFacts, first: Channels, others: readonly RankChannels[]): Pooled {
  const { batch_mean: mean, batch_variance: variance } = first;
  const batches = others.map(({ channels }) => batchOf(facts, first, channels));
  const unknown = { pooledShift: Number.NaN, pooledVarianceRatio: Number.NaN };
  if (!mean || !variance || batches.some((batch) => batch === null)) return unknown;
  const all = [{ mean, variance }, ...batches.flatMap((batch) => batch ?? [])];
  const pooledMean = mean.map((_, at) => averageOf(all, (batch) => batch.mean[at]));
  const pooledVariance = mean.map((_, at) => {
    const center = pooledMean[at] ?? Number.NaN;
    return averageOf(all, (batch) => (batch.variance[at] ?? NaN) + ((batch.mean[at] ?? NaN) - center) ** 2);
  });
  const { epsilon } = facts;
  return {
    pooledShift: rootMeanSquare(
      mean,
      (value, at) => ((pooledMean[at] ?? NaN) - value) ** 2 / ((variance[at] ?? NaN) + epsilon),
    ),
    pooledVarianceRatio: medianRatio(pooledVariance, variance, epsilon),
  };
}

interface Batch {
  readonly mean: FrameValues;
  readonly variance: FrameValues;
}

const averageOf = (batches: readonly Batch[], value: (batch: Batch) => number | undefined): number =>
  batches.reduce((sum, batch) => sum + (value(batch) ?? Number.NaN), 0) / batches.length;

/**
 * Another rank's batch: as it wrote it, or read back. Where buffers are broadcast both ranks' updates began from the
 * same statistics, so that their batches are 1/m times as far apart as what they ended with.
 */
function batchOf({ isBroadcast, updateWeight }: RankFacts, first: Channels, other: Channels): Batch | null {
  const { batch_mean: mean, batch_variance: variance } = other;
  if (mean && variance && mean.some(Number.isFinite)) return { mean, variance };
  if (!isBroadcast || typeof updateWeight !== "number" || !(updateWeight > 0)) return null;
  const readBack = (name: "mean" | "variance"): FrameValues | null => {
    const [batch, own, theirs] = [first[`batch_${name}`], first[`running_${name}`], other[`running_${name}`]];
    if (!batch || !own || !theirs) return null;
    return batch.map((value, at) => value + ((theirs[at] ?? NaN) - (own[at] ?? NaN)) / updateWeight);
  };
  const [readMean, readVariance] = [readBack("mean"), readBack("variance")];
  return readMean && readVariance ? { mean: readMean, variance: readVariance } : null;
}
