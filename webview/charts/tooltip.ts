/** What the lines say at one step, in words: beside the pointer, and to a screen reader. */
import { UNKNOWN, inUnit, thousands } from "../ui/format";
import { div, element, span } from "../ui/dom";
import { indexAt } from "../state/runModel";
import type { ChartConfig, ChartCurve } from "./chartConfig";

export interface TooltipRow {
  readonly name: string;
  readonly value: string;
}

/** The value of each told line at the last point not after the step: what was known then. */
export function tooltipRows(config: ChartConfig, curves: readonly ChartCurve[], step: number): TooltipRow[] {
  return config.lines.flatMap(({ name, told = true }, index) => {
    const curve = curves[index];
    if (!told || !curve) return [];
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

  /** `left` is inside the chart; beyond its middle the box opens to the left, so that it stays in the picture. */
  show(rows: readonly TooltipRow[], step: number, left: number, chartWidth: number): void {
    const lines = rows.map(({ name, value }) =>
      div("tooltip-row", span("tooltip-name", name), span("tooltip-value", value)),
    );
    this.element.replaceChildren(
      span("tooltip-step", `Step ${thousands(step)}`),
      ...lines,
      span("secondary", "Click or P pins the step"),
    );
    this.element.hidden = false;
    const opensLeft = left > chartWidth / 2;
    this.element.style.left = opensLeft ? "auto" : `${left + 14}px`;
    this.element.style.right = opensLeft ? `${chartWidth - left + 14}px` : "auto";
  }
}
