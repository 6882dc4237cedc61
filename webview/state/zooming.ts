/** Arithmetic of a zoom: whole steps, inside the run, never empty. */
import type { Range } from "./store";

/** The smallest number of steps that can be shown. */
const SHORTEST = 4;

/** Zooms around a step, which keeps its place; null when the whole run is in sight. */
export function zoomedAround([from, to]: Range, step: number, factor: number, last: number): Range | null {
  const length = Math.max(SHORTEST, (to - from) * factor);
  const share = to > from ? Math.max(0, Math.min(1, (step - from) / (to - from))) : 0.5;
  const start = step - share * length;
  return inside([start, start + length], last);
}

/** Moves a range along the run; it keeps its length at the ends. */
export function movedBy([from, to]: Range, steps: number, last: number): Range | null {
  const shift = Math.max(-from, Math.min(last - to, steps));
  return inside([from + shift, to + shift], last);
}

export function inside([from, to]: Range, last: number): Range | null {
  const first = Math.max(0, Math.round(from));
  const end = Math.min(Math.round(to), last);
  if (first <= 0 && end >= last) return null;
  return [Math.max(0, Math.min(first, end - SHORTEST)), Math.max(end, Math.min(last, first + SHORTEST))];
}
