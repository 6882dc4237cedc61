/** Layers that see the same batch twice a step, as recomputed parts do. */
import type { RunFinding } from "../../protocol/finding";
import { twoDigits } from "../../protocol/numberText";
import type { Standing } from "../standings";
import { findingOf, momentumText, namesOf, verb } from "./findingParts";
import { isTracked, type LayerFacts, newestWith, type RunFacts } from "./runFacts";

/** Two passes over one batch have the same bits; this leaves room for how the producer computes the spread. */
const SAME_BATCH = 1e-6;

export function checkpointingUpdatesTwice({ layers }: RunFacts): RunFinding[] {
  const newest = layers.flatMap((facts) => {
    const standing = newestWith(facts, ({ passes }) => passes);
    return standing && isTracked(facts) ? [{ facts, standing }] : [];
  });
  const twice = newest.filter(({ standing }) => isTwice(standing));
  // Layers outside the recomputed parts update once: without them, two passes may be meant.
  const once = newest.filter(({ facts, standing }) => standing.passes === 1 && hasModelOf(facts, twice));
  const [first] = twice;
  const [other] = once;
  if (!first || !other) return [];
  const found = twice.map(({ facts }) => facts);
  return [
    findingOf({
      rule: "checkpointing-updates-twice",
      severity: "warning",
      layers: found,
      step: first.standing.step,
      verdict:
        `${namesOf(found)} ${verb(found, "updates its", "update their")} running statistics twice a ` +
        "step with the same " +
        "batch, as activation checkpointing does.",
      evidence:
        `Both passes of a step have the same batch statistics (${twoDigits(first.standing.passApart)} σ apart); ` +
        `${other.facts.layer.name} updates once.${effectText(first.facts)}`,
      next: nextOf(first.facts),
    }),
  ];
}

const isTwice = ({ passes, passApart, passVarianceRatio }: Standing): boolean =>
  passes === 2 &&
  passApart !== null &&
  passApart < SAME_BATCH &&
  (passVarianceRatio === null || Math.abs(passVarianceRatio - 1) < SAME_BATCH);

const hasModelOf = ({ layer }: LayerFacts, entries: readonly { readonly facts: LayerFacts }[]): boolean =>
  entries.some(({ facts }) => facts.layer.model === layer.model);

function effectText(facts: LayerFacts): string {
  const { updateWeight } = facts.layer.norm;
  if (typeof updateWeight !== "number") return "";
  const inEffect = 1 - (1 - updateWeight) ** 2;
  return ` Two updates with ${momentumText(facts, updateWeight)} are one with ${momentumText(facts, short(inEffect))}.`;
}

function nextOf(facts: LayerFacts): string {
  const { updateWeight } = facts.layer.norm;
  const leave = "The weights are not affected.";
  if (typeof updateWeight !== "number" || updateWeight >= 1) return `Move BN out of the recomputed parts. ${leave}`;
  const half = momentumText(facts, short(1 - Math.sqrt(1 - updateWeight)));
  return `Set ${half} in these layers, or move BN out of the recomputed parts. ${leave}`;
}

const short = (value: number): number => Number(value.toPrecision(2));
