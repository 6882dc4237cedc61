/** A pass in train mode before training: a summary, a shape probe, a warm-up. */
import type { RunFinding } from "../../protocol/finding";
import { counted } from "../../protocol/numberText";
import { findingOf, namesOf, worstOf } from "./findingParts";
import { isCopy, type LayerFacts, type RunFacts } from "./runFacts";

/** A dry pass or two. More updates than this were training, of which the run does not know. */
const FEW_UPDATES = 5;

export function updatesBeforeTraining({ layers }: RunFacts): RunFinding[] {
  const own = layers.filter((facts) => !isCopy(facts));
  const before = ({ layer }: LayerFacts): number => layer.norm.updatesBefore ?? 0;
  const isDry = (facts: LayerFacts): boolean =>
    before(facts) > 0 && before(facts) <= FEW_UPDATES && facts.segments.length === 0;
  const most = worstOf(own, before);
  if (!most || !own.every(isDry)) return [];
  return [
    findingOf({
      rule: "updates-before-training",
      severity: "information",
      layers: own,
      step: 0,
      verdict:
        `${namesOf(own)} had ${counted(before(most), "update")} of the running statistics before ` + "the first step.",
      evidence:
        "A forward pass in train mode came before training, and every BN layer has its batch in the running " +
        "statistics. At a usual momentum that is forgotten within a few dozen steps.",
      next: "Call model.eval() for passes that only look at shapes, or leave it: training overwrites it.",
    }),
  ];
}
