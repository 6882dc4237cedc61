/** Running statistics that are not finite: an exponential average never forgets a NaN. */
import type { RunFinding } from "../../protocol/finding";
import { counted, thousands } from "../../protocol/numberText";
import type { Standing } from "../standings";
import { findingOf, namesOf, stepText, verb, worstOf } from "./findingParts";
import { isTracked, type LayerFacts, newestWith, type RunFacts } from "./runFacts";

interface Broken {
  readonly facts: LayerFacts;
  readonly since: Standing;
  readonly newest: Standing;
}

export function nanInRunningStats({ layers }: RunFacts): RunFinding[] {
  const broken = layers.flatMap(brokenIn);
  const first = worstOf(broken, ({ since }) => -since.step);
  if (!first) return [];
  const found = broken.map(({ facts }) => facts);
  return [
    findingOf({
      rule: "nan-in-running-stats",
      severity: "error",
      layers: found,
      step: first.since.step,
      verdict:
        `${namesOf(found)} ${verb(found, "has", "have")} running statistics that are not finite, ` +
        "so evaluation gives NaN.",
      evidence:
        `At ${stepText(first.newest.step)}, ${brokenText(first)} of ${first.facts.layer.name} have a running mean or ` +
        `variance that is NaN or infinite, since ${stepText(first.since.step)} at the latest. ` +
        "No later batch can repair an average that contains one.",
      next:
        "Check inputs for NaN and infinity before the forward pass: skipping the loss is too late. Then call " +
        "reset_running_stats(), or load statistics of before.",
    }),
  ];
}

/** "9 of 16 channels". */
function brokenText({ facts, newest }: Broken): string {
  const { channels } = facts.layer.norm;
  const broken = newest.broken ?? 0;
  return channels === null ? counted(broken, "channel") : `${thousands(broken)} of ${counted(channels, "channel")}`;
}

/** As long as nothing was loaded since that could have repaired it. */
function brokenIn(facts: LayerFacts): Broken[] {
  const newest = newestWith(facts, ({ broken }) => broken);
  if (!newest || !((newest.broken ?? 0) > 0) || !isTracked(facts)) return [];
  const isRepaired = facts.segments.some(
    ({ step, withoutStatistics }) => step >= newest.step && !withoutStatistics?.includes(facts.layer.id),
  );
  if (isRepaired) return [];
  const known = facts.standings.filter(({ broken }) => broken !== null);
  const lastWhole = known.findLastIndex(({ broken }) => broken === 0);
  return [{ facts, since: known[lastWhole + 1] ?? newest, newest }];
}
