/** A copy of the model that gets new weights, and whose running statistics stay what they were. */
import type { RunFinding } from "../../protocol/finding";
import { counted } from "../../protocol/numberText";
import type { Standing } from "../standings";
import { findingOf, ifUsed, namesOf, shareText, stepText, verb } from "./findingParts";
import { isCopy, isTracked, type LayerFacts, type RunFacts } from "./runFacts";

/** Movement shows from one standing to the next. */
const LEAST_STANDINGS = 2;

export function staleStatisticsInACopy({ layers }: RunFacts): RunFinding[] {
  const stale = layers.flatMap((facts) => {
    const moved = staleSince(facts);
    return moved ? [{ facts, moved }] : [];
  });
  const [first] = stale;
  if (!first) return [];
  const found = stale.map(({ facts }) => facts);
  const updates = first.facts.standings.at(-1)?.updates ?? null;
  const count = updates === null ? "" : ` It had ${counted(updates, "update")} in all.`;
  return [
    findingOf({
      rule: "stale-statistics-in-a-copy",
      severity: ifUsed(found, "warning"),
      layers: found,
      step: first.moved.step,
      verdict:
        `${namesOf(found)} ${verb(found, "gets", "get")} new weights from elsewhere, but ` +
        `${verb(found, "its", "their")} running statistics never change.`,
      evidence:
        `No optimizer trains this model. γ or β of ${shareText(first.moved.affineMoved)} of the channels of ` +
        `${first.facts.layer.name} changed up to ${stepText(first.moved.step)}, running mean and ` +
        `variance of none.${count}`,
      next:
        "Copy buffers together with parameters (AveragedModel with use_buffers=True, or state_dict() instead of " +
        "parameters()), or compute the running statistics again before the copy is evaluated.",
    }),
  ];
}

/** The first standing at which its weights had moved; null where its statistics move too, or nothing is known. */
function staleSince(facts: LayerFacts): Standing | null {
  const { standings } = facts;
  if (!isCopy(facts) || !isTracked(facts) || standings.length < LEAST_STANDINGS) return null;
  const known = standings.flatMap(({ runningMoved }) => (runningMoved === null ? [] : [runningMoved]));
  const neverUpdated = standings.at(-1)?.updates === 0 && known.every((moved) => moved === 0);
  const isStill = known.length > 0 && known.every((moved) => moved === 0);
  if (!isStill && !neverUpdated) return null;
  return standings.find(({ affineMoved }) => (affineMoved ?? 0) > 0) ?? null;
}
