/** The values of the lines at one step: beside the pointer, and as a sentence for screen readers. */
import { UNKNOWN, inUnit, thousands } from "../ui/format";
import { div, element, span } from "../ui/dom";
import { indexAt } from "../state/runModel";
import type { ChartConfig, ChartCurve } from "./chartConfig";

export interface TooltipRow {
  readonly name: string;
  readonly value: string;
}

/** The value of each listed line at its last point up to the step: what was known at that step. */
export function tooltipRows(config: ChartConfig, curves: readonly ChartCurve[], step: number): TooltipRow[] {
  return config.lines.flatMap(({ name, listed = true }, index) => {
    const curve = curves[index];
    if (!listed || !curve) return [];
    const value = curve.y[indexAt(curve.x, step)] ?? Number.NaN;
    return [{ name, value: Number.isFinite(value) ? inUnit(config.unit, value) : UNKNOWN }];
  });
}

export function tooltipSentence(config: ChartConfig, curves: readonly ChartCurve[], step: number): string {
  const words = tooltipRows(config, curves, step).map(({ name, value }) => `${name} ${value}`);
  return `Step ${thousands(step)}: ${words.join(", ")}`;
}

export class Tooltip {
  readonly element = element("div", { className: "tooltip", attributes: { "aria-hidden": "true" } });

  constructor() {
    this.element.hidden = true;
  }

  hide(): void {
    this.element.hidden = true;
  }

  /** `left` is inside the chart; right of its middle the tooltip opens to the left, so that it stays visible. */
  show(rows: readonly TooltipRow[], step: number, left: number, chartWidth: number): void {
    const lines = rows.map(({ name, value }) =>
      div("tooltip-row", span("tooltip-name", name), span("tooltip-value", value)),
    );
    this.element.replaceChildren(
      span("tooltip-step", `Step ${thousands(step)}`),
      ...lines,
      span("secondary", "Click or press P to pin this step"),
    );
    this.element.hidden = false;
    const opensLeft = left > chartWidth / 2;
    this.element.style.left = opensLeft ? "auto" : `${left + 14}px`;
    this.element.style.right = opensLeft ? `${chartWidth - left + 14}px` : "auto";
  }
}
