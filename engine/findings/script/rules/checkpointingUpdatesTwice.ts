/** Activation checkpointing runs a part of the forward pass again, and its BN layers update their statistics again. */
import { findingOf } from "../../draft";
import type { SourceFinding } from "../../sourceFinding";
import { grouped, rangeAt, siteKey, type ScriptContext } from "../scriptContext";
import type { TracedCall } from "../../../script/tracing";
import { hasNorm } from "../../../script/norms";
import { modulesIn } from "../../../script/tracedValues";

const CHECKPOINT = /^torch\.utils\.checkpoint\.checkpoint(_sequential)?$/;

export function checkpointingUpdatesTwice(context: ScriptContext): SourceFinding[] {
  const calls = context.trace.calls.filter(
    (call) =>
      CHECKPOINT.test(call.path) &&
      !call.args.keyword.has("context_fn") &&
      !call.place.tests.some(({ isOffByDefault }) => isOffByDefault) &&
      hasNormInside(context, call),
  );
  return grouped(calls, ({ place }) => siteKey(place.site)).flatMap(([first]) =>
    first === undefined ? [] : describe(context, first),
  );
}

/** What is called in the checkpointed part, or handed over to it. */
function hasNormInside({ trace }: ScriptContext, { args, place }: TracedCall): boolean {
  const handed = args.positional
    .slice(0, 1)
    .flatMap((value) => [
      ...modulesIn(value),
      ...(value.kind === "object" ? [...value.fields.values()].flatMap(modulesIn) : []),
    ]);
  const called = trace.forwards.filter(
    ({ site, frames }) => site === place.site || frames.some(({ call }) => call === place.site),
  );
  return handed.some(hasNorm) || called.some((forward) => forward.hasNorm);
}

function describe(context: ScriptContext, { place }: TracedCall): SourceFinding[] {
  const range = rangeAt(context, place);
  if (range === null) return [];
  return [
    findingOf({
      rule: "checkpointing-updates-twice",
      layers: [],
      expression: range,
      verdict: "The BN layers in this checkpointed part update their running statistics twice per step.",
      evidence:
        "The part runs once in the forward pass and again in the backward pass, both times in train mode. " +
        "With momentum 0.1 a batch then has the weight 0.19, and num_batches_tracked counts 2 per step.",
      next:
        "Change the momentum m of these layers to 1 − √(1 − m), or move the BN layers out of the " +
        "checkpointed part.",
    }),
  ];
}
