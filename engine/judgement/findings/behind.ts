/** Running statistics that are far from the batches when the model is used with them. */
import type { RunFinding } from "../../protocol/finding";
import { isAbove } from "../../protocol/judgement";
import { USUAL_UPDATE_WEIGHT } from "../../protocol/noiseFloors";
import { sigma, timesText } from "../../protocol/numberText";
import { judge } from "../severity";
import type { Standing } from "../standings";
import {
  findingOf,
  ifUsed,
  shareText,
  currentMomentum,
  namesOf,
  recomputeText,
  usedText,
  usualMomentum,
  worstOf,
} from "./findingParts";
import { isSettled, isTracked, lastUseWith, type LayerFacts, type RunFacts } from "./runFacts";
import { initialShare } from "./young";

/**
 * An average over all batches since it began trails whatever changes, in a healthy training too: it is behind from the
 * size on that is an error otherwise.
 */
const CUMULATIVE_TOLERANCE = 3;

interface Behind {
  readonly facts: LayerFacts;
  readonly standing: Standing;
  readonly lag: number;
  readonly isFar: boolean;
}

export function statisticsBehind(run: RunFacts): RunFinding[] {
  const behind = run.layers.flatMap((facts) => behindIn(run, facts));
  const worst = worstOf(behind, ({ lag }) => lag);
  if (!worst) return [];
  const layers = behind.map(({ facts }) => facts);
  const { facts, standing, lag } = worst;
  const upTo = behind.length > 1 ? "up to " : "";
  return [
    findingOf({
      rule: "statistics-behind",
      severity: ifUsed(layers, behind.some(({ isFar }) => isFar) ? "error" : "warning"),
      layers,
      step: standing.step,
      verdict:
        `${namesOf(layers)} ${usedText(layers, standing.when, standing.step)} with running statistics that ` +
        `are ${upTo}${sigma(lag)} behind the batches.`,
      evidence: evidenceOf(worst),
      next: nextOf(facts),
    }),
  ];
}

/** Judged where the model was last used: an early evaluation of any healthy run is behind, and it recovers. */
function behindIn(run: RunFacts, facts: LayerFacts): Behind[] {
  const standing = lastUseWith(facts, ({ lag }) => lag);
  // Without a floor nobody knows how much of it is noise.
  const { lag = null, lagFloor = null } = standing ?? {};
  if (standing === null || lag === null || lagFloor === null) return [];
  if (!isTracked(facts) || !isSettled(run, facts, standing) || initialShare(run, facts) !== null) return [];
  const tolerance = facts.layer.norm.updateWeight === "cumulative" ? CUMULATIVE_TOLERANCE : 1;
  const health = judge(lag / tolerance, lagFloor / tolerance);
  return isAbove(health) ? [{ facts, standing, lag, isFar: health === "error" }] : [];
}

function evidenceOf({ facts: { layer }, standing, lag }: Behind): string {
  const { updateWeight } = layer.norm;
  const variance =
    standing.varianceRatio === null
      ? ""
      : ` The batch variance is ${timesText(standing.varianceRatio)} the running one.`;
  const pace =
    typeof updateWeight === "number" && updateWeight > 0
      ? ` Each update moves the running statistics by ${shareText(updateWeight)} of what they are behind.`
      : updateWeight === "cumulative"
        ? " The running statistics are the average of all batches since they began."
        : "";
  return (
    `Over recent steps, batch means of ${layer.name} are ${sigma(lag)} from the running mean; noise alone would give ` +
    `${sigma(standing.lagFloor)}.${variance}${pace}`
  );
}

function nextOf(facts: LayerFacts): string {
  const { updateWeight } = facts.layer.norm;
  const recompute = recomputeText(facts);
  if (typeof updateWeight === "number" && updateWeight > 0 && updateWeight < USUAL_UPDATE_WEIGHT)
    return `Set ${usualMomentum(facts)}${currentMomentum(facts)}, or ${recompute} before you evaluate.`;
  if (updateWeight === "cumulative")
    return `Call reset_running_stats() at the start of each epoch, or set ${usualMomentum(facts)}.`;
  return `Lower the learning rate towards the end, or ${recompute} before you evaluate.`;
}
