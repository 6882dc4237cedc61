/** Is BN the problem? Three accuracies, the loss, one row for every layer, and the findings. */
import { viewTitles } from "../../engine/protocol/judgement";
import { activityNeeds, layerSummary } from "./parts/layerSummary";
import { findingsPart } from "./parts/findings";
import { modelFactsPart } from "./parts/modelFacts";
import { recordingPart } from "./parts/recording";
import { testSamples } from "../state/runWords";
import { smoothedLoss } from "../state/trainingLoss";
import { compareColumn, differenceColumn, gapBars, severityMark, shiftNow, shiftSparkline } from "./columns";
import { batchLine, populationLine, runLine, runningLine } from "./lines";
import type { ChartSpec, CurveSpec, Drawing, ViewFrame, ViewSpec } from "./viewSpec";

const sides = (narrow: boolean) => ({ axisWidth: 46, labelWidth: narrow ? 112 : 126 });
const value = { label: "value" } as const;

const accuracyByRun: Drawing = {
  heading: "Test accuracy with running statistics",
  title: () => "Test accuracy with running statistics, by run",
  curves: [{ series: "eval", column: "runningAccuracy", of: "run", runs: "each", line: runLine }],
};

const accuracyByStatistics: Drawing = {
  heading: "Test accuracy by statistics",
  title: () => "Test accuracy with batch, running and population statistics",
  curves: [
    { series: "eval", column: "batchAccuracy", of: "run", line: { ...batchLine, ...value } },
    { series: "eval", column: "runningAccuracy", of: "run", line: { ...runningLine, ...value } },
    { series: "eval", column: "populationAccuracy", of: "run", line: { ...populationLine, ...value } },
  ],
};

const accuracyWithoutNorm: Drawing = {
  heading: "Test accuracy",
  title: () => "Test accuracy",
  curves: [
    {
      series: "eval",
      column: "runningAccuracy",
      of: "run",
      line: { name: "test", color: "foreground", width: 2, ...value },
    },
  ],
};

const accuracy: ChartSpec = {
  id: "accuracy",
  unit: "percent",
  y: { kind: "fixed", from: 0, to: 1, ticks: [0, 0.25, 0.5, 0.75, 1] },
  sides,
  drawing: ({ runs, normRuns }) =>
    runs > 1 ? accuracyByRun : normRuns > 0 ? accuracyByStatistics : accuracyWithoutNorm,
  aside: samplesWords,
};

/** What the newest accuracy was measured on. */
function samplesWords({ model }: ViewFrame): string {
  const words = model.runs.map((run) => testSamples(run.view, run.valueAt(null, "eval", "samples")));
  return [...new Set(words)].filter((text) => text !== "").join(" and ");
}

/** Every step as a thin line; where one point covers several steps, a band from their lowest to their highest value. */
function rawLoss(color: "foreground" | "run"): CurveSpec[] {
  const line = { color, width: 0.6, alpha: color === "run" ? 0.15 : 0.35, label: "none", listed: false } as const;
  const shared = { series: "loss", column: "loss", of: "run", runs: "each" } as const;
  return [
    { ...shared, edge: "maximum", line: { ...line, name: "highest", dash: [] } },
    { ...shared, edge: "minimum", line: { ...line, name: "lowest", dash: [] } },
  ];
}

const lossBands = [{ upper: "highest", lower: "lowest", color: "foreground", alpha: 0.2 }] as const;
const lossFrame = { heading: "Loss", bands: lossBands } as const;

const lossByRun: Drawing = {
  ...lossFrame,
  title: () => "Training loss, by run",
  curves: [
    ...rawLoss("run"),
    { series: "loss", column: "loss", of: "run", runs: "each", line: runLine, transform: smoothedLoss },
  ],
};

const trainingLoss: CurveSpec = {
  series: "loss",
  column: "loss",
  of: "run",
  line: { name: "training", color: "foreground", width: 1.75, ...value },
  transform: smoothedLoss,
};

const lossByStatistics: Drawing = {
  ...lossFrame,
  title: () => "Loss",
  curves: [
    ...rawLoss("foreground"),
    trainingLoss,
    {
      series: "eval",
      column: "runningLoss",
      of: "run",
      line: { ...runningLine, name: "test, running", width: 1.75, ...value },
    },
    {
      series: "eval",
      column: "populationLoss",
      of: "run",
      line: { ...populationLine, name: "test, popul.", ...value },
    },
  ],
};

const lossWithoutNorm: Drawing = {
  ...lossFrame,
  title: () => "Loss",
  curves: [
    ...rawLoss("foreground"),
    trainingLoss,
    {
      series: "eval",
      column: "runningLoss",
      of: "run",
      line: { name: "test", color: "batch", width: 1.75, dash: [6, 4], ...value },
    },
  ],
};

const loss: ChartSpec = {
  id: "loss",
  unit: "loss",
  y: { kind: "log", lowest: 1e-6, highest: 1e6 },
  sides,
  drawing: ({ runs, normRuns }) => (runs > 1 ? lossByRun : normRuns > 0 ? lossByStatistics : lossWithoutNorm),
  aside: () => "log scale; thin line: every step",
};

export const overview: ViewSpec = {
  id: "overview",
  title: viewTitles.overview,
  needsBatchNorm: false,
  layout: "chartsFirst",
  widest: 0.55,
  spine: {
    heading: "BN layers from input to output",
    label: "BN layers from input to output",
    columns: ({ normRuns }) =>
      normRuns > 1 ? [compareColumn, differenceColumn] : [shiftSparkline, shiftNow, gapBars, severityMark],
    legend: () => [{ swatch: "floor", text: "noise floor" }],
  },
  layerLegend: null,
  charts: [accuracy, loss],
  extras: [recordingPart, modelFactsPart, findingsPart, { place: "spine", needs: activityNeeds, draw: layerSummary }],
};
