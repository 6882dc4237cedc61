/**
 * The lifecycle of one chart: created again when its config or theme changes, updated with setData when its points
 * change, with setScale when only the visible steps do, and with setSize. The only file that creates a uPlot.
 */
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { Theme } from "../theme";
import { div, element } from "../ui/dom";
import { thousands } from "../ui/format";
import { alignCurves } from "./alignCurves";
import { buildOptions } from "./buildOptions";
import type { ChartConfig, ChartCurve } from "./chartConfig";
import { chartTable } from "./chartTable";
import { PinLine } from "./pinLine";
import type { StepFocus, StepFollower } from "./stepFocus";
import { titledPicture } from "./titledPicture";
import { Tooltip, tooltipRows, tooltipSentence } from "./tooltip";

const KEYS = "Press the arrow keys to move, P to pin the step, Escape to reset.";

export interface ChartInput {
  readonly config: ChartConfig;
  readonly curves: readonly ChartCurve[];
  readonly theme: Theme;
  readonly asTable: boolean;
}

export class TimeChart implements StepFollower {
  readonly element: HTMLElement;
  private readonly plotArea = div("chart-plot");
  private readonly tooltip = new Tooltip();
  private readonly announcement = element("div", {
    className: "visually-hidden",
    attributes: { "aria-live": "polite" },
  });
  private readonly pin = new PinLine();
  private plot: uPlot | null = null;
  private builtFrom = "";
  private drawnPoints = "";
  private drawnPlace = "";
  private input: ChartInput | null = null;
  private pointerInside = false;

  constructor(
    private readonly focus: StepFocus,
    id: string,
  ) {
    this.plotArea.tabIndex = 0;
    this.plotArea.setAttribute("role", "img");
    this.element = element("div", {
      className: "chart",
      testId: `chart-${id}`,
      children: [this.plotArea, this.tooltip.element, this.announcement],
    });
    focus.follow(this);
    new ResizeObserver(() => this.fit()).observe(this.plotArea);
    this.plotArea.addEventListener("keydown", (event) => this.keyPressed(event));
    this.plotArea.addEventListener("blur", () => this.focus.hover(null, null));
  }

  update(input: ChartInput): void {
    this.input = input;
    const { config, curves, asTable } = input;
    this.element.classList.toggle("as-table", asTable);
    if (asTable) {
      this.discardPlot();
      this.element.querySelector("table")?.remove();
      this.element.append(chartTable(config, curves, this.focus.range));
      return;
    }
    this.element.querySelector("table")?.remove();
    this.plotArea.setAttribute("aria-label", this.summary());
    const key = JSON.stringify(config) + input.theme.kind + input.theme.background + input.theme.foreground;
    if (this.plot && key === this.builtFrom) this.refresh(this.plot, input);
    else this.build(key);
  }

  /** What is drawn now, for whoever saves it; null before anything is. */
  get drawn(): (ChartInput & { readonly range: StepFocus["range"] }) | null {
    return this.input && { ...this.input, range: this.focus.range };
  }

  /** As it is on the screen, with its title; null where it is a table, or too small to be drawn. */
  picture(): HTMLCanvasElement | null {
    const { plot, input } = this;
    return plot && input ? titledPicture(plot, input.config.title, input.theme, this.focus) : null;
  }

  private refresh(plot: uPlot, input: ChartInput): void {
    const { range } = this.focus;
    const drawn = pointsKey(input);
    const place = range.join();
    if (drawn !== this.drawnPoints) plot.setData(alignedData(input));
    else if (place !== this.drawnPlace) plot.setScale("x", { min: range[0], max: range[1] });
    else this.pin.place(plot, this.focus);
    this.drawnPoints = drawn;
    this.drawnPlace = place;
  }

  /** Other charts only draw the line at the step; the chart under the pointer also shows its tooltip. */
  hovered(step: number | null, source: StepFollower | null): void {
    const { plot } = this;
    if (!plot || source === this) return;
    const left = step === null ? -10 : plot.valToPos(step, "x");
    plot.setCursor({ left, top: step === null ? -10 : 1 }, false);
    if (step === null) this.tooltip.hide();
  }

