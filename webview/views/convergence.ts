/** Will it settle? How far running statistics are from population statistics, beside what is only noise. */
import { viewTitles } from "../../engine/protocol/judgement";
import { distanceDumbbell, distanceWhen, updatesLeft } from "./columns";
import { floorLine } from "./lines";
import type { ChartSpec, CurveSpec, Drawing, ViewSpec } from "./viewSpec";

const columns = {
  mean: { distance: "meanDistance", floor: "noiseFloor" },
  variance: { distance: "varianceDistance", floor: "varianceNoiseFloor" },
} as const;

function distanceCurves(which: "mean" | "variance"): CurveSpec[] {
  const { distance, floor } = columns[which];
  return [
    { series: "population", column: floor, of: "selected", line: floorLine },
    {
      series: "population",
      column: distance,
      of: "others",
      line: { name: "other layers", color: "batch", width: 1, alpha: 0.5, label: "none", told: false },
    },
    {
      series: "population",
      column: distance,
      of: "selected",
      line: { name: "this layer", color: "running", width: 2.5, label: "value" },
    },
  ];
}

const frame = {
  y: { kind: "log", least: [0.01, 1], lowest: 1e-4 },
  sides: (narrow: boolean) => ({ axisWidth: 46, labelWidth: narrow ? 112 : 126 }),
} as const;

const mean: ChartSpec = {
  ...frame,
  id: "mean-distance",
  unit: "sigma",
  drawing: (): Drawing => ({
    heading: "Running mean from population mean",
    remark: "σ, log scale",
    title: (layer) => `Distance of the running mean of ${layer} from the population mean`,
    curves: distanceCurves("mean"),
    floor: floorLine.name,
  }),
};

const variance: ChartSpec = {
  ...frame,
  id: "variance-distance",
  unit: "value",
  drawing: (): Drawing => ({
    heading: "Running variance from population variance",
    remark: "in doublings (log2 of their ratio), log scale",
    title: (layer) => `Distance of the running variance of ${layer} from the population variance, in doublings`,
    curves: distanceCurves("variance"),
    floor: floorLine.name,
  }),
};

export const convergence: ViewSpec = {
  id: "convergence",
  title: viewTitles.convergence,
  needsBatchNorm: true,
  layout: "spineFirst",
  widest: 0.55,
  spine: {
    heading: "Distance from population mean, σ",
    label: "Distance of running from population mean by layer",
    columns: () => [distanceDumbbell, distanceWhen, updatesLeft],
    legend: () => [
      { swatch: "firstDot", text: "first" },
      { swatch: "nowDot", text: "now" },
      { swatch: "floor", text: "noise floor" },
    ],
  },
  layerLegend: () => [
    { swatch: "otherLine", text: "other layers" },
    { swatch: "floor", text: "noise floor of this layer" },
  ],
  charts: [mean, variance],
  extras: [],
};
