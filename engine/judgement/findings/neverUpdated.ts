/** Layers that are trained and evaluated, and whose running statistics are those of a new layer. */
import type { RunFinding } from "../../protocol/finding";
import { thousands } from "../../protocol/numberText";
import type { RunSummary } from "../runSummary";
import { tableNumbers } from "../sampleNumbers";
import { findingOf, namesOf, stepText, verb } from "./findingParts";
import { isCopy, isTracked, type LayerFacts, type RunFacts } from "./runFacts";

/** A shorter training may be a trial. */
const LEAST_STEPS = 50;

export function neverUpdatedStatistics({ layers, lastStep, summary }: RunFacts): RunFinding[] {
  const isInitial = initialStatistics(summary);
  const found = lastStep < LEAST_STEPS ? [] : layers.filter((facts) => isNeverUpdated(facts, isInitial));
  const [first] = found;
  if (!first) return [];
  const step = first.standings.at(-1)?.step ?? lastStep;
  return [
    findingOf({
      rule: "never-updated-statistics",
      severity: "warning",
      layers: found,
      step: first.standings[0]?.step ?? step,
      verdict:
        `${namesOf(found)} ${verb(found, "is", "are")} evaluated with running statistics that ` + "were never updated.",
      evidence:
        `At ${stepText(step)} of ${thousands(lastStep)}, ${first.layer.name} had no update: its running ` +
        "mean is 0 and " +
        "its running variance 1, whatever its batches are.",
      next: first.isKeras
        ? "Call the model with training=True in the training loop. Without it, BN takes the moving statistics."
        : "Train in train mode, with a momentum above 0. Functional calls must return and keep the buffers.",
    }),
  ];
}

/**
 * Loaded statistics need no update, unless they are those of a new layer themselves: a script may set its weights again
 * and again.
 */
function isNeverUpdated(facts: LayerFacts, isInitial: (layer: string) => boolean): boolean {
  const { trained, updatesBefore } = facts.layer.norm;
  const last = facts.standings.at(-1);
  if (isCopy(facts) || !isTracked(facts) || trained !== true || updatesBefore !== 0) return false;
  if (facts.segments.length > 0 && !isInitial(facts.layer.id)) return false;
  return facts.isEvaluated && last?.updates === 0 && last.step >= LEAST_STEPS;
}

/** Whether the newest sample of a layer has a running mean of 0 and a running variance of 1 in every channel. */
function initialStatistics({ samples }: RunSummary): (layer: string) => boolean {
  const norm = tableNumbers("norms", [...samples.values()]);
  return (layer) =>
    (["min", "max"] as const).every(
      (end) => norm(layer, `running_mean.${end}`) === 0 && norm(layer, `running_variance.${end}`) === 1,
    );
}
