/**
 * The noise floors that are judged by and drawn. A producer records what the running statistics of a layer wander by at
 * its own update weight. At a large one that contains the fault itself (at 0.99 the running mean is the last batch's),
 * so the floor is brought to what it would be at the usual weight of 0.1.
 */
import type { UpdateWeight } from "./records";

export const USUAL_UPDATE_WEIGHT = 0.1;

/** Variance of an exponential moving average, as a share of that of its input: m/(2 − m). */
const wanderShare = (weight: number): number => weight / (2 - weight);

interface RecordedFloors {
  /** √(m/(2 − m) + 1/n) × spread of the batch means. */
  readonly noiseFloor: number;
  /** √(1 + m/(2 − m)) × spread of the batch means. */
  readonly shiftNoiseFloor: number;
}

/**
 * `noiseFloor` as another weight would have it, from what was recorded at the layer's own; NaN where that is not fixed,
 * or not small enough to be an average.
 */
export function floorAt(recorded: RecordedFloors, own: UpdateWeight, weight: number): number {
  if (typeof own !== "number" || own >= 2) return Number.NaN;
  const { spread, passShare } = spreadOf(recorded, own);
  return spread * Math.sqrt(wanderShare(weight) + passShare);
}

/** Of the batch means, in σ; and what the population pass was off by, as a share of it. */
function spreadOf({ noiseFloor, shiftNoiseFloor }: RecordedFloors, own: number): { spread: number; passShare: number } {
  const spread = shiftNoiseFloor / Math.sqrt(1 + wanderShare(own));
  return { spread, passShare: Math.max(0, (noiseFloor / spread) ** 2 - wanderShare(own)) };
}

/**
 * Both floors at the usual update weight, where the layer's own is larger; as recorded where it is not, or not known.
 */
export function judgedFloors(recorded: RecordedFloors, updateWeight: UpdateWeight): RecordedFloors {
  const { noiseFloor, shiftNoiseFloor } = recorded;
  if (typeof updateWeight !== "number" || !(updateWeight > USUAL_UPDATE_WEIGHT) || updateWeight >= 2) return recorded;
  const own = wanderShare(updateWeight);
  const usual = wanderShare(USUAL_UPDATE_WEIGHT);
  // What the population pass itself was off by stays in the floor.
  const { spread, passShare } = spreadOf(recorded, updateWeight);
  const atUsual = Number.isFinite(passShare)
    ? Math.min(noiseFloor, spread * Math.sqrt(usual + passShare))
    : noiseFloor * Math.sqrt(usual / own);
  return { noiseFloor: atUsual, shiftNoiseFloor: Math.min(shiftNoiseFloor, spread * Math.sqrt(1 + usual)) };
}

/**
 * The floor of `varianceDistance`, which has no spread beside it: brought to the usual weight as if the pass had no
 * error.
 */
export const judgedVarianceFloor = (varianceNoiseFloor: number, updateWeight: UpdateWeight): number =>
  typeof updateWeight === "number" && updateWeight > USUAL_UPDATE_WEIGHT && updateWeight < 2
    ? varianceNoiseFloor * Math.sqrt(wanderShare(USUAL_UPDATE_WEIGHT) / wanderShare(updateWeight))
    : varianceNoiseFloor;
