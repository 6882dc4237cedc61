/**
 * A penalty on the gradient of each sample, through a network with BN: the batch statistics connect the samples, so
 * each gradient is also that of the others (WGAN-GP leaves BN out of its critic for that reason).
 */
import { originsOf } from "../../../script/forwards";
import { argument, optionsOf, type Forward, type TracedValue } from "../../../script/tracedValues";
import type { TracedCall } from "../../../script/tracing";
import type { SourceFinding } from "../../sourceFinding";
import { passFinding } from "../passFinding";
import { grouped, lineText, trainedModules, usesBatchStatistics, type ScriptContext } from "../scriptContext";

export function gradientPenaltyWithBn(context: ScriptContext): SourceFinding[] {
  const trained = trainedModules(context);
  const penalized = context.trace.calls.flatMap((call) =>
    passesOf(call)
      .filter((pass) => trained.has(pass.module) && pass.hasNorm && usesBatchStatistics(pass))
      .map((pass) => ({ call, pass })),
  );
  return grouped(penalized, ({ pass }) => `${pass.module.id}`).flatMap(([first]) =>
    first === undefined ? [] : describe(context, first.call, first.pass),
  );
}

/** Passes whose output is differentiated by their input, in order to train on the gradient. */
function passesOf({ path, args }: TracedCall): Forward[] {
  const trainsOnIt = args.keyword.get("create_graph");
  const outputs = argument(args, "outputs", 0);
  const inputs = argument(args, "inputs", 1);
  const isPenalty =
    path === "torch.autograd.grad" && trainsOnIt?.kind === "constant" && trainsOnIt.value === true && inputs !== null;
  if (!isPenalty || outputs === null) return [];
  return originsOf(outputs).flatMap(({ forward, isDetached }) =>
    !isDetached && forward.args.some((value) => isAmong(value, inputs)) ? [forward] : [],
  );
}

/** The same tensor, alone or in a list; parameters are not. */
function isAmong(value: TracedValue, inputs: TracedValue): boolean {
  return optionsOf(inputs).some((option) => {
    if (option.kind === "object") return [...option.fields.values()].some((field) => isAmong(value, field));
    return option.kind === "tensor" && optionsOf(value).some((one) => one.kind === "tensor" && one.id === option.id);
  });
}

function describe(context: ScriptContext, { place }: TracedCall, pass: Forward): SourceFinding[] {
  return passFinding(context, pass, (name) => ({
    rule: "gradient-penalty-with-bn",
    verdict: `The gradient of ${name} is penalized sample by sample, and its BN layers connect the samples.`,
    evidence:
      "In train mode the output for a sample depends on the whole batch, so the gradient that " +
      `${lineText(context, place.site)} takes of the sum also contains what each sample does to the others.`,
    next: `Use LayerNorm, InstanceNorm or no normalization in ${name}.`,
  }));
}
