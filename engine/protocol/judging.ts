/** When a number is worth a word: well above the layer's own noise floor, large in itself, and not too early. */
import { updatesToSettle } from "./normalization";

export type Judgement = "ok" | "warning" | "error" | "unknown";

const FLOORS_BEFORE_WARNING = 3;
const WARNING_SIGMA = 0.1;
const ERROR_SIGMA = 0.3;
/** What statistics need at the usual update weight of 0.1: before that nothing is ever judged. */
const USUAL_SETTLING = updatesToSettle(0.1);

/** Judges a distance or gap in σ. A floor that was not measured counts as none: the size alone decides. */
export function judge(value: number, noiseFloor: number): Judgement {
  if (!Number.isFinite(value)) return "unknown";
  const floor = Number.isFinite(noiseFloor) ? noiseFloor : 0;
  if (value <= FLOORS_BEFORE_WARNING * floor || value <= WARNING_SIGMA) return "ok";
  return value > ERROR_SIGMA ? "error" : "warning";
}

export const worst = (judgements: readonly Judgement[]): Judgement =>
  (["error", "warning", "ok"] as const).find((judgement) => judgements.includes(judgement)) ?? "unknown";

/** Updates the slowest layer needs until less than 1 % of the initial 0 and 1 is left; a cumulative average (null) needs one. */
export function updatesNeeded(updateWeights: readonly (number | null)[]): number {
  return Math.max(0, ...updateWeights.map((weight) => (weight === null ? 1 : updatesToSettle(weight))));
}

/**
 * The first step at which running statistics are judged. A run that is too short for its own momentum is judged at
 * the usual pace: that its statistics never settle is then what is wrong with it, and waiting would hide it.
 */
export function judgedFromStep(updateWeights: readonly (number | null)[], plannedSteps: number): number {
  const needed = updatesNeeded(updateWeights);
  return needed <= plannedSteps ? needed : Math.min(needed, USUAL_SETTLING);
}
