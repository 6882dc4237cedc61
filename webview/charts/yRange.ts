/** The range of the y axis for the extremes of the data. */
import type { YAxisConfig } from "./chartConfig";
import { linearTicks, logTicks } from "./ticks";

const PADDING = 0.06;
const MOST_TICKS = 8;

export function yRange(axis: YAxisConfig, lowest: number | null, highest: number | null): [number, number] {
  if (axis.kind === "fixed") return [axis.from, axis.to];
  const known = lowest !== null && highest !== null && Number.isFinite(lowest) && Number.isFinite(highest);
  const [leastFrom, leastTo] = axis.least ?? (axis.kind === "log" ? [0.1, 1] : [0, 1]);
  const from = known ? Math.min(lowest, axis.least ? leastFrom : lowest) : leastFrom;
  const to = known ? Math.max(highest, axis.least ? leastTo : highest) : leastTo;
  return axis.kind === "log" ? logRange(from, to, axis) : linearRange(from, to);
}

function linearRange(from: number, to: number): [number, number] {
  const padding = (to - from) * PADDING || Math.abs(to) * 0.5 || 1;
  // A range that starts at zero keeps its start, so that zero lies on the axis.
  return [from === 0 ? 0 : from - padding, to + padding];
}

/** Values that explode are cut off: on an axis of thirty decades, all other values would look flat. */
function logRange(
  from: number,
  to: number,
  { lowest = 1e-12, highest = 1e12 }: { lowest?: number; highest?: number },
): [number, number] {
  const low = Math.min(Math.max(from, lowest), highest / 10);
  const high = Math.min(Math.max(to, low * 1.5), highest);
  const padding = (high / low) ** PADDING;
  return [low / padding, high * padding];
}

/** One tick for about every 34 pixels of height, up to MOST_TICKS. */
export function yTicks(axis: YAxisConfig, from: number, to: number, height: number): number[] {
  if (axis.kind === "fixed") return [...axis.ticks];
  const most = Math.max(2, Math.min(MOST_TICKS, Math.floor(height / 34)));
  return axis.kind === "log" ? logTicks(from, to, most) : linearTicks(from, to, most);
}
