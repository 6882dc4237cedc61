/** Statistics that still contain the 0 and 1 they began with. */
import type { RunFinding } from "../../protocol/finding";
import { isAbove } from "../../protocol/judgement";
import { counted, sigma } from "../../protocol/numberText";
import { initialShareLeft, judge } from "../severity";
import { USUAL_UPDATE_WEIGHT } from "../../protocol/noiseFloors";
import { tableNumbers } from "../sampleNumbers";
import type { Standing } from "../standings";
import {
  findingOf,
  ifUsed,
  currentMomentum,
  shareText,
  namesOf,
  recomputeText,
  usedText,
  usualMomentum,
  worstOf,
} from "./findingParts";
import { isSettled, isTracked, lastUseWith, type LayerFacts, type RunFacts } from "./runFacts";

/**
 * A twentieth of the initial values: with less, what is behind is behind for another reason. A run of 100 steps at
 * Keras's 0.99 has 37 % left.
 */
const SHARE_LEFT = 0.05;

interface Young {
  readonly facts: LayerFacts;
  readonly standing: Standing;
  /** Of the initial 0 and 1. */
  readonly share: number;
  /** How much of the running variance is still the initial 1: far more than `share` where batches vary little. */
  readonly ofVariance: number;
}

export function statisticsTooYoung(run: RunFacts): RunFinding[] {
  const young = run.layers.flatMap((facts): Young[] => {
    const found = initialShare(run, facts);
    return found ? [{ facts, ...found }] : [];
  });
  const worst = worstOf(young, ({ ofVariance }) => ofVariance);
  if (!worst) return [];
  const layers = young.map(({ facts }) => facts);
  const { facts, standing, share, ofVariance } = worst;
  const left =
    share > SHARE_LEFT
      ? `${shareText(share)} of the initial mean 0 and variance 1 left in the running statistics.`
      : `a running variance that is still ${shareText(ofVariance)} the initial 1.`;
  return [
    findingOf({
      rule: "statistics-too-young",
      severity: ifUsed(layers, "warning"),
      layers,
      step: standing.step,
      verdict: `${namesOf(layers)} ${usedText(layers, standing.when, standing.step)} with ${left}`,
      evidence: evidenceOf(young, worst),
      next: nextOf(facts),
    }),
  ];
}

/** How much of 0 and 1 is left where the model was last used; null where that is little, harmless or unknown. */
export function initialShare(run: RunFacts, facts: LayerFacts): Omit<Young, "facts"> | null {
  const { updateWeight, updatesBefore } = facts.layer.norm;
  // Weights that were loaded bring their own statistics.
  if ((updatesBefore !== 0 && updatesBefore !== null) || facts.segments.length > 0 || !isTracked(facts)) return null;
  const standing = lastUseWith(facts, ({ updates, lag }) => (updates === null ? null : lag));
  const { updates = null, lag = null, lagFloor = null } = standing ?? {};
  if (standing === null || updates === null || lag === null || lagFloor === null) return null;
  if (typeof updateWeight !== "number" || !(updateWeight > 0) || !isSettled(run, facts, standing)) return null;
  const share = initialShareLeft(updateWeight, updates);
  const ofVariance = initialShareOfVariance(run, facts, share);
  return ofVariance !== null && ofVariance > SHARE_LEFT && isAbove(judge(lag, lagFloor))
    ? { standing, share, ofVariance }
    : null;
}

/**
 * The same of the running variance alone, at least `share`. Null where the layer may have had other statistics before:
 * a running variance that is what the initial 1 has become says that it had none.
 */
function initialShareOfVariance({ summary }: RunFacts, { layer }: LayerFacts, share: number): number | null {
  const norm = tableNumbers("norms", [...summary.samples.values()]);
  const variance = norm(layer.id, "running_variance.median");
  const found = variance > 0 ? share / variance : 0;
  if (layer.norm.updatesBefore === null && !(found > 0.5 && found < 1.1)) return null;
  return Math.min(1, Math.max(share, found));
}

function evidenceOf(young: readonly Young[], { facts, standing }: Young): string {
  const { name, norm } = facts.layer;
  const kept = typeof norm.updateWeight === "number" ? shareText(1 - norm.updateWeight) : "";
  const furthest = worstOf(young, (entry) => entry.standing.lag ?? 0);
  const lag = furthest
    ? ` Batch means of ${furthest.facts.layer.name} are ${sigma(furthest.standing.lag)} from the `
    : "";
  return (
    `${name} had ${counted(standing.updates ?? 0, "update")}, and each keeps ${kept} of what was there.` +
    `${lag}${lag === "" ? "" : "running mean."}`
  );
}

function nextOf(facts: LayerFacts): string {
  const { updateWeight } = facts.layer.norm;
  if (typeof updateWeight === "number" && updateWeight >= USUAL_UPDATE_WEIGHT)
    return `Train longer, or ${recomputeText(facts)} before you evaluate.`;
  return (
    `Set ${usualMomentum(facts)}${currentMomentum(facts)}, train longer, or ` +
    `${recomputeText(facts)} before you evaluate.`
  );
}
