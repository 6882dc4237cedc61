/** A curve as a multiple of another one. */
import type { Curve } from "./curveStore";
import { indexAt } from "./runModel";

interface Known {
  readonly reference: number;
  readonly result: Curve;
}

/** Results by the curve's version, because a zoom asks for the same ones sixty times a second. */
const known = new Map<number, Known>();
const MOST_KNOWN = 4096;
/** Below zero, so that no other curve has such a version. */
let lastVersion = 0;

/** NaN where the reference has no value, or is zero. */
export function relativeTo(curve: Curve, reference: Curve): Curve {
  const before = known.get(curve.version);
  if (before?.reference === reference.version) return before.result;
  const y = curve.y.map((value, index) => {
    const below = reference.y[indexAt(reference.x, curve.x[index] ?? Number.NaN)] ?? Number.NaN;
    return below > 0 ? value / below : Number.NaN;
  });
  const result = { x: curve.x, y, version: --lastVersion };
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(curve.version, { reference: reference.version, result });
  return result;
}
