/** Will it settle? How far running statistics are from population statistics, beside what is only noise. */
import type { ChartConfig, ChartCurve, LineConfig } from "../charts/chartConfig";
import { type ChartInput, TimeChart } from "../charts/timeChart";
import { updatesUntil } from "../state/viewVerdicts";
import { div } from "../ui/dom";
import { thousands, twoDigits } from "../ui/format";
import type { PanelContext } from "./context";
import { type LayerContent, type LayerFrame, whenWord } from "./layerView";
import { LayerTitle, heading, legend } from "./parts";
import { Spine } from "./spine";
import { distanceDumbbell, textColumn } from "./spineColumns";

export class ConvergenceContent implements LayerContent {
  private readonly spine: Spine;
  private readonly mean: TimeChart;
  private readonly variance: TimeChart;
  private readonly title: LayerTitle;
  readonly element: HTMLElement;

  constructor(context: PanelContext) {
    this.mean = new TimeChart(context.focus, "mean-distance");
    this.variance = new TimeChart(context.focus, "variance-distance");
    this.title = new LayerTitle(context.actions);
    this.spine = new Spine(
      context,
      [distanceDumbbell, nowColumn, leftColumn],
      "Distance of running from population mean by layer",
    );
    const spineHeading = heading(
      "Distance from population mean, σ",
      "",
      legend([
        { swatch: "firstDot", text: "first" },
        { swatch: "nowDot", text: "now" },
        { swatch: "floor", text: "noise floor" },
      ]),
    );
    const charts = div(
      "panel-column charts-column",
      div(
        "layer-heading",
        this.title.element,
        legend([
          { swatch: "otherLine", text: "other layers" },
          { swatch: "floor", text: "noise floor of this layer" },
        ]),
      ),
      heading("Running mean from population mean", "σ, log scale"),
      this.mean.element,
      heading("Running variance from population variance", "in doublings (log2 of their ratio), log scale"),
      this.variance.element,
    );
    this.element = div("view convergence", div("panel-column layers-column", spineHeading, this.spine.element), charts);
  }

  update(frame: LayerFrame): void {
    this.spine.update(frame, frame.layer.name);
    this.title.update(frame.layer, frame.run, frame.model.runs);
    const shared = { theme: frame.theme, asTable: frame.model.selection.showTables };
    this.mean.update({ ...distanceInput(frame, "mean"), ...shared });
    this.variance.update({ ...distanceInput(frame, "variance"), ...shared });
  }
}

const nowColumn = textColumn({
  title: (frame) => `${"model" in frame ? whenWord(frame as LayerFrame) : "now"}, σ`,
  track: "60px",
  alignEnd: true,
  text: ({ distance }) => twoDigits(distance),
});

const leftColumn = textColumn({
  title: "updates left",
  track: "84px",
  alignEnd: true,
  text: ({ distance, distanceFloor, layer, distanceSeverity }) => {
    const weight = layer.norm.updateWeight;
    if (weight === null || distanceSeverity === "unknown") return "–";
    if (distanceSeverity === "ok") return "settled";
    return `${thousands(updatesUntil(distance, Math.max(0.1, distanceFloor), weight))} more`;
  },
});

const columns = {
  mean: { distance: "meanDistance", floor: "noiseFloor" },
  variance: { distance: "varianceDistance", floor: "varianceNoiseFloor" },
} as const;

function distanceInput(
  { run, layer, narrow }: LayerFrame,
  which: "mean" | "variance",
): Pick<ChartInput, "config" | "curves"> {
  const { distance, floor } = columns[which];
  const others = run.normLayers.filter(({ name }) => name !== layer.name);
  const lines: LineConfig[] = [
    { name: "noise floor", color: "batch", width: 0, label: "none" },
    ...others.map(
      ({ name }): LineConfig => ({ name, color: "batch", width: 1, alpha: 0.5, label: "none", told: false }),
    ),
    { name: "this layer", color: "running", width: 2.5, label: "value" },
  ];
  const curves: ChartCurve[] = [
    run.curve("population", floor, layer.name),
    ...others.map(({ name }) => run.curve("population", distance, name)),
    run.curve("population", distance, layer.name),
  ];
  const config: ChartConfig = {
    id: `${which}-distance`,
    title: `Distance of the running ${which} of ${layer.name} from the population ${which}${which === "mean" ? "" : ", in doublings"}`,
    unit: which === "mean" ? "sigma" : "value",
    y: { kind: "log", least: [0.01, 1], lowest: 1e-4 },
    lines,
    floor: 0,
    axisWidth: 46,
    labelWidth: narrow ? 112 : 126,
  };
  return { config, curves };
}
