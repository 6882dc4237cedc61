/** Do the processes of a distributed training agree? The furthest rank against rank 0, and what SyncBN changes. */
import { viewTitles } from "../../engine/protocol/judgement";
import { rankBars, rankHeatStrip, rankSamples, rankVariance } from "./columns";
import type { ChartSpec, CurveSpec, Drawing, ViewSpec } from "./viewSpec";

const sides = () => ({ axisWidth: 46, labelWidth: 112 });

const curve = (column: "distance" | "varianceRatio" | "pooledShift" | "pooledVarianceRatio"): CurveSpec => ({
  series: "ranks",
  column,
  of: "selected",
  line: {
    name: column.startsWith("pooled") ? "SyncBN" : "furthest",
    color: column.startsWith("pooled") ? "population" : "running",
    width: 2.25,
    dots: true,
    label: "value",
  },
});

const distance: ChartSpec = {
  id: "rank-distance",
  unit: "sigma",
  y: { kind: "linear", least: [0, 0.5] },
  sides,
  drawing: (): Drawing => ({
    heading: "Distance from rank 0",
    remark: "mean of the furthest rank, σ",
    title: (layer) => `Distance of the furthest rank from rank 0 in ${layer}`,
    curves: [curve("distance")],
  }),
};

const variance: ChartSpec = {
  id: "rank-variance",
  unit: "value",
  y: { kind: "log", least: [0.5, 2], lowest: 1e-6 },
  sides,
  drawing: (): Drawing => ({
    heading: "Variance against rank 0’s",
    remark: "ratio (log scale)",
    title: (layer) => `Running variance of the furthest rank in ${layer}, as a multiple of rank 0’s`,
    curves: [curve("varianceRatio")],
  }),
};

const pooled: ChartSpec = {
  id: "rank-pooled",
  unit: "sigma",
  y: { kind: "linear", least: [0, 0.5] },
  sides,
  drawing: (): Drawing => ({
    heading: "What SyncBatchNorm would change",
    remark: "rank 0’s batch mean, σ",
    title: (layer) => `How far statistics over all ranks would move the batch mean of rank 0 in ${layer}`,
    curves: [curve("pooledShift")],
  }),
};

export const ranks: ViewSpec = {
  id: "ranks",
  title: viewTitles.ranks,
  needsBatchNorm: true,
  isFor: (runs) => runs.some(({ view }) => (view.run?.ranks ?? 1) > 1),
  layout: "stripsAbove",
  widest: 0.5,
  spine: {
    heading: "BN layers from input to output",
    label: "How far the processes are apart, by layer",
    columns: () => [rankHeatStrip, rankBars, rankVariance, rankSamples],
    ramps: [{ ramp: "offRamp", title: "distance", from: "0.05", to: "2 σ" }],
    legend: () => [{ swatch: "floor", text: "noise floor" }],
    note: "blank: within the noise floor",
  },
  layerLegend: () => [],
  charts: [distance, variance, pooled],
  extras: [],
};
