/** Which layer, since when? Batch statistics against running and population statistics. */
import type { ChartConfig, ChartCurve, LineConfig } from "../charts/chartConfig";
import { type ChartInput, TimeChart } from "../charts/timeChart";
import { div } from "../ui/dom";
import { times, twoDigits } from "../ui/format";
import type { PanelContext } from "./context";
import { type LayerContent, type LayerFrame, whenWord } from "./layerView";
import { LayerTitle, RampLegend, heading, legend } from "./parts";
import { Spine } from "./spine";
import { ratioHeatStrip, shiftHeatStrip, spacer, textColumn } from "./spineColumns";

/** The charts lie under the heat strips and share their edges: these widths are those of the spine's columns. */
const NAME_WIDTH = 150;
const VALUE_WIDTH = 66;
const SPACER_WIDTH = 52;

export class DriftContent implements LayerContent {
  private readonly spine: Spine;
  private readonly mean: TimeChart;
  private readonly variance: TimeChart;
  private readonly title: LayerTitle;
  private readonly shiftRamp = new RampLegend("mean shift", "0.05", "2 σ");
  private readonly ratioRamp = new RampLegend("variance ratio", "⅛", "8×");
  readonly element: HTMLElement;

  constructor(context: PanelContext) {
    this.mean = new TimeChart(context.focus, "batch-mean");
    this.variance = new TimeChart(context.focus, "batch-variance");
    this.title = new LayerTitle(context.actions);
    const value = { track: `${VALUE_WIDTH}px` } as const;
    const shift = textColumn({ ...value, title: () => "σ", text: ({ shift: size }) => twoDigits(size) });
    const ratio = textColumn({ ...value, title: () => "ratio", text: ({ varianceRatio }) => times(varianceRatio) });
    this.spine = new Spine(
      context,
      [
        shiftHeatStrip,
        { ...shift, title: (frame) => `σ ${whenWordOf(frame)}` },
        spacer(`${SPACER_WIDTH}px`),
        ratioHeatStrip,
        ratio,
      ],
      "Mean shift and variance ratio by layer",
    );
    const layer = div("layer-heading", this.title.element, legend(swatches));
    const charts = div(
      "drift-charts",
      div("chart-block mean-block", heading("Mean of the layer’s input"), this.mean.element),
      div("chart-block variance-block", heading("Variance of the layer’s input", "log scale"), this.variance.element),
    );
    const scales = div("legend", this.shiftRamp.element, this.ratioRamp.element, "blank: within the noise floor");
    this.element = div(
      "view drift",
      heading("BN layers, input to output", "", scales),
      this.spine.element,
      layer,
      charts,
    );
  }

  update(frame: LayerFrame): void {
    const { layer, run, model } = frame;
    this.spine.update(frame, layer.name);
    this.title.update(layer, run, model.runs);
    this.shiftRamp.update(frame.theme.offRamp);
    this.ratioRamp.update(frame.theme.signedRamp);
    const asTable = model.selection.showTables;
    this.mean.update({ ...meanInput(frame), theme: frame.theme, asTable });
    this.variance.update({ ...varianceInput(frame), theme: frame.theme, asTable });
  }
}

const whenWordOf = (frame: object): string => ("model" in frame ? whenWord(frame as LayerFrame) : "now");

const swatches = [
  { swatch: "allBand", text: "all channels" },
  { swatch: "halfBand", text: "middle half" },
  { swatch: "batchLine", text: "batch, median channel" },
  { swatch: "runningLine", text: "running, with its range" },
  { swatch: "populationDot", text: "population" },
] as const;

const edge = (name: string, color: LineConfig["color"]): LineConfig => ({
  name,
  color,
  width: 0,
  label: "none",
  told: false,
});

/** The bands' edges first, so that the lines lie on top. */
const lines: readonly LineConfig[] = [
  edge("highest channel", "batch"),
  edge("lowest channel", "batch"),
  edge("upper quartile", "batch"),
  edge("lower quartile", "batch"),
  { ...edge("highest running", "running"), width: 0.75, dash: [2, 2], alpha: 0.7 },
  { ...edge("lowest running", "running"), width: 0.75, dash: [2, 2], alpha: 0.7 },
  { name: "batch", color: "batch", width: 1.5, dash: [2, 2], label: "name" },
  { name: "running", color: "running", width: 2.5, label: "name" },
  { name: "population", color: "population", width: 0, dots: true, label: "name" },
];
const bands = [
  { upper: 0, lower: 1, color: "batch", alpha: 0.14 },
  { upper: 2, lower: 3, color: "batch", alpha: 0.24 },
  { upper: 4, lower: 5, color: "running", alpha: 0.2 },
] as const;

function meanInput({ run, layer: { name }, narrow }: LayerFrame): Pick<ChartInput, "config" | "curves"> {
  const config: ChartConfig = {
    id: "batch-mean",
    title: `Mean of the input of ${name}`,
    unit: "value",
    y: { kind: "linear" },
    lines,
    bands,
    ...sides(narrow, true),
  };
  const curves: ChartCurve[] = [
    run.curve("norm", "batchMeanMax", name, "maximum"),
    run.curve("norm", "batchMeanMin", name, "minimum"),
    run.curve("norm", "batchMeanQ3", name),
    run.curve("norm", "batchMeanQ1", name),
    run.curve("norm", "runningMeanMax", name),
    run.curve("norm", "runningMeanMin", name),
    run.curve("norm", "batchMeanMedian", name),
    run.curve("norm", "runningMeanMedian", name),
    run.curve("population", "meanMedian", name),
  ];
  return { config, curves };
}

function varianceInput({ run, layer: { name }, narrow }: LayerFrame): Pick<ChartInput, "config" | "curves"> {
  const config: ChartConfig = {
    id: "batch-variance",
    title: `Variance of the input of ${name}`,
    unit: "value",
    y: { kind: "log", lowest: 1e-9 },
    lines,
    bands,
    ...sides(narrow, false),
  };
  const curves: ChartCurve[] = [
    run.curve("norm", "batchVarianceMax", name, "maximum"),
    run.curve("norm", "batchVarianceMin", name, "minimum"),
    run.curve("norm", "batchVarianceQ3", name),
    run.curve("norm", "batchVarianceQ1", name),
    run.curve("norm", "runningVarianceMax", name),
    run.curve("norm", "runningVarianceMin", name),
    run.curve("norm", "batchVarianceMedian", name),
    run.curve("norm", "runningVarianceMedian", name),
    run.curve("population", "varianceMedian", name),
  ];
  return { config, curves };
}

function sides(narrow: boolean, first: boolean): { axisWidth: number; labelWidth: number } {
  if (narrow) return { axisWidth: 46, labelWidth: 68 };
  return { axisWidth: first ? NAME_WIDTH : SPACER_WIDTH, labelWidth: VALUE_WIDTH };
}
