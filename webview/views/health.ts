/** Do gradients reach every layer, and do channels still say something? Gradients, γ and β, and inactive layers. */
import { viewTitles } from "../../engine/protocol/judgement";
import { betaSpread, gammaSpread, gradientHeatStrip, gradientWhen } from "./columns";
import { edgeLine } from "./lines";
import { inactivePart } from "./parts/inactive";
import type { ChartSpec, CurveSpec, Drawing, ViewSpec } from "./viewSpec";

const sides = (narrow: boolean) => ({ axisWidth: 46, labelWidth: narrow ? 96 : 104 });
const selected = { series: "norm", of: "selected" } as const;

const gradients: ChartSpec = {
  id: "gradient",
  unit: "value",
  y: { kind: "log", lowest: 1e-12 },
  sides,
  drawing: (): Drawing => ({
    heading: "Gradient of this layer",
    remark: "Euclidean norm (log scale)",
    title: (layer) => `Gradient norm of ${layer}`,
    curves: [
      {
        series: "activity",
        column: "activation_gradient_norm",
        of: "others",
        line: { name: "other layers", color: "batch", width: 1, alpha: 0.25, label: "none", listed: false },
      },
      {
        series: "activity",
        column: "activation_gradient_norm",
        of: "selected",
        line: { name: "output", color: "running", width: 2.25, label: "value" },
      },
      {
        ...selected,
        column: "gradient_norm",
        line: { name: "γ and β", color: "population", width: 1.75, dash: [6, 4], label: "value" },
      },
    ],
  }),
};

/** The edges of bands come first, so that the line is on top of them. */
const affineCurves = (which: "gamma" | "beta", name: string): CurveSpec[] => [
  { ...selected, column: `${which}.max`, edge: "maximum", line: edgeLine("highest channel") },
  { ...selected, column: `${which}.min`, edge: "minimum", line: edgeLine("lowest channel") },
  { ...selected, column: `${which}.q3`, line: edgeLine("upper quartile") },
  { ...selected, column: `${which}.q1`, line: edgeLine("lower quartile") },
  {
    ...selected,
    column: `${which}.median`,
    line: { name, color: "running", width: 2.25, label: "value" },
  },
];

const bands = [
  { upper: "highest channel", lower: "lowest channel", color: "batch", alpha: 0.14 },
  { upper: "upper quartile", lower: "lower quartile", color: "batch", alpha: 0.24 },
] as const;

const affine = (which: "gamma" | "beta", letter: string, words: string): ChartSpec => ({
  id: which,
  unit: "value",
  y: { kind: "linear" },
  sides,
  drawing: (): Drawing => ({
    heading: `${letter} of this layer`,
    remark: words,
    title: (layer) => `${letter} of ${layer}, over its channels`,
    curves: affineCurves(which, letter),
    bands,
  }),
});

export const health: ViewSpec = {
  id: "health",
  title: viewTitles.health,
  tab: "Health",
  needsBatchNorm: true,
  layout: "stripsAbove",
  widest: 0.5,
  spine: {
    heading: "BN layers from input to output",
    label: "Gradient, γ and β, by layer",
    columns: () => [gradientHeatStrip, gradientWhen, gammaSpread, betaSpread],
    ramps: [{ ramp: "relativeRamp", title: "gradient", from: "10⁻⁴", to: "10⁴ × the last layer’s" }],
    legend: () => [{ swatch: "halfBand", text: "middle half of the channels" }],
  },
  layerLegend: () => [
    { swatch: "otherLine", text: "other layers" },
    { swatch: "allBand", text: "all channels" },
    { swatch: "halfBand", text: "middle half" },
  ],
  charts: [gradients, affine("gamma", "γ", "scale"), affine("beta", "β", "shift")],
  extras: [inactivePart],
};
