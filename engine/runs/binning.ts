/**
 * Many samples on few pixels: samples that fall on one point become its last value and its envelope, so that no extreme
 * is lost.
 */
import type { Edge } from "../protocol/series";

export interface Points {
  readonly x: Float64Array;
  /** Which point each sample goes into; null when each is a separate point. */
  readonly pointOf: Int32Array | null;
}

/**
 * More samples than twice `points` share points, by equal stretches of steps; the first and the last sample each keep
 * a separate point.
 */
export function pointsOf(steps: Float64Array, points: number): Points {
  const count = steps.length;
  if (count <= 2 * points) return { x: steps.slice(), pointOf: null };
  const first = steps[0] ?? 0;
  const span = (steps[count - 1] ?? 0) - first;
  const bins = Math.max(1, points - 2);
  const pointOf = new Int32Array(count);
  const x = new Float64Array(bins + 2);
  x[0] = first;
  let point = 0;
  let bin = -1;
  for (let sample = 1; sample < count; sample++) {
    const step = steps[sample] ?? 0;
    const isLast = sample === count - 1;
    const at = isLast ? bins : span > 0 ? Math.min(bins - 1, Math.floor(((step - first) / span) * bins)) : 0;
    if (at !== bin) point += 1;
    bin = at;
    pointOf[sample] = point;
    x[point] = step;
  }
  return { x: x.slice(0, point + 1), pointOf };
}

/** Values of curves, `[curve, edge, point]`; NaN where nothing finite was measured. */
export class Envelopes {
  readonly values: Float32Array;
  private readonly last: number;
  private readonly minimum: number;
  private readonly maximum: number;
  private readonly curveStride: number;
  /** Where samples come out of order: which one each last value is of. */
  private readonly lastSample: Int32Array | null;

  constructor(curves: number, edges: readonly Edge[], points: number, isOrdered: boolean) {
    this.curveStride = edges.length * points;
    this.values = new Float32Array(curves * this.curveStride).fill(Number.NaN);
    const placeOf = (edge: Edge): number => (edges.includes(edge) ? edges.indexOf(edge) * points : -1);
    this.last = placeOf("last");
    this.minimum = placeOf("minimum");
    this.maximum = placeOf("maximum");
    this.lastSample = isOrdered ? null : new Int32Array(this.values.length).fill(-1);
  }

  put(curve: number, point: number, sample: number, measured: number): void {
    const value = Math.fround(measured);
    if (!Number.isFinite(value)) return;
    const { values } = this;
    const place = curve * this.curveStride + point;
    if (this.minimum >= 0 && !((values[place + this.minimum] ?? 0) <= value)) values[place + this.minimum] = value;
    if (this.maximum >= 0 && !((values[place + this.maximum] ?? 0) >= value)) values[place + this.maximum] = value;
    if (this.last < 0) return;
    if (this.lastSample !== null) {
      if ((this.lastSample[place] ?? 0) > sample) return;
      this.lastSample[place] = sample;
    }
    values[place + this.last] = value;
  }
}
