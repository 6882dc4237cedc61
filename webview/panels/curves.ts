/** Curves derived from recorded ones. */
import type { ChartCurve } from "../charts/chartConfig";
import type { Curve } from "../state/runModel";


/** The mean over layers at each step; a step that some layer lacks is a hole. */
export function meanOverLayers(curves: readonly Curve[]): ChartCurve {
  const [first] = curves;
  if (!first) return { x: [], y: [] };
  const y = Array.from(first.x, (_, index) => curves.reduce((sum, curve) => sum + (curve.y[index] ?? Number.NaN), 0) / curves.length);
  return { x: first.x, y };
}
