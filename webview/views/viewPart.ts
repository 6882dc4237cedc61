/** Draws any view from its description: a spine, charts, and what surrounds them. */
import { type TemplateResult, html, nothing, render } from "lit-html";
import { isRecording } from "../../engine/protocol/producers";
import { type ChartCurve, otherAxis } from "../charts/chartConfig";
import { TimeChart } from "../charts/timeChart";
import { type ChartAxes, chartMenu, ownAxes } from "../panels/chartMenu";
import type { PanelContext, Surroundings } from "../panels/context";
import { legend, ramp } from "../panels/legend";
import { layerTitle } from "../panels/layerTitle";
import { Spine } from "../panels/spine";
import { type PanelModel, primaryRun, selectedLayer, stepRange } from "../state/panelModel";
import { runStyle } from "../state/runStyles";
import { runName } from "../state/runWords";
import { fileName } from "../ui/format";
import { div, setHidden } from "../ui/dom";
import { chartInput, situationOf } from "./drawChart";
import { emptyView, noLayers } from "./parts/withoutLayers";
import type { ChartSpec, ExtraPart, Situation, SpineSpec, ViewFrame, ViewSpec } from "./viewSpec";

interface ChartBlock {
  readonly spec: ChartSpec;
  readonly chart: TimeChart;
  readonly heading: HTMLElement;
  readonly element: HTMLElement;
  axes: ChartAxes;
}

export class ViewPart {
  private readonly charts: readonly ChartBlock[];
  private readonly spineHeading = div("spine-heading-row");
  private readonly spinePlace = div("spine-place");
  private readonly layer = div("layer-heading");
  private readonly extras: Readonly<Record<ExtraPart["place"], HTMLElement>> = {
    charts: div("extras"),
    spine: div("extras"),
  };
  private readonly empty = div("view-empty");
  private readonly content: HTMLElement;
  private spine: { readonly spine: Spine; readonly comparing: boolean } | null = null;
  readonly element: HTMLElement;

  constructor(
    private readonly spec: ViewSpec,
    private readonly context: PanelContext,
  ) {
    this.charts = spec.charts.map((chart) => this.chartBlock(chart));
    const charts = div("charts-area", ...this.charts.map(({ element }) => element), this.extras.charts);
    const spine = div("spine-area", this.spineHeading, this.spinePlace, this.extras.spine);
    this.content = div(`view ${spec.layout} view-${spec.id}`, spine, this.layer, charts);
    this.element = div("view-frame", this.content, this.empty);
    setHidden(this.layer, spec.layerLegend === null);
  }

  update(model: PanelModel, surroundings: Surroundings): void {
    const run = primaryRun(model);
    if (!run) return;
    const blocked = this.spec.needsBatchNorm && !run.hasBatchNorm;
    setHidden(this.content, blocked);
    // Before the run record it is unknown whether there is BN.
    render(blocked && run.view.run ? emptyView(this.spec.title, run) : nothing, this.empty);
    if (blocked) return;
    const layer = selectedLayer(run, model.selection);
    this.draw({ ...surroundings, model, run, layer, range: stepRange(model) });
  }

  private draw(frame: ViewFrame): void {
    const situation = situationOf(frame.model);
    const { showTables } = frame.model.selection;
    this.drawSpine(frame, situation);
    this.drawLayer(frame, situation);
    for (const block of this.charts) {
      const { spec, chart, heading, element } = block;
      const input = chartInput(spec, frame, block.axes);
      const hasNothing = isUnknown(frame, input.curves);
      setHidden(element, hasNothing);
      if (hasNothing) continue;
      render(chartHeading(spec, frame, situation, this.menuOf(block, frame)), heading);
      chart.update({ ...input, theme: frame.theme, asTable: showTables });
    }
    for (const place of ["charts", "spine"] as const) {
      const drawn = this.spec.extras.filter((extra) => extra.place === place);
      render(
        drawn.map((extra) => extra.draw(frame, this.context.actions)),
        this.extras[place],
      );
    }
  }

