/** Fills the area from the noise floor down to the axis. */
import type uPlot from "uplot";
import { type Theme, withAlpha } from "../theme";
import { hatchPattern } from "./hatch";

export function drawFloor(plot: uPlot, series: number, theme: Theme): void {
  const points = floorPoints(plot, series);
  if (points.length === 0) return;
  const { ctx, bbox } = plot;
  const ratio = window.devicePixelRatio || 1;
  const bottom = bbox.top + bbox.height;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  const trace = (): void => points.forEach(([x, y], index) => (index === 0 ? ctx.moveTo(x, y) : ctx.lineTo(x, y)));
  ctx.beginPath();
  trace();
  ctx.lineTo(points.at(-1)?.[0] ?? 0, bottom);
  ctx.lineTo(points[0]?.[0] ?? 0, bottom);
  ctx.closePath();
  ctx.fillStyle = hatchPattern(ctx, theme, ratio);
  ctx.fill();
  ctx.beginPath();
  trace();
  ctx.setLineDash([3 * ratio, 3 * ratio]);
  ctx.lineWidth = ratio;
  ctx.strokeStyle = withAlpha(theme.data.batch, 0.9);
  ctx.stroke();
  ctx.restore();
}

/** The floor spans the whole chart: its first and last values are used for the steps before and after them. */
function floorPoints(plot: uPlot, series: number): [number, number][] {
  const steps = plot.data[0];
  const values = plot.data[series] ?? [];
  const points: [number, number][] = [];
  for (let index = 0; index < steps.length; index++) {
    const value = values[index];
    if (value === null || value === undefined) continue;
    points.push([plot.valToPos(steps[index] ?? 0, "x", true), plot.valToPos(value, "y", true)]);
  }
  const [first] = points;
  const last = points.at(-1);
  if (!first || !last) return [];
  const { left, width } = plot.bbox;
  return [[Math.min(left, first[0]), first[1]], ...points, [Math.max(left + width, last[0]), last[1]]];
}
