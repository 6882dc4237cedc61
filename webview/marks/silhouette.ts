/** The loss of the whole run as a shape, for orientation; on a log scale like the loss chart. */
import { binned, heldForward } from "../charts/envelope";
import type { Curve } from "../state/curveStore";

const BINS = 200;

/** A closed area in a box of 100 by 100; empty when there is nothing to draw. */
export function silhouettePath({ x, y }: Curve, steps: number): string {
  const { last } = binned(x, y, { from: 0, to: Math.max(1, steps), count: BINS });
  const values = heldForward(last);
  const known = Array.from(values).filter((value) => value > 0);
  if (known.length < 2) return "";
  const low = Math.log(Math.min(...known));
  const high = Math.log(Math.max(...known));
  const heightOf = (value: number): number => (high > low ? 12 + (88 * (Math.log(value) - low)) / (high - low) : 50);
  const points: string[] = [];
  let end = 0;
  values.forEach((value, bin) => {
    if (!(value > 0)) return;
    end = (100 * (bin + 1)) / BINS;
    points.push(`L${((100 * bin) / BINS).toFixed(1)} ${(100 - heightOf(value)).toFixed(1)}`);
  });
  return `M0 100${points.join("")}L${end.toFixed(1)} 100Z`;
}
