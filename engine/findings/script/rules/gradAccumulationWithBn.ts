/** Several backward passes per step make a larger batch for the gradients, but not for BN. */
import type { SourceRange } from "../../../protocol/modelGraph";
import { nodesIn } from "../../../python/walk";
import type { IfStatement } from "../../../python/statements";
import { findingOf } from "../../draft";
import type { SourceFinding } from "../../sourceFinding";
import {
  grouped,
  isManaged,
  lineText,
  nameAt,
  rangeAt,
  siteKey,
  usesBatchStatistics,
  type ScriptContext,
} from "../scriptContext";
import { option, trainersOf } from "../lightning";
import { numberOf } from "../../../script/dataSize";
import type { Backward, Place } from "../../../script/tracing";
import { optionsOf, type Forward, type ObjectValue, type TracedValue } from "../../../script/tracedValues";

interface Accumulation {
  readonly backward: Backward;
  readonly forward: Forward;
  readonly period: number | null;
}

export function gradAccumulationWithBn(context: ScriptContext): SourceFinding[] {
  const found = context.trace.backwards.flatMap((backward): Accumulation[] => {
    const forward = backward.forwards.find(
      (pass) =>
        pass.training !== null &&
        usesBatchStatistics({ modes: pass.training.modes, isHeld: pass.isHeld }) &&
        pass.hasNorm &&
        !isManaged(pass.module),
    );
    const written = forward === undefined ? undefined : periodOf(context, backward);
    const period = written === undefined ? acceleratorPeriod(context, backward) : written;
    return forward === undefined || period === undefined || period === 1 ? [] : [{ backward, forward, period }];
  });
  const written = grouped(found, ({ backward }) => siteKey(backward.place.site)).flatMap(([first]) => {
    const range = first === undefined ? null : rangeAt(context, first.backward.place);
    return first === undefined || range === null ? [] : [describe(context, first.forward, first.period, range)];
  });
  return [...written, ...lightningTrainers(context)];
}

/** `Trainer(accumulate_grad_batches=4)` */
function lightningTrainers(context: ScriptContext): SourceFinding[] {
  return trainersOf(context).flatMap(({ trainer, module }) => {
    const period = numberOf(option(trainer, "accumulate_grad_batches"));
    const forward = context.trace.forwards.find((pass) => pass.module === module && pass.training !== null);
    const range = rangeAt(context, { site: trainer.site, frames: [] });
    return period === null || period < 2 || forward === undefined || range === null
      ? []
      : [describe(context, forward, period, range)];
  });
}

/** `Accelerator(gradient_accumulation_steps=4)` skips the steps in between itself. */
function acceleratorPeriod({ trace }: ScriptContext, { place }: Backward): number | undefined {
  const accelerator = trace.objects.find(({ type, root }) => type.endsWith("Accelerator") && root === place.root);
  const steps = numberOf(accelerator?.args.keyword.get("gradient_accumulation_steps"));
  return steps !== null && steps > 1 ? steps : undefined;
}

/** How many backward passes a step has: undefined for one, null for a number that is not known. */
function periodOf({ trace }: ScriptContext, backward: Backward): number | null | undefined {
  const { place, forwards } = backward;
  const loop = place.loops.at(-1);
  if (loop === undefined) return undefined;
  const modules = new Set(forwards.map(({ module }) => module));
  const steps = trace.steps.filter((step) => step.place.root === place.root && owns(step.optimizer, modules));
  const here = steps.filter((step) => step.place.loops.at(-1) === loop);
  if (here.length > 0) {
    const periods = here.map((step) => periodBetween(step.place, place));
    return periods.includes(undefined) ? undefined : periods[0];
  }
  return innerLoop(
    place,
    forwards,
    steps.map((step) => step.place),
  );
}

/** The step is in a branch with `% k` that the backward pass is not in; one or the other happens in two of one `if`. */
function periodBetween(step: Place, backward: Place): number | null | undefined {
  const own = step.tests.filter(
    (test) => !backward.tests.some((other) => other.test === test.test || areOfOneStatement(test, other)),
  );
  return own.find(({ period, loops }) => period !== undefined && loops === step.loops.length)?.period;
}

function areOfOneStatement(a: Place["tests"][number], b: Place["tests"][number]): boolean {
  if (a.file !== b.file) return false;
  const isOf = ({ branches }: IfStatement, { test }: typeof a): boolean =>
    branches.some((branch) => branch.test === test);
  return nodesIn(a.file.module.body).some((node) => node.kind === "if" && isOf(node, a) && isOf(node, b));
}

/** `for micro in range(k): loss.backward()` with the step after it. */
function innerLoop(backward: Place, forwards: readonly Forward[], steps: readonly Place[]): number | null | undefined {
  const [inner, outer] = [backward.loops.at(-1), backward.loops.at(-2)];
  if (inner === undefined || outer === undefined || !/accum|micro|grad/i.test(textOf(inner.loop.site)))
    return undefined;
  const isInside = forwards.some(({ loops }) => loops.includes(inner));
  return isInside && steps.some(({ loops }) => loops.at(-1) === outer) ? null : undefined;
}

function textOf({ file, from }: Place["site"]): string {
  const end = file.text.indexOf("\n", from);
  return file.text.slice(from, end === -1 ? undefined : end);
}

/** Whether an optimizer steps one of the networks; one whose parameters are not known may. */
function owns(optimizer: TracedValue, modules: ReadonlySet<ObjectValue>): boolean {
  if (optimizer.kind !== "object" || !optimizer.type.startsWith("torch.optim.")) return true;
  const [parameters] = optimizer.args.positional;
  const owners =
    parameters === undefined
      ? []
      : optionsOf(parameters).flatMap((option) => (option.kind === "part" ? [option.of] : []));
  return owners.length === 0 || owners.some((owner) => modules.has(owner));
}

function describe(context: ScriptContext, forward: Forward, period: number | null, range: SourceRange): SourceFinding {
  const name = nameAt(context, forward.module, forward);
  const count = period === null ? "k" : String(period);
  return findingOf({
    rule: "grad-accumulation-with-bn",
    layers: [],
    expression: range,
    verdict: `Gradient accumulation does not make the batch larger for the BN layers of ${name}.`,
    evidence:
      `The optimizer steps once per ${count} backward passes, but each forward pass on ` +
      `${lineText(context, forward.site)} normalizes with its own small batch and updates the running ` +
      `statistics, ${count} times per step.`,
    next:
      `Change the momentum m of the BN layers to 1 − (1 − m)^(1/${count}). If the small batches are too ` +
      "noisy, use a normalization that does not depend on the batch, such as GroupNorm.",
  });
}
