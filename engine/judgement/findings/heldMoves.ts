/** Layers that the code asked to hold still, and that move all the same. */
import type { RunFinding } from "../../protocol/finding";
import { findingOf, ifUsed, namesOf, shareText, stepText, verb } from "./findingParts";
import { isTracked, keepsMoving, newestMoved, type RunFacts } from "./runFacts";

export function heldButUpdating({ layers }: RunFacts): RunFinding[] {
  const moving = layers.flatMap((facts) => {
    const since = facts.layer.norm.held === true && isTracked(facts) ? keepsMoving(facts) : null;
    return since ? [{ facts, since }] : [];
  });
  const [first] = moving;
  if (!first) return [];
  const found = moving.map(({ facts }) => facts);
  const newest = newestMoved(first.facts, "runningMoved");
  return [
    findingOf({
      rule: "held-but-updating",
      severity: ifUsed(found, "warning"),
      layers: found,
      step: first.since.step,
      verdict:
        `${namesOf(found)} ${verb(found, "is", "are")} called with training=False, but training moves the running ` +
        "statistics.",
      evidence:
        `Up to ${stepText(newest?.step ?? first.since.step)}, the running statistics of ` +
        `${shareText(newest?.runningMoved)} of the channels of ${first.facts.layer.name} change: in a ` +
        "functional model, " +
        "fit() overrides the argument.",
      next: "Set trainable = False on the BN layers, before compile(). That holds them in every kind of model.",
    }),
  ];
}
