/** A layer's curve in a table row. The picture stretches with its cell: a path in a box of 100 by 100. */
import { binned } from "../charts/envelope";
import type { Curve } from "../state/curveStore";
import { svg } from "../ui/dom";
import { type SmallScale, logShare } from "./scales";

export const SPARK_BINS = 160;

/** Long curves are thinned to one point a bin; short ones break where a value was not finite. */
export function sparkPath(curve: Curve, [from, to]: readonly [number, number], scale: SmallScale): string {
  const thinned = curve.x.length > 2 * SPARK_BINS;
  const values = thinned ? binned(curve.x, curve.y, { from, to, count: SPARK_BINS }).last : curve.y;
  const shareOf = (index: number): number =>
    thinned ? index / (SPARK_BINS - 1) : ((curve.x[index] ?? 0) - from) / (to - from);
  let path = "";
  let pen = "M";
  for (let index = 0; index < values.length; index++) {
    const value = values[index] ?? Number.NaN;
    const share = shareOf(index);
    if (share < 0 || share > 1) continue;
    if (!Number.isFinite(value)) {
      if (!thinned) pen = "M";
      continue;
    }
    path += `${pen}${(100 * share).toFixed(1)} ${(100 - 100 * logShare(value, scale)).toFixed(1)}`;
    pen = "L";
  }
  return path;
}

export class Sparkline {
  private readonly floor = svg("rect", { x: "0", width: "100", class: "spark-floor" });
  private readonly line = svg("path", { class: "spark-line", "vector-effect": "non-scaling-stroke" });
  readonly element = svg(
    "svg",
    { viewBox: "0 0 100 100", preserveAspectRatio: "none", class: "sparkline", "aria-hidden": "true" },
    this.floor,
    this.line,
  );

  private drawn = "";

  update(curve: Curve, floor: number, range: readonly [number, number], scale: SmallScale): void {
    const key = `${curve.version} ${floor} ${range.join()}`;
    if (key === this.drawn) return;
    this.drawn = key;
    const height = Number.isFinite(floor) ? 100 * logShare(floor, scale) : 0;
    this.floor.setAttribute("y", (100 - height).toFixed(1));
    this.floor.setAttribute("height", height.toFixed(1));
    this.line.setAttribute("d", sparkPath(curve, range, scale));
  }
}
