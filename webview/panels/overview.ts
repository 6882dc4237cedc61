/** Is it BN? Three accuracies, the loss, and every layer in one row. */
import { TimeChart } from "../charts/timeChart";
import { type PanelModel, primaryRun, selectedLayerOf, stepRange } from "../state/panelModel";
import { layerReadings } from "../state/layerReadings";
import type { RunModel } from "../state/runModel";
import { testImages } from "../state/triage";
import { div, element, replaceWhen, setHidden, setText } from "../ui/dom";
import { sigma, thousands, times, twoDigits } from "../ui/format";
import type { PanelContext, PanelPart, Surroundings } from "./context";
import { accuracyInput, lossInput } from "./overviewCharts";
import { LayerTitle, heading, legend, setRemark } from "./parts";
import { Spine } from "./spine";
import { compareDumbbell, gapBars, severityMark, shiftSparkline, textColumn } from "./spineColumns";

export class Overview implements PanelPart {
  private readonly accuracy: TimeChart;
  private readonly loss: TimeChart;
  private readonly spine: Spine;
  private readonly comparison: Spine;
  private readonly accuracyHeading = heading("Accuracy by the statistics used");
  private readonly lossHeading = heading("Loss", "", "log scale, thin line: each step");
  private readonly spineHeading = heading(
    "BN layers, input to output",
    "",
    legend([{ swatch: "floor", text: "noise floor" }]),
  );
  private readonly performance = element("div", { className: "caption", testId: "model-facts" });
  private readonly title: LayerTitle;
  private readonly layerWords = element("p", { className: "secondary layer-words" });
  private readonly noLayers: HTMLElement;
  private readonly layers: HTMLElement;
  readonly element: HTMLElement;

  constructor(context: PanelContext) {
    this.accuracy = new TimeChart(context.focus, "accuracy");
    this.loss = new TimeChart(context.focus, "loss");
    this.title = new LayerTitle(context.actions);
    const now = textColumn({ title: "now, σ", track: "52px", alignEnd: true, text: ({ shift }) => twoDigits(shift) });
    this.spine = new Spine(context, [shiftSparkline, now, gapBars, severityMark], "BN layers, input to output");
    this.comparison = new Spine(context, [compareDumbbell, bAgainstA], "BN layers of both runs, input to output");
    this.noLayers = buildNoLayers();
    this.layers = div(
      "panel-column layers-column",
      this.spineHeading,
      this.spine.element,
      this.comparison.element,
      div("layer-summary", this.title.element, this.layerWords),
    );
    const left = div(
      "panel-column charts-column",
      this.accuracyHeading,
      this.accuracy.element,
      this.lossHeading,
      this.loss.element,
      this.performance,
    );
    this.element = div("view overview", left, this.layers, this.noLayers);
  }

  update(model: PanelModel, surroundings: Surroundings): void {
    const run = primaryRun(model);
    if (!run) return;
    const asTable = model.selection.showTables;
    const [a, b] = model.runs;
    const compared = a !== undefined && b !== undefined;
    const record = run.view.run;
    setText(
      this.accuracyHeading.querySelector("h2") ?? this.accuracyHeading,
      compared
        ? "Test accuracy with running statistics"
        : run.hasBatchNorm
          ? "Accuracy by the statistics used"
          : "Test accuracy",
    );
    setText(
      this.accuracyHeading.querySelector(".heading-right") ?? this.accuracyHeading,
      [...new Set(model.runs.map(testImages))].join(" and "),
    );
    this.accuracy.update({ ...accuracyInput(model, surroundings.narrow), theme: surroundings.theme, asTable });
    this.loss.update({ ...lossInput(model, surroundings.narrow), theme: surroundings.theme, asTable });
    setText(
      this.performance,
      record
        ? `${thousands(record.parameters)} parameters · ${record.data.name} · ${thousands(record.data.trainSamples)} training images`
        : "",
    );
    setHidden(
      this.noLayers,
      run.hasBatchNorm || record === null || (b !== undefined && model.runs.some((one) => one.hasBatchNorm)),
    );
    setHidden(this.layers, !run.hasBatchNorm);
    if (run.hasBatchNorm) this.updateLayers(model, run, surroundings);
  }

  private updateLayers(model: PanelModel, run: RunModel, surroundings: Surroundings): void {
    const { selection } = model;
    const readings = layerReadings(run, selection.pinnedStep);
    const other = model.runs.find((one) => one !== run && one.hasBatchNorm);
    const layer = selectedLayerOf(run, selection);
    const frame = { ...surroundings, run, readings, range: stepRange(model) };
    setHidden(this.spine.element, other !== undefined);
    setHidden(this.comparison.element, other === undefined);
    if (other) {
      const others = new Map(
        layerReadings(other, selection.pinnedStep).map((reading) => [reading.layer.name, reading]),
      );
      this.comparison.update({ ...frame, others }, layer?.name);
    } else this.spine.update(frame, layer?.name);
    const which =
      model.runs.length > 1 && !other ? `of run ${run === model.runs[0] ? "A" : "B"}, ${run.view.run?.name ?? ""}` : "";
    setRemark(this.spineHeading, which);
    this.title.update(layer, run, model.runs);
    const reading = readings.find((one) => one.layer.name === layer?.name);
    if (!reading) return;
    const words = [
      `Mean shift ${sigma(reading.shift)}, variance ${times(reading.varianceRatio)} its running value.`,
      `Running mean ${sigma(reading.distance)} from the population mean (noise floor ${sigma(reading.distanceFloor)}).`,
      `Gap ${sigma(reading.gap)} in the network, ${sigma(reading.alone)} by this layer alone (noise floor ${sigma(reading.gapFloor)}).`,
    ];
    replaceWhen(this.layerWords, words.join(), () =>
      words.map((text) => element("span", { className: "sentence", text: `${text} ` })),
    );
  }
}

function buildNoLayers(): HTMLElement {
  return div(
    "panel-column no-layers",
    heading("BN layers"),
    element("p", { text: "None: there are no batch or running statistics to follow. Accuracy and loss are complete." }),
    element("p", {
      className: "secondary",
      text: "Compare with BN trains the same model with BN beside this run: same seed, same order of the data.",
    }),
  );
}

const bAgainstA = textColumn({
  title: "B against A",
  track: "90px",
  alignEnd: true,
  text: ({ layer, gap }, { others }) => {
    const other = others?.get(layer.name)?.gap ?? Number.NaN;
    return times(other / gap);
  },
});
