/**
 * The whole run in 40 pixels: the loss as a shape, the part that the charts show, the pinned step. A click pins a step,
 * and dragging moves it: every view shows that step. The shown part can be dragged, and so can its two ends.
 */
import { html, render } from "lit-html";
import { stepTicks } from "../charts/buildOptions";
import { silhouettePath } from "../marks/silhouette";
import { type PanelModel, lastStep, primaryRun, stepRange } from "../state/panelModel";
import type { Range } from "../state/store";
import { inside, movedBy } from "../state/zooming";
import { picture } from "../ui/icons";
import { div, element, setAttribute, setHidden, setText, span, svg } from "../ui/dom";
import { thousands } from "../ui/format";
import type { PanelContext, PanelPart } from "./context";

const WIDTH_BEFORE_LAYOUT = 300;
/** A press that moves the pointer less than this is a click. */
const LEAST_DRAG_PX = 3;

type Grip = "from" | "to" | "whole" | "step";

/** Shares of the run that a key moves the pinned step by. */
const KEY_SHARES: Readonly<Record<string, number>> = {
  ArrowLeft: -0.01,
  ArrowRight: 0.01,
  PageDown: -0.1,
  PageUp: 0.1,
  Home: -1,
  End: 1,
};

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
  private readonly player = div("footer-player");
  readonly element = element("footer", {
    className: "footer",
    testId: "footer",
    children: [this.player, this.strip],
  });
  private length = 1;
  private last = 0;
  private range: Range = [0, 1];
  private pinned: number | null = null;
  private isZoomed = false;
  private drawnShape = "";
  private drawnTicks = "";
  private width = WIDTH_BEFORE_LAYOUT;

  constructor(private readonly context: PanelContext) {
    new ResizeObserver(([entry]) => {
      this.width = entry?.contentRect.width ?? this.width;
      this.drawTicks();
    }).observe(this.strip);
    this.strip.tabIndex = 0;
    this.strip.dataset["testid"] = "scrub";
    setAttribute(this.strip, "role", "slider");
    setAttribute(this.strip, "aria-label", "Step");
    setAttribute(this.strip, "aria-valuemin", "0");
    this.strip.addEventListener("pointerdown", (event) => this.pressed(event));
    this.strip.addEventListener("keydown", (event) => this.keyPressed(event));
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
    this.pinned = pinnedStep;
    this.isZoomed = zoom !== null;
    this.window.classList.toggle("zoomed", zoom !== null);
    setHidden(this.pin, pinnedStep === null);
    this.pin.style.left = this.share(pinnedStep ?? 0);
    this.pin.classList.toggle("at-end", (pinnedStep ?? 0) > 0.85 * this.length);
    setText(this.pinLabel, pinnedStep === null ? "" : `step ${thousands(pinnedStep)}`);
    this.drawTicks();
    this.drawPlayer(model.isPlaying);
    const length = `step ${thousands(pinnedStep ?? this.last)} of ${thousands(this.length)}.`;
    setAttribute(this.strip, "aria-valuemax", String(this.last));
    setAttribute(this.strip, "aria-valuenow", String(pinnedStep ?? this.last));
    setAttribute(
      this.strip,
      "aria-valuetext",
      `${length} The charts show steps ${thousands(from)} to ${thousands(to)}.`,
    );
  }

  private drawPlayer(isPlaying: boolean): void {
    const label = isPlaying ? "Stop playing" : "Play through the steps";
    render(
      html`<button
          class="play"
          type="button"
          data-testid="play"
          title=${label}
          aria-label=${label}
          @click=${() => this.context.actions.togglePlaying()}
        >${picture(isPlaying ? "pause" : "resume")}</button
        ><span class="secondary footer-label">All steps</span>`,
      this.player,
    );
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
      if (grip === "step") this.pinAt(clientX);
      else this.drag(grip, start, Math.round(((clientX - startX) / width) * this.length));
    };
    const released = ({ clientX }: PointerEvent): void => {
      this.strip.removeEventListener("pointermove", moved);
      if (!dragging) this.pinAt(clientX);
    };
    this.strip.setPointerCapture(event.pointerId);
    this.strip.addEventListener("pointermove", moved);
    this.strip.addEventListener("pointerup", released, { once: true });
  }

  private gripAt(target: EventTarget | null): Grip {
    if (!(target instanceof Element)) return "step";
    if (target.classList.contains("grip")) return target.classList.contains("grip-from") ? "from" : "to";
    if (this.pin.contains(target)) return "step";
    return target === this.window && this.isZoomed ? "whole" : "step";
  }

  private keyPressed(event: KeyboardEvent): void {
    const share = KEY_SHARES[event.key];
    if (share === undefined) return;
    event.preventDefault();
    const by = event.shiftKey
      ? Math.sign(share)
      : Math.sign(share) * Math.max(1, Math.round(Math.abs(share) * this.last));
    this.pinTo((this.pinned ?? this.last) + by);
  }

  /** Known at once: a held key asks again before the page is drawn. */
  private pinTo(step: number): void {
    this.pinned = Math.max(0, Math.min(this.last, step));
    this.context.focus.actions.pin(this.pinned);
  }

  private drag(grip: Exclude<Grip, "step">, [from, to]: Range, steps: number): void {
    const { actions } = this.context.focus;
    if (grip === "whole") actions.zoom(movedBy([from, to], steps, this.last));
    else if (grip === "from") actions.zoom(inside([Math.min(from + steps, to - 1), to], this.last));
    else actions.zoom(inside([from, Math.max(to + steps, from + 1)], this.last));
  }

  private pinAt(clientX: number): void {
    const { left, width } = this.strip.getBoundingClientRect();
    this.pinTo(Math.round(((clientX - left) / width) * this.length));
  }
}
