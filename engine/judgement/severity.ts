/** When a number is worth a word: well above the layer's own noise floor, large in itself, and not too early. */
import { type Health, WARNING_SIGMA } from "../protocol/judgement";
import { updatesToSettle } from "../protocol/normalization";
import { USUAL_UPDATE_WEIGHT } from "../protocol/noiseFloors";
import type { UpdateWeight } from "../protocol/records";

const FLOORS_BEFORE_WARNING = 3;
const ERROR_SIGMA = 0.3;
/** What statistics need at the usual update weight: before that nothing is ever judged. */
export const USUAL_SETTLING = updatesToSettle(USUAL_UPDATE_WEIGHT);

/** Judges a distance or gap in σ. A floor that was not measured counts as none: the size alone decides. */
export function judge(value: number, noiseFloor: number): Health {
  if (!Number.isFinite(value)) return "unknown";
  const floor = Number.isFinite(noiseFloor) ? noiseFloor : 0;
  if (value <= FLOORS_BEFORE_WARNING * floor || value <= WARNING_SIGMA) return "ok";
  return value > ERROR_SIGMA ? "error" : "warning";
}

export const worst = (severities: readonly Health[]): Health =>
  (["error", "warning", "ok"] as const).find((severity) => severities.includes(severity)) ?? "unknown";

/**
 * Updates until less than 1 % of the initial 0 and 1 is left. A cumulative average needs one; an unknown weight counts
 * as the usual.
 */
function settling(weight: UpdateWeight): number {
  if (weight === "cumulative") return 1;
  if (weight === null) return USUAL_SETTLING;
  // A weight of 0 never settles, and one outside 0 … 1 is no average at all.
  return weight > 0 ? updatesToSettle(weight) : Number.POSITIVE_INFINITY;
}

/** Updates the slowest layer needs. */
export const updatesNeeded = (weights: readonly UpdateWeight[]): number => Math.max(0, ...weights.map(settling));

/**
 * The first step at which running statistics are judged. A run that is too short for its own update weight is judged at
 * the usual pace: that its statistics never settle is then what is wrong with it, and waiting would hide it.
 */
export function judgedFromStep(weights: readonly UpdateWeight[], plannedSteps: number): number {
  const needed = updatesNeeded(weights);
  return needed <= plannedSteps && Number.isFinite(needed) ? needed : Math.min(needed, USUAL_SETTLING);
}

/**
 * Share of the initial 0 and 1 that is still in running statistics after so many updates; 0 where the weight is not
 * known.
 */
export const initialShareLeft = (weight: UpdateWeight, updates: number): number =>
  typeof weight === "number" ? (1 - weight) ** updates : 0;

/** Updates until a distance has shrunk to `target`: it shrinks by (1 − m) an update, if the weights stay the same. */
export function updatesUntil(distance: number, target: number, weight: number): number {
  if (!(distance > target) || !(target > 0) || weight >= 1) return 0;
  return Math.ceil(Math.log(target / distance) / Math.log(1 - weight));
}
