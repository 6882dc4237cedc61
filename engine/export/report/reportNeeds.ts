/**
 * The curves that the views draw of one run, as a report contains them. A test compares this list with what the views
 * ask for.
 */
import type { SeriesNeed } from "../../protocol/series";

/** Of the run itself. */
export const runNeeds: readonly SeriesNeed[] = [
  { kind: "loss", columns: ["loss"], edges: ["last", "minimum", "maximum"], layers: "run" },
  {
    kind: "eval",
    columns: ["batchAccuracy", "runningAccuracy", "populationAccuracy", "runningLoss", "populationLoss"],
    edges: ["last"],
    layers: "run",
  },
  {
    kind: "outputGap",
    columns: ["flipShare", "flipShareWithPopulation", "probabilityShift", "probabilityShiftWithPopulation"],
    edges: ["last"],
    layers: "run",
  },
];

/** Of a run that stands beside others: its scores, and its clock, by which runs are aligned. */
export const comparedNeeds: readonly SeriesNeed[] = [
  ...runNeeds.filter(({ kind }) => kind !== "outputGap"),
  { kind: "loss", columns: ["seconds"], edges: ["last"], layers: "run" },
];

/** Of every layer. */
export const layerNeeds: readonly SeriesNeed[] = [
  { kind: "norm", columns: ["mean_shift"], edges: ["last", "maximum"], layers: "all" },
  { kind: "norm", columns: ["variance_ratio"], edges: ["minimum", "maximum"], layers: "all" },
  { kind: "population", columns: ["meanDistance", "varianceDistance"], edges: ["last"], layers: "all" },
  { kind: "gap", columns: ["gap"], edges: ["maximum"], layers: "all" },
  { kind: "activity", columns: ["activation_gradient_norm"], edges: ["last", "maximum"], layers: "all" },
  { kind: "activity", columns: ["dead_share", "saturated_share"], edges: ["last"], layers: "all" },
  { kind: "ranks", columns: ["distance"], edges: ["maximum"], layers: "all" },
];

/** Of layers that a reader can look at one by one. */
export const selectedNeeds: readonly SeriesNeed[] = [
  {
    kind: "norm",
    columns: [
      ...(["batch_mean", "batch_variance", "gamma", "beta"] as const).flatMap(
        (name) => [`${name}.q1`, `${name}.median`, `${name}.q3`] as const,
      ),
      ...(["running_mean", "running_variance"] as const).flatMap(
        (name) => [`${name}.min`, `${name}.median`, `${name}.max`] as const,
      ),
      "gradient_norm",
    ],
    edges: ["last"],
    layers: "selected",
  },
  {
    kind: "norm",
    columns: ["batch_mean.max", "batch_variance.max", "gamma.max", "beta.max"],
    edges: ["maximum"],
    layers: "selected",
  },
  {
    kind: "norm",
    columns: ["batch_mean.min", "batch_variance.min", "gamma.min", "beta.min"],
    edges: ["minimum"],
    layers: "selected",
  },
  { kind: "activity", columns: ["activation_gradient_norm", "batch_f"], edges: ["last"], layers: "selected" },
  {
    kind: "population",
    columns: ["meanMedian", "varianceMedian", "noiseFloor", "varianceNoiseFloor"],
    edges: ["last"],
    layers: "selected",
  },
  { kind: "gap", columns: ["gap", "alone", "noiseFloor"], edges: ["last"], layers: "selected" },
  { kind: "ranks", columns: ["distance", "varianceRatio", "pooledShift"], edges: ["last"], layers: "selected" },
];
