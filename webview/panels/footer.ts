/**
 * The whole run in 40 pixels: the loss as a shape, the part that the charts show, the pinned step. A click pins a step.
 * The shown part can be dragged, and so can its two ends.
 */
import { html, render } from "lit-html";
import { stepTicks } from "../charts/buildOptions";
import { silhouettePath } from "../marks/silhouette";
import { type PanelModel, lastStep, primaryRun, stepRange } from "../state/panelModel";
import type { Range } from "../state/store";
import { inside, movedBy } from "../state/zooming";
import { div, element, setAttribute, setHidden, setText, span, svg } from "../ui/dom";
import { thousands } from "../ui/format";
import type { PanelContext, PanelPart } from "./context";

const WIDTH_BEFORE_LAYOUT = 300;
/** A press that moves the pointer less than this is a click. */
const LEAST_DRAG_PX = 3;

type Grip = "from" | "to" | "whole";

export class Footer implements PanelPart {
  private readonly shape = svg("path", { class: "silhouette" });
  private readonly window = div("step-window", div("grip grip-from"), div("grip grip-to"));
  private readonly pinLabel = span("footer-pin-label", "");
  private readonly pin = div("footer-pin", this.pinLabel);
  private readonly ticks = div("footer-ticks");
  private readonly strip = div(
    "footer-strip",
    svg(
      "svg",
      { viewBox: "0 0 100 100", preserveAspectRatio: "none", class: "footer-shape", "aria-hidden": "true" },
      this.shape,
    ),
    this.window,
    this.pin,
    this.ticks,
  );
  readonly element = element("footer", {
    className: "footer",
    testId: "footer",
    attributes: { role: "img" },
    children: [span("secondary footer-label", "All steps"), this.strip],
  });
  private length = 1;
  private last = 0;
  private range: Range = [0, 1];
  private drawnShape = "";
  private drawnTicks = "";
  private width = WIDTH_BEFORE_LAYOUT;

  constructor(private readonly context: PanelContext) {
    new ResizeObserver(([entry]) => {
      this.width = entry?.contentRect.width ?? this.width;
      this.drawTicks();
    }).observe(this.strip);
    this.strip.addEventListener("pointerdown", (event) => this.pressed(event));
  }

  update(model: PanelModel): void {
    const run = primaryRun(model);
    if (!run) return;
    this.last = lastStep(model);
    this.length = Math.max(1, run.view.run?.plannedSteps ?? 0, this.last);
    this.range = stepRange(model);
    const [from, to] = this.range;
    this.drawShape(model);
    this.window.style.left = this.share(from);
    this.window.style.width = this.share(to - from);
    const { pinnedStep, zoom } = model.selection;
    this.window.classList.toggle("zoomed", zoom !== null);
    setHidden(this.pin, pinnedStep === null);
    this.pin.style.left = this.share(pinnedStep ?? 0);
    this.pin.classList.toggle("at-end", (pinnedStep ?? 0) > 0.85 * this.length);
    setText(this.pinLabel, pinnedStep === null ? "" : `step ${thousands(pinnedStep)}`);
    this.drawTicks();
    const length = `Whole run: step ${thousands(this.last)} of ${thousands(this.length)}.`;
    setAttribute(this.element, "aria-label", `${length} The charts show steps ${thousands(from)} to ${thousands(to)}.`);
  }

  /** In a zoom, the panel has the curves of that part only, so the shape stays as it was. */
  private drawShape(model: PanelModel): void {
    const loss = primaryRun(model)?.curve("loss", "loss");
    const key = `${loss?.version ?? 0} ${this.length}`;
    if (!loss || model.heldRange !== null || key === this.drawnShape) return;
    this.drawnShape = key;
    this.shape.setAttribute("d", silhouettePath(loss, this.length));
  }

  private share(step: number): string {
    return `${((100 * Math.min(step, this.length)) / this.length).toFixed(2)}%`;
  }

  /** Draws as many as fit. After a run has ended, only a change of the panel's width draws them again. */
  private drawTicks(): void {
    const ticks = stepTicks(0, this.length, this.width);
    const key = ticks.join();
    if (key === this.drawnTicks) return;
    this.drawnTicks = key;
    const labels = ticks.map(
      (step) => html`<span class="axis-mark" .style=${`left: ${this.share(step)}`}>${thousands(step)}</span>`,
    );
    render(labels, this.ticks);
  }

  private pressed(event: PointerEvent): void {
    const { width } = this.strip.getBoundingClientRect();
    const { clientX: startX, target } = event;
    const start = this.range;
    const grip = this.gripAt(target);
    let dragging = false;
    const moved = ({ clientX }: PointerEvent): void => {
      if (!dragging && Math.abs(clientX - startX) < LEAST_DRAG_PX) return;
      dragging = true;
      if (grip) this.drag(grip, start, Math.round(((clientX - startX) / width) * this.length));
    };
    const released = ({ clientX }: PointerEvent): void => {
      this.strip.removeEventListener("pointermove", moved);
      if (!dragging) this.pinAt(clientX);
    };
    this.strip.setPointerCapture(event.pointerId);
    this.strip.addEventListener("pointermove", moved);
    this.strip.addEventListener("pointerup", released, { once: true });
  }

  private gripAt(target: EventTarget | null): Grip | null {
    if (!(target instanceof Element)) return null;
    if (target.classList.contains("grip")) return target.classList.contains("grip-from") ? "from" : "to";
    return target === this.window ? "whole" : null;
  }

  private drag(grip: Grip, [from, to]: Range, steps: number): void {
    const { actions } = this.context.focus;
    if (grip === "whole") actions.zoom(movedBy([from, to], steps, this.last));
    else if (grip === "from") actions.zoom(inside([Math.min(from + steps, to - 1), to], this.last));
    else actions.zoom(inside([from, Math.max(to + steps, from + 1)], this.last));
  }

  private pinAt(clientX: number): void {
    const { left, width } = this.strip.getBoundingClientRect();
    const step = Math.round(((clientX - left) / width) * this.length);
    this.context.focus.actions.pin(Math.max(0, Math.min(this.last, step)));
  }
}
