/** The training loss without the noise of single batches. */
import { smoothed, smoothingSpan } from "../charts/smoothing";
import type { Curve } from "./curveStore";

/** Recent results by curve version, because a zoom draws the same loss sixty times a second. */
const known = new Map<number, Curve>();
const MOST_KNOWN = 16;

/**
 * Averages logarithms, because the loss is drawn on a log scale, where an arithmetic mean would lie at the upper edge.
 */
export function smoothedLoss(loss: Curve): Curve {
  const before = known.get(loss.version);
  if (before && loss.version !== 0) return before;
  const logs = loss.y.map((value) => (value > 0 ? Math.log(value) : Number.NaN));
  const result = { ...loss, y: smoothed(logs, smoothingSpan(loss.y.length)).map(Math.exp) };
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(loss.version, result);
  return result;
}
