/** Names at the ends of lines, moved apart so that they never overlap. */
import type uPlot from "uplot";
import type { Theme } from "../theme";
import { inUnit } from "../ui/format";
import type { ChartConfig, LineColor, LineConfig } from "./chartConfig";
import { pushApart } from "./pushApart";

const LINE_HEIGHT = 14;

interface EndLabel {
  readonly text: string;
  readonly color: string;
  readonly y: number;
}

export const colorOf = (theme: Theme, color: LineColor): string =>
  color === "foreground" ? theme.foreground : theme.data[color];

export function drawEndLabels(plot: uPlot, config: ChartConfig, theme: Theme): void {
  const labels = config.lines.flatMap((line, index) => endLabel(plot, config, theme, line, index));
  const { ctx, bbox } = plot;
  const ratio = window.devicePixelRatio || 1;
  const gap = LINE_HEIGHT * ratio;
  const positions = pushApart(
    labels.map(({ y }) => y),
    gap,
    bbox.top + gap / 2,
    bbox.top + bbox.height - gap / 2,
  );
  ctx.save();
  ctx.font = `${11 * ratio}px ${theme.fontFamily}`;
  ctx.textBaseline = "middle";
  ctx.textAlign = "left";
  const left = bbox.left + bbox.width + 7 * ratio;
  const room = ctx.canvas.width - left;
  labels.forEach(({ text, color }, index) => {
    ctx.fillStyle = color;
    ctx.fillText(fitted(ctx, text, room), left, positions[index] ?? 0);
  });
  ctx.restore();
}

function endLabel(plot: uPlot, config: ChartConfig, theme: Theme, line: LineConfig, index: number): EndLabel[] {
  if (line.label === "none" || line.label === undefined) return [];
  const end = endOf(plot, index + 1);
  if (end === null) return [];
  const text =
    line.label === "value" && end.value !== null ? `${line.name} ${inUnit(config.unit, end.value)}` : line.name;
  return [{ text, color: colorOf(theme, line.color), y: end.y }];
}

interface LineEnd {
  /** Canvas pixels. */
  readonly y: number;
  /** Null when the line has no point in sight: in a zoom between two probes it has a name and no value. */
  readonly value: number | null;
}

/** The last point in sight; if there is none, the place where the line crosses the right edge. */
function endOf(plot: uPlot, series: number): LineEnd | null {
  const from = plot.scales["x"]?.min ?? 0;
  const to = plot.scales["x"]?.max ?? 0;
  const steps = plot.data[0];
  const values = plot.data[series] ?? [];
  const heightOf = (value: number): number => plot.valToPos(value, "y", true);
  let after: { step: number; y: number } | null = null;
  for (let index = steps.length - 1; index >= 0; index--) {
    const step = steps[index] ?? 0;
    const value = values[index];
    if (value === null || value === undefined) continue;
    const y = heightOf(value);
    if (step > to) after = { step, y };
    else if (step >= from) return { y, value };
    // Lines are straight on the screen, even on a logarithmic axis.
    else return after ? { y: y + ((after.y - y) * (to - step)) / (after.step - step), value: null } : null;
  }
  return null;
}

/** Shortens a label that does not fit. */
function fitted(ctx: CanvasRenderingContext2D, text: string, room: number): string {
  if (ctx.measureText(text).width <= room) return text;
  let short = text;
  while (short.length > 1 && ctx.measureText(`${short}…`).width > room) short = short.slice(0, -1);
  return `${short}…`;
}
