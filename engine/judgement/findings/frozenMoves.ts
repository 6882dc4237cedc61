/** Layers whose γ and β are frozen, while every pass in train mode still moves their running statistics. */
import type { RunFinding } from "../../protocol/finding";
import type { Standing } from "../standings";
import { findingOf, ifUsed, namesOf, passesText, shareText, stepText, verb } from "./findingParts";
import { isCopy, isTracked, keepsMoving, type LayerFacts, newestMoved, newestWith, type RunFacts } from "./runFacts";

export function frozenButUpdating({ layers }: RunFacts): RunFinding[] {
  const moving = layers.flatMap((facts) => {
    const { trained, held } = facts.layer.norm;
    if (trained !== false || held === true || isCopy(facts) || !isTracked(facts)) return [];
    const since = keepsMoving(facts);
    return since ? [{ facts, since }] : [];
  });
  const [first] = moving;
  if (!first) return [];
  const found = moving.map(({ facts }) => facts);
  return [
    findingOf({
      rule: "frozen-but-updating",
      severity: ifUsed(found, "warning"),
      layers: found,
      step: first.since.step,
      verdict: `${namesOf(found)} ${verb(found, "is", "are")} frozen, but training still moves the running statistics.`,
      evidence: evidenceOf(first.facts, first.since),
      next: first.facts.isKeras
        ? "Set trainable = False before compile(), or compile again after setting it."
        : "Call eval() on the frozen layers after every train(), or override train() so that it does.",
    }),
  ];
}

function evidenceOf(facts: LayerFacts, since: Standing): string {
  const moved = newestMoved(facts, "runningMoved");
  const passes = newestWith(facts, (standing) => standing.passes)?.passes ?? null;
  const counted = passes === null ? "" : `, with ${passesText(passes)} in train mode a step`;
  const affine = newestMoved(facts, "affineMoved")?.affineMoved ?? null;
  const weights =
    affine === null
      ? ""
      : affine > 0
        ? " γ and β change as well, so the layer is not frozen in what is trained."
        : " γ and β stay as they are.";
  return (
    `Up to ${stepText(moved?.step ?? since.step)}, the running statistics of ` +
    `${shareText(moved?.runningMoved)} of the ` +
    `channels of ${facts.layer.name} change${counted}.${weights}`
  );
}
