/** Do running statistics converge? Their distance from population statistics, with the noise floor. */
import { viewTitles } from "../../engine/protocol/judgement";
import { distanceDumbbell, distanceWhen, updatesLeft } from "./distanceColumns";
import { floorLine } from "./lines";
import { momentumReplayPart } from "./parts/momentumReplay";
import { recalibrationPart } from "./parts/recalibration";
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
      line: { name: "other layers", color: "batch", width: 1, alpha: 0.5, label: "none", listed: false },
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
    heading: "Distance of running mean",
    remark: "from population mean, in σ (log scale)",
    title: (layer) => `Distance of the running mean of ${layer} from its population mean`,
    curves: distanceCurves("mean"),
    floor: floorLine.name,
  }),
};

const variance: ChartSpec = {
  ...frame,
  id: "variance-distance",
  unit: "value",
  drawing: (): Drawing => ({
    heading: "Distance of running variance",
    remark: "from population variance, in doublings (log scale)",
    title: (layer) => `Distance of the running variance of ${layer} from its population variance, in doublings`,
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
    label: "Distance of the running mean from the population mean, by layer",
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
  extras: [recalibrationPart, momentumReplayPart],
};