  private drawSpine(frame: ViewFrame, situation: Situation): void {
    if (this.spec.spine) this.drawSpineOf(this.spec.spine, frame, situation);
  }

  private drawSpineOf(spec: SpineSpec, frame: ViewFrame, situation: Situation): void {
    const { hasBatchNorm, view } = frame.run;
    setHidden(this.spinePlace, !hasBatchNorm);
    render(
      hasBatchNorm ? headingOfSpine(spec, frame, situation) : view.run ? noLayers(frame.run) : nothing,
      this.spineHeading,
    );
    if (!hasBatchNorm) return;
    const comparing = situation.normRuns > 1;
    if (this.spine?.comparing !== comparing) {
      this.spine?.spine.destroy();
      const spine = new Spine(this.context, spec.columns(situation), spec.label);
      this.spinePlace.replaceChildren(spine.element);
      this.spine = { spine, comparing };
    }
    this.spine.spine.update(frame);
  }

  private drawLayer({ layer, run, model }: ViewFrame, situation: Situation): void {
    const { layerLegend } = this.spec;
    if (!layerLegend) return;
    const title = layer ? layerTitle({ layer, run, runs: model.runs, actions: this.context.actions }) : nothing;
    render(html`${title}<div class="legend">${legend(layerLegend(situation))}</div>`, this.layer);
  }

  private menuOf(block: ChartBlock, frame: ViewFrame): TemplateResult {
    const { spec, chart, axes } = block;
    const other = otherAxis(spec.y);
    const otherKind = other?.kind === "log" || other?.kind === "linear" ? other.kind : null;
    const ownKind = spec.y.kind === "log" ? "log" : "linear";
    return chartMenu({
      chart,
      axes,
      title: spec.drawing(situationOf(frame.model)).heading,
      name: `${fileName(frame.run.view.run?.source?.path ?? "run").replace(/\.\w+$/, "")}-${spec.id}`,
      otherY: otherKind && (axes.otherY ? ownKind : otherKind),
      choose: (chosen) => {
        block.axes = chosen;
        this.draw(frame);
      },
      save: (file) => this.context.actions.saveFile(file),
    });
  }

  private chartBlock(spec: ChartSpec): ChartBlock {
    const chart = new TimeChart(this.context.focus, spec.id);
    const heading = div("chart-heading");
    return {
      spec,
      chart,
      heading,
      axes: ownAxes,
      element: div(`chart-block block-${spec.id}`, heading, chart.element),
    };
  }
}

/** A recording does not measure everything that our own engine does: a chart that stays empty is left out. */
const isUnknown = ({ model }: ViewFrame, curves: readonly ChartCurve[]): boolean =>
  model.runs.every(({ view }) => isRecording(view.run)) &&
  curves.every(({ y }) => !Array.from(y).some(Number.isFinite));

function headingOfSpine(spec: SpineSpec, { theme, model, run }: ViewFrame, situation: Situation): TemplateResult {
  const { heading, ramps = [], legend: items, note } = spec;
  const one = model.runs.length > 1 && situation.normRuns === 1;
  const whose = one ? `of run ${runStyle(model.runs.indexOf(run)).letter}, ${runName(run.view)}` : "";
  return html`<div class="heading">
    <h2>${heading}</h2>
    <span class="remark">${whose}</span>
    <div class="heading-right legend">
      ${ramps.map((spec) => ramp(spec, theme))}${legend(items(situation))}${note ?? nothing}
    </div>
  </div>`;
}

function chartHeading(
  { drawing, aside }: ChartSpec,
  frame: ViewFrame,
  situation: Situation,
  menu: TemplateResult,
): TemplateResult {
  const { heading, remark = "" } = drawing(situation);
  return html`<div class="heading">
    <h2>${heading}</h2>
    <span class="remark">${remark}</span>
    <div class="heading-right">${aside?.(frame) ?? ""}</div>
    ${menu}
  </div>`;
}
