/** The horizontal axis: steps at equal distances, or by their logarithm, where the first steps are what matters. */

export type StepAxis = "linear" | "log";

/** Step 0 has a place too, so it is log(step + 1). */
export const scaledStep = (step: number): number => Math.log10(Math.max(0, step) + 1);
export const stepOfScaled = (scaled: number): number => 10 ** scaled - 1;

/** Where a step is between the first and the last, 0 to 1. */
export function stepShare(step: number, [from, to]: readonly [number, number], axis: StepAxis = "linear"): number {
  if (axis === "linear") return (step - from) / (to - from);
  return (scaledStep(step) - scaledStep(from)) / (scaledStep(to) - scaledStep(from));
}