  private build(key: string): void {
    const size = this.size();
    if (!this.input || size.width < 40 || size.height < 40) return;
    this.discardPlot();
    const { config, theme } = this.input;
    const options = buildOptions({
      config,
      theme,
      size,
      focus: this.focus,
      cursorMoved: () => this.cursorMoved(),
      dragged: (plot) => this.dragged(plot),
      drawn: (plot) => this.pin.place(plot, this.focus),
    });
    this.plot = new uPlot(options, alignedData(this.input), this.plotArea);
    this.plot.over.prepend(this.pin.element);
    this.builtFrom = key;
    this.drawnPoints = pointsKey(this.input);
    this.drawnPlace = this.focus.range.join();
    this.listenToPointer(this.plot);
  }

  private listenToPointer({ over }: uPlot): void {
    over.addEventListener("pointerenter", () => (this.pointerInside = true));
    over.addEventListener("pointerleave", () => {
      this.pointerInside = false;
      this.tooltip.hide();
      this.focus.hover(null, this);
    });
    over.addEventListener("click", () => this.focus.actions.pin(this.focus.hoveredStep));
    over.addEventListener("wheel", (event) => this.wheelTurned(event), { passive: false });
  }

  private wheelTurned(event: WheelEvent): void {
    if (this.plot) this.focus.wheel(event, stepUnder(this.plot, this.plot.cursor.left ?? 0, this.focus.range));
  }

  private cursorMoved(): void {
    const { plot } = this;
    const left = plot?.cursor.left ?? -1;
    if (!plot || !this.pointerInside || left < 0) return;
    this.showStep(stepUnder(plot, left, this.focus.range));
  }

  private showStep(step: number): void {
    const { plot, input } = this;
    if (!plot || !input) return;
    this.focus.hover(step, this);
    const plotLeft = plot.bbox.left / uPlot.pxRatio;
    this.tooltip.show(
      tooltipRows(input.config, input.curves, step),
      step,
      plotLeft + plot.valToPos(step, "x"),
      plot.width,
    );
  }

  private dragged(plot: uPlot): void {
    const { left, width } = plot.select;
    if (width < 4) return;
    const from = Math.max(0, Math.round(plot.posToVal(left, "x")));
    const to = Math.round(plot.posToVal(left + width, "x"));
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    this.tooltip.hide();
    this.focus.hover(null, null);
    if (to > from) this.focus.actions.zoom([from, to]);
  }

  private keyPressed(event: KeyboardEvent): void {
    const move = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (move !== undefined) this.moveCursor(move);
    else if (event.key === "p" || event.key === "P" || event.key === "Enter")
      this.focus.actions.pin(this.focus.hoveredStep);
    else if (event.key === "Escape") this.focus.actions.reset();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  private moveCursor(move: number): void {
    const { plot, input } = this;
    if (!plot || !input) return;
    const steps = plot.data[0];
    const current = this.focus.hoveredStep ?? this.focus.pinned;
    const at = current === null ? steps.length : plot.valToIdx(current) + move;
    const step = steps[Math.max(0, Math.min(steps.length - 1, at))];
    if (step === undefined) return;
    plot.setCursor({ left: plot.valToPos(step, "x"), top: 1 }, false);
    this.showStep(step);
    this.announcement.textContent = tooltipSentence(input.config, input.curves, step);
  }

  private summary(): string {
    const { input, focus } = this;
    if (!input) return "";
    const [from, to] = focus.range;
    const now = tooltipSentence(input.config, input.curves, to);
    return `${input.config.title}, steps ${thousands(from)} to ${thousands(to)}. ${now}. ${KEYS}`;
  }

  private fit(): void {
    const size = this.size();
    if (size.width < 40 || size.height < 40) return;
    if (!this.plot) {
      if (this.input && !this.input.asTable) this.update(this.input);
    } else if (this.plot.width !== size.width || this.plot.height !== size.height) this.plot.setSize(size);
  }

  private size(): { width: number; height: number } {
    return { width: Math.floor(this.plotArea.clientWidth), height: Math.floor(this.plotArea.clientHeight) };
  }

  private discardPlot(): void {
    this.plot?.destroy();
    this.plot = null;
    this.builtFrom = "";
    this.tooltip.hide();
  }
}

function alignedData({ config, curves }: ChartInput): uPlot.AlignedData {
  const { x, columns } = alignCurves(curves, { positiveOnly: config.y.kind === "log" });
  return [x, ...columns];
}

/** Two inputs with the same key show the same points. */
const pointsKey = ({ curves }: ChartInput): string => curves.map(({ version }) => version).join();

/** The step itself, not the nearest point: between two probes the tooltip shows what was known at that step. */
function stepUnder(plot: uPlot, left: number, [from, to]: readonly [number, number]): number {
  return Math.max(from, Math.min(to, Math.round(plot.posToVal(left, "x"))));
}
