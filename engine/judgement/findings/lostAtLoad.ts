/** Weights that were loaded without the running statistics that belong to them. */
import type { RunFinding } from "../../protocol/finding";
import type { SegmentRecord } from "../../protocol/records";
import { findingOf, ifUsed, namesOf, stepText, verb } from "./findingParts";
import { isTracked, type LayerFacts, type RunFacts } from "./runFacts";

export function statisticsLostAtLoad({ layers, summary }: RunFacts): RunFinding[] {
  const isLostIn = (segment: SegmentRecord, facts: LayerFacts): boolean =>
    isTracked(facts) &&
    facts.segments.includes(segment) &&
    segment.withoutStatistics?.includes(facts.layer.id) === true;
  const segment = summary.segments.findLast((one) => layers.some((facts) => isLostIn(one, facts)));
  if (!segment) return [];
  const found = layers.filter((facts) => isLostIn(segment, facts));
  const source = segment.detail === null ? "" : ` (${segment.detail})`;
  return [
    findingOf({
      rule: "statistics-lost-at-load",
      severity: ifUsed(found, "warning"),
      layers: found,
      step: segment.step,
      verdict:
        `${namesOf(found)} got weights at ${stepText(segment.step)} without the running ` +
        "statistics that belong to them.",
      evidence:
        `What was loaded${source} has γ and β of ${verb(found, "this layer", "these layers")} and no ` +
        "running mean and " +
        "variance, so those of before stay: 0 and 1 in a new model.",
      next:
        "Save and load model.state_dict(), which contains buffers, and do not pass strict=False. If the file is all " +
        "there is, compute the running statistics again before you evaluate.",
    }),
  ];
}
