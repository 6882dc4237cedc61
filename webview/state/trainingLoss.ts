/** The training loss as a person follows it: without the noise of single batches. */
import { smoothed, smoothingSpan } from "../charts/smoothing";
import type { Curve, RunModel } from "./runModel";

/** Averaged as logarithms, since it is drawn on a log scale: there an arithmetic mean runs along the upper edge. */
export function smoothedLoss(run: RunModel): Curve {
  const { x, y } = run.curve("loss", "loss");
  const logs = y.map((value) => (value > 0 ? Math.log(value) : Number.NaN));
  return { x, y: smoothed(logs, smoothingSpan(y.length)).map(Math.exp) };
}

/** Where the training loss stands; NaN before the first step and after a divergence. */
export const currentLoss = (run: RunModel): number => smoothedLoss(run).y.at(-1) ?? Number.NaN;
