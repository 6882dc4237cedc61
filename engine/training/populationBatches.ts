/** The batches that population statistics are taken over. */
import type { Dataset } from "../data/dataset";
import { EpochOrder, batchesPerEpoch } from "../data/epochOrder";
import { Random } from "../nn/random";
import type { TrainConfig } from "../protocol/trainConfig";

/** 10³ to 10⁴ samples suffice (Wu & Johnson 2021, section 3.2). */
const POPULATION_BATCHES = 32;

/**
 * Whole batches as training composes them: shuffled ones, or of another order some of one epoch at equal distances. So
 * their spread is the one that running statistics see, and their F statistic shows whether samples fall into batches
 * independently.
 */
export function populationBatches(
  { train }: Dataset,
  { batchSize, seed, order = "shuffled" }: TrainConfig,
): Uint32Array[] {
  const shape = { labels: train.labels, samples: train.count, batchSize };
  const wholeBatches = order === "shuffled" ? 0 : batchesPerEpoch({ ...shape, order });
  // Batches of one class may all be incomplete; population statistics need whole ones.
  if (wholeBatches === 0)
    return shuffledBatches(train.count, { batches: POPULATION_BATCHES, batchSize, seed, label: "population" });
  const epoch = new EpochOrder({ ...shape, seed, order });
  const batches = Array.from({ length: wholeBatches }, () => epoch.nextBatch());
  return atEqualDistances(batches, POPULATION_BATCHES);
}

/** At most `count` of a list, spread over the whole of it. */
export function atEqualDistances<T>(list: readonly T[], count: number): T[] {
  return list.filter(
    (_, index) =>
      list.length <= count ||
      Math.floor((index * count) / list.length) !== Math.floor(((index - 1) * count) / list.length),
  );
}

export interface ShuffledBatches {
  /** At most so many. */
  readonly batches: number;
  readonly batchSize: number;
  readonly seed: number;
  /** What they are drawn for: nothing else draws the same. */
  readonly label: string;
}

/** Whole batches of samples in a separate random order, because data is often sorted by class. */
export function shuffledBatches(samples: number, { batches, batchSize, seed, label }: ShuffledBatches): Uint32Array[] {
  const indices = shuffledIndices(samples, seed, label);
  const count = Math.min(batches, Math.floor(samples / batchSize));
  return Array.from({ length: count }, (_, index) => indices.subarray(index * batchSize, (index + 1) * batchSize));
}

export function shuffledIndices(count: number, seed: number, label: string): Uint32Array {
  const indices = Uint32Array.from({ length: count }, (_, index) => index);
  new Random(seed, label).shuffle(indices);
  return indices;
}
