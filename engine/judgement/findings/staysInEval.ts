/** Training that goes on in eval mode after an evaluation. */
import type { RunFinding } from "../../protocol/finding";
import { counted, thousands } from "../../protocol/numberText";
import { findingOf, namesOf, stepText, verb, worstOf } from "./findingParts";
import { type PassSpan, stepsIn } from "./passSpans";
import { isTracked, type LayerFacts, type RunFacts } from "./runFacts";

/** Fewer steps in eval mode may be meant: a few steps of another kind between two evaluations. */
const LEAST_STEPS = 10;

export function notUpdatingThoughTraining({ layers, lastStep }: RunFacts): RunFinding[] {
  const still = layers.flatMap((facts) => {
    const spans = stillSpans(facts, lastStep);
    return spans.length > 0 ? [{ facts, spans, steps: stepsIn(spans) }] : [];
  });
  const worst = worstOf(still, ({ steps }) => steps);
  const [first] = worst?.spans ?? [];
  if (!worst || !first) return [];
  const found = still.map(({ facts }) => facts);
  const more = worst.spans.length > 1 ? `, and ${counted(worst.spans.length - 1, "more time")} later` : "";
  return [
    findingOf({
      rule: "not-updating-though-training",
      severity: "warning",
      layers: found,
      step: first.from,
      verdict:
        `${namesOf(found)} ${verb(found, "is", "are")} trained in eval mode for ${counted(worst.steps, "step")}: ` +
        "the batches are normalized with running statistics, which stay as they are.",
      evidence:
        `${worst.facts.layer.name} got updates until ${stepText(first.from - 1)} and none in steps ` +
        `${thousands(first.from)} to ${thousands(first.to - 1)}${more}; the model was in eval mode, and γ and β are ` +
        "trained.",
      next: "Call model.train() after each evaluation, before the next training step.",
    }),
  ];
}

/** After updates, so that layers that are in eval mode from the start, on purpose, are left alone. */
function stillSpans(facts: LayerFacts, lastStep: number): PassSpan[] {
  if (facts.layer.norm.trained !== true || !isTracked(facts)) return [];
  const began = facts.spans.findIndex(({ passes }) => passes >= 1);
  if (began < 0) return [];
  return facts.spans
    .slice(began + 1)
    .filter(
      ({ from, to, passes, training }) =>
        passes === 0 && training === false && from <= lastStep && to - from >= LEAST_STEPS,
    );
}
