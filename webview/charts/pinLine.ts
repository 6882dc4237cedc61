/**
 * The line at the pinned step. It lies over the chart, so that a chart is not drawn again while the step is dragged
 * through the run.
 */
import type uPlot from "uplot";
import type { Theme } from "../theme";
import { div, setHidden } from "../ui/dom";
import type { StepFocus } from "./stepFocus";

type Steps = Pick<StepFocus, "pinned" | "range">;

/** The pinned step; null where the chart does not show it. */
function pinInSight({ pinned, range: [from, to] }: Steps): number | null {
  return pinned === null || pinned < from || pinned > to ? null : pinned;
}

export class PinLine {
  readonly element = div("chart-pin");

  place(plot: uPlot, steps: Steps): void {
    const step = pinInSight(steps);
    setHidden(this.element, step === null);
    // Moved without a layout of what is around it.
    if (step !== null) this.element.style.transform = `translateX(${Math.round(plot.valToPos(step, "x"))}px)`;
  }
}

/** The same line in a picture that is taken away. `top` is where the chart begins, in pixels of the picture. */
export function drawPin(context: CanvasRenderingContext2D, plot: uPlot, steps: Steps, theme: Theme, top: number): void {
  const step = pinInSight(steps);
  if (step === null) return;
  const ratio = window.devicePixelRatio || 1;
  const x = Math.round(plot.valToPos(step, "x", true));
  const { top: plotTop, height } = plot.bbox;
  context.fillStyle = theme.background;
  context.fillRect(x - 2 * ratio, top + plotTop, 4 * ratio, height);
  context.fillStyle = theme.accent;
  context.fillRect(x - ratio, top + plotTop, 2 * ratio, height);
}
