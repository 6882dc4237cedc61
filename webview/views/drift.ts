/** Which layers drift, and since when? Batch statistics beside running and population statistics. */
import { viewTitles } from "../../engine/protocol/judgement";
import { ratioHeatStrip, ratioNow, shiftHeatStrip, shiftWhen, spacer } from "./columns";
import { edgeLine } from "./lines";
import type { ChartSpec, CurveSpec, Drawing, ViewSpec } from "./viewSpec";

/** The charts are aligned with the heat strips above them, so these are the widths of the spine's columns. */
const NAME_WIDTH = 150;
const VALUE_WIDTH = 66;
const SPACER_WIDTH = 52;

const selected = { series: "norm", of: "selected" } as const;
const runningEdge = { color: "running", width: 0.75, dash: [2, 2], alpha: 0.7 } as const;

/** The edges of bands come first, so that the lines are on top of them. */
const statisticCurves = (which: "mean" | "variance"): CurveSpec[] => [
  { ...selected, column: `batch_${which}.max`, edge: "maximum", line: edgeLine("highest channel") },
  { ...selected, column: `batch_${which}.min`, edge: "minimum", line: edgeLine("lowest channel") },
  { ...selected, column: `batch_${which}.q3`, line: edgeLine("upper quartile") },
  { ...selected, column: `batch_${which}.q1`, line: edgeLine("lower quartile") },
  { ...selected, column: `running_${which}.max`, line: { ...edgeLine("highest running"), ...runningEdge } },
  { ...selected, column: `running_${which}.min`, line: { ...edgeLine("lowest running"), ...runningEdge } },
  {
    ...selected,
    column: `batch_${which}.median`,
    line: { name: "batch", color: "batch", width: 1.5, dash: [2, 2], label: "name" },
  },
  {
    ...selected,
    column: `running_${which}.median`,
    line: { name: "running", color: "running", width: 2.5, label: "name" },
  },
  {
    series: "population",
    column: `${which}Median`,
    of: "selected",
    line: { name: "population", color: "population", width: 0, dots: true, label: "name" },
  },
];

const bands = [
  { upper: "highest channel", lower: "lowest channel", color: "batch", alpha: 0.14 },
  { upper: "upper quartile", lower: "lower quartile", color: "batch", alpha: 0.24 },
  { upper: "highest running", lower: "lowest running", color: "running", alpha: 0.2 },
] as const;

const sides = (first: boolean) => (narrow: boolean) =>
  narrow
    ? { axisWidth: 46, labelWidth: 68 }
    : { axisWidth: first ? NAME_WIDTH : SPACER_WIDTH, labelWidth: VALUE_WIDTH };

const mean: ChartSpec = {
  id: "batch-mean",
  unit: "value",
  y: { kind: "linear" },
  sides: sides(true),
  drawing: (): Drawing => ({
    heading: "Mean of the layer’s input",
    title: (layer) => `Mean of the input of ${layer}`,
    curves: statisticCurves("mean"),
    bands,
  }),
};

const variance: ChartSpec = {
  id: "batch-variance",
  unit: "value",
  y: { kind: "log", lowest: 1e-9 },
  sides: sides(false),
  drawing: (): Drawing => ({
    heading: "Variance of the layer’s input",
    remark: "log scale",
    title: (layer) => `Variance of the input of ${layer}`,
    curves: statisticCurves("variance"),
    bands,
  }),
};

export const drift: ViewSpec = {
  id: "drift",
  title: viewTitles.drift,
  needsBatchNorm: true,
  layout: "stripsAbove",
  widest: 0.5,
  spine: {
    heading: "BN layers from input to output",
    label: "Mean shift and variance ratio, by layer",
    columns: () => [
      shiftHeatStrip,
      shiftWhen(`${VALUE_WIDTH}px`),
      spacer(`${SPACER_WIDTH}px`),
      ratioHeatStrip,
      ratioNow(`${VALUE_WIDTH}px`),
    ],
    ramps: [
      { ramp: "offRamp", title: "mean shift", from: "0.05", to: "2 σ" },
      { ramp: "signedRamp", title: "variance ratio", from: "⅛", to: "8×" },
    ],
    legend: () => [],
    note: "blank: within the noise floor",
  },
  layerLegend: () => [
    { swatch: "allBand", text: "all channels" },
    { swatch: "halfBand", text: "middle half" },
    { swatch: "batchLine", text: "batch, median channel" },
    { swatch: "runningLine", text: "running, with range" },
    { swatch: "populationDot", text: "population" },
  ],
  charts: [mean, variance],
  extras: [],
};
