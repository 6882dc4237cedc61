/** Where does it start? The same batch through train and eval mode: layer by layer, and in what comes out. */
import type { ChartConfig, LineConfig } from "../charts/chartConfig";
import { type ChartInput, TimeChart } from "../charts/timeChart";
import { div, setHidden } from "../ui/dom";
import type { PanelContext } from "./context";
import { type LayerContent, type LayerFrame, whenWord } from "./layerView";
import { runLines, statisticLines } from "./overviewCharts";
import { LayerTitle, RampLegend, heading, legend } from "./parts";
import { Spine } from "./spine";
import { gapHeatStrip, pairedGapBars } from "./spineColumns";

type Input = Pick<ChartInput, "config" | "curves">;

const layerSwatches = [
  { swatch: "runningBand", text: "in the network" },
  { swatch: "runningLine", text: "this layer alone" },
  { swatch: "floor", text: "noise floor" },
] as const;

const comparedSwatches = [
  { swatch: "runA", text: "A" },
  { swatch: "runB", text: "B" },
  { swatch: "floor", text: "noise floor of A" },
] as const;

export class GapContent implements LayerContent {
  private readonly spine: Spine;
  private readonly layerGap: TimeChart;
  private readonly flips: TimeChart;
  private readonly moved: TimeChart;
  private readonly title: LayerTitle;
  private readonly ramp = new RampLegend("gap", "0.1", "4 σ");
  private readonly oneRun = legend(layerSwatches);
  private readonly twoRuns = legend(comparedSwatches);
  readonly element: HTMLElement;

  constructor(context: PanelContext) {
    this.layerGap = new TimeChart(context.focus, "layer-gap");
    this.flips = new TimeChart(context.focus, "flips");
    this.moved = new TimeChart(context.focus, "moved-probability");
    this.title = new LayerTitle(context.actions);
    const bars = {
      ...pairedGapBars,
      title: (frame: object) => `Gap ${"model" in frame ? whenWord(frame as LayerFrame) : "now"}, σ`,
    };
    this.spine = new Spine(context, [gapHeatStrip, bars], "Train vs eval gap by layer");
    const swatches = legend([
      { swatch: "paleBar", text: "in the network" },
      { swatch: "darkBar", text: "this layer alone" },
      { swatch: "floor", text: "noise floor" },
    ]);
    swatches.prepend(this.ramp.element);
    const spineHeading = heading("Gap by layer", "", swatches);
    const charts = div(
      "gap-charts",
      div("chart-block", div("layer-heading", this.title.element, this.oneRun, this.twoRuns), this.layerGap.element),
      div("chart-block", heading("Predictions that flip", "of the probe batch"), this.flips.element),
      div("chart-block", heading("Probability that moves", "mean over the probe batch"), this.moved.element),
    );
    this.element = div("view gap", spineHeading, this.spine.element, charts);
  }

  update(frame: LayerFrame): void {
    this.spine.update(frame, frame.layer.name);
    this.title.update(frame.layer, frame.run, frame.model.runs);
    this.ramp.update(frame.theme.offRamp);
    const shared = { theme: frame.theme, asTable: frame.model.selection.showTables };
    const compared = comparedRuns(frame);
    setHidden(this.oneRun, compared !== null);
    setHidden(this.twoRuns, compared === null);
    this.layerGap.update({ ...(compared ? comparedInput(frame, compared) : layerInput(frame)), ...shared });
    this.flips.update({ ...outputInput(frame, "flips"), ...shared });
    this.moved.update({ ...outputInput(frame, "moved"), ...shared });
  }
}

/** Both runs, when both have the selected layer. */
function comparedRuns({ model: { runs }, layer }: LayerFrame): LayerFrame["run"][] | null {
  return runs.length === 2 && runs.every(({ normLayers }) => normLayers.some(({ name }) => name === layer.name))
    ? [...runs]
    : null;
}

const gapAxis = { kind: "linear", least: [0, 0.5] } as const;
const sides = { axisWidth: 46, labelWidth: 96 };
const floorLine: LineConfig = { name: "noise floor", color: "batch", width: 0, label: "none" };

function layerInput({ run, layer: { name } }: LayerFrame): Input {
  const lines: LineConfig[] = [
    floorLine,
    { name: "network", color: "running", width: 3, alpha: 0.5, label: "value" },
    { name: "alone", color: "running", width: 1.75, label: "value" },
  ];
  return {
    config: {
      ...sides,
      id: "layer-gap",
      title: `Gap of ${name} between train and eval mode`,
      unit: "sigma",
      y: gapAxis,
      lines,
      floor: 0,
    },
    curves: [run.curve("gap", "noiseFloor", name), run.curve("gap", "gap", name), run.curve("gap", "alone", name)],
  };
}

function comparedInput({ layer: { name } }: LayerFrame, runs: readonly LayerFrame["run"][]): Input {
  const lines: LineConfig[] = [floorLine, ...runLines.map((line): LineConfig => ({ ...line, label: "value" }))];
  const [a] = runs;
  return {
    config: {
      ...sides,
      id: "layer-gap",
      title: `Gap of ${name} in runs A and B`,
      unit: "sigma",
      y: gapAxis,
      lines,
      floor: 0,
    },
    curves: [
      a?.curve("gap", "noiseFloor", name) ?? { x: [], y: [] },
      ...runs.map((run) => run.curve("gap", "gap", name)),
    ],
  };
}

const outputs = {
  flips: {
    id: "flips",
    title: "Predictions that flip between train and eval mode",
    running: "flipShare",
    population: "flipShareWithPopulation",
  },
  moved: {
    id: "moved-probability",
    title: "Probability that moves between train and eval mode",
    running: "probabilityShift",
    population: "probabilityShiftWithPopulation",
  },
} as const;

function outputInput({ run }: LayerFrame, which: keyof typeof outputs): Input {
  const { id, title, running, population } = outputs[which];
  const lines: LineConfig[] = [
    { ...statisticLines.running, label: "value" },
    { ...statisticLines.population, name: "popul.", label: "value" },
  ];
  const config: ChartConfig = { ...sides, id, title, unit: "percent", y: { kind: "linear", least: [0, 0.1] }, lines };
  return { config, curves: [run.curve("outputGap", running), run.curve("outputGap", population)] };
}
