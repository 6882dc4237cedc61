/** The columns of each series a panel draws, by name: producer and reader index them through these lists only. */

const lossColumns = ["loss"] as const;
const evalColumns = [
  "runningAccuracy",
  "populationAccuracy",
  "batchAccuracy",
  "runningLoss",
  "populationLoss",
  "batchLoss",
  "samples",
] as const;
const normColumns = [
  "batchMeanMin",
  "batchMeanQ1",
  "batchMeanMedian",
  "batchMeanQ3",
  "batchMeanMax",
  "batchVarianceMin",
  "batchVarianceQ1",
  "batchVarianceMedian",
  "batchVarianceQ3",
  "batchVarianceMax",
  "runningMeanMin",
  "runningMeanMedian",
  "runningMeanMax",
  "runningVarianceMin",
  "runningVarianceMedian",
  "runningVarianceMax",
  "meanShift",
  "varianceRatio",
  "gradientNorm",
] as const;
const populationColumns = [
  "meanMedian",
  "varianceMedian",
  "meanDistance",
  "varianceDistance",
  "noiseFloor",
  "varianceNoiseFloor",
  "shiftNoiseFloor",
] as const;
const gapColumns = ["gap", "alone", "noiseFloor"] as const;
/** Of the network's output: flipped predictions as a share of the probe batch, and moved probability, both modes and with population statistics. */
const outputGapColumns = [
  "flipShare",
  "flipShareWithPopulation",
  "probabilityShift",
  "probabilityShiftWithPopulation",
] as const;

export const seriesColumns = {
  loss: lossColumns,
  eval: evalColumns,
  norm: normColumns,
  population: populationColumns,
  gap: gapColumns,
  outputGap: outputGapColumns,
} as const;

export type SeriesKind = keyof typeof seriesColumns;
/** `loss`, `eval` and `outputGap` belong to the run, the others to one layer. */
export type SeriesKey = "loss" | "eval" | "outputGap" | `${"norm" | "population" | "gap"}/${string}`;

export const kindOfSeries = (key: SeriesKey): SeriesKind =>
  (key.includes("/") ? key.slice(0, key.indexOf("/")) : key) as SeriesKind;
