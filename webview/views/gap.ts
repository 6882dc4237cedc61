/** In which layer does the gap start? The same batch in train and eval mode: layer by layer, and at the output. */
import { viewTitles } from "../../engine/protocol/judgement";
import type { LegendItem } from "../panels/legend";
import { runStyle } from "../state/runStyles";
import { gapHeatStrip, pairedGapBars } from "./columns";
import { flippedSamplesPart } from "./parts/flippedSamples";
import { floorLine, populationLine, runLine, runningLine } from "./lines";
import type { ChartSpec, Drawing, Situation, ViewSpec } from "./viewSpec";

const sides = () => ({ axisWidth: 46, labelWidth: 96 });

const gapOfOne: Drawing = {
  heading: "Gap of this layer",
  remark: "σ",
  title: (layer) => `Train-vs-eval gap of ${layer}`,
  curves: [
    { series: "gap", column: "noiseFloor", of: "selected", line: floorLine },
    {
      series: "gap",
      column: "gap",
      of: "selected",
      line: { name: "network", color: "running", width: 3, alpha: 0.5, label: "value" },
    },
    {
      series: "gap",
      column: "alone",
      of: "selected",
      line: { name: "alone", color: "running", width: 1.75, label: "value" },
    },
  ],
  floor: floorLine.name,
};

const gapByRun: Drawing = {
  heading: "Gap of this layer",
  remark: "σ",
  title: (layer) => `Train-vs-eval gap of ${layer}, by run`,
  curves: [
    { series: "gap", column: "noiseFloor", of: "selected", line: floorLine },
    { series: "gap", column: "gap", of: "selected", runs: "each", line: runLine },
  ],
  floor: floorLine.name,
};

const layerGap: ChartSpec = {
  id: "layer-gap",
  unit: "sigma",
  y: { kind: "linear", least: [0, 0.5] },
  sides,
  drawing: ({ normRuns }) => (normRuns > 1 ? gapByRun : gapOfOne),
};

const share = { unit: "percent", y: { kind: "linear", least: [0, 0.1] }, sides } as const;

const flips: ChartSpec = {
  ...share,
  id: "flips",
  drawing: (): Drawing => ({
    heading: "Predictions that flip",
    remark: "share of the probe batch",
    title: () => "Predictions that flip between train and eval mode",
    curves: [
      { series: "outputGap", column: "flipShare", of: "run", line: { ...runningLine, label: "value" } },
      {
        series: "outputGap",
        column: "flipShareWithPopulation",
        of: "run",
        line: { ...populationLine, name: "popul.", label: "value" },
      },
    ],
  }),
};

const moved: ChartSpec = {
  ...share,
  id: "moved-probability",
  drawing: (): Drawing => ({
    heading: "Change of probability",
    remark: "mean over the probe batch",
    title: () => "Change of the predicted probability between train and eval mode",
    curves: [
      { series: "outputGap", column: "probabilityShift", of: "run", line: { ...runningLine, label: "value" } },
      {
        series: "outputGap",
        column: "probabilityShiftWithPopulation",
        of: "run",
        line: { ...populationLine, name: "popul.", label: "value" },
      },
    ],
  }),
};

function layerLegend({ runs, normRuns }: Situation): LegendItem[] {
  if (normRuns < 2)
    return [
      { swatch: "runningBand", text: "in the network" },
      { swatch: "runningLine", text: "this layer alone" },
      { swatch: "floor", text: "noise floor" },
    ];
  const letters = Array.from({ length: runs }, (_, index): LegendItem => {
    const { color, letter } = runStyle(index);
    return { swatch: color, text: letter };
  });
  return [...letters, { swatch: "floor", text: "noise floor" }];
}

export const gap: ViewSpec = {
  id: "gap",
  title: viewTitles.gap,
  needsBatchNorm: true,
  layout: "stripsAbove",
  widest: 0.5,
  spine: {
    heading: "Gap by layer",
    label: "Train-vs-eval gap, by layer",
    columns: () => [gapHeatStrip, pairedGapBars],
    ramps: [{ ramp: "offRamp", title: "gap", from: "0.1", to: "4 σ" }],
    legend: () => [
      { swatch: "paleBar", text: "in the network" },
      { swatch: "darkBar", text: "this layer alone" },
      { swatch: "floor", text: "noise floor" },
    ],
  },
  layerLegend,
  charts: [layerGap, flips, moved],
  extras: [flippedSamplesPart],
};
