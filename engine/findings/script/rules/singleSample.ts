/** One sample in train mode: BN over features alone has one value per channel, and PyTorch refuses it. */
import { isUnitTest } from "../../python/unitTest";
import type { SourceFinding } from "../../sourceFinding";
import { passFinding } from "../passFinding";
import { grouped, isManaged, siteKey, usesBatchStatistics, type ScriptContext } from "../scriptContext";
import { failsOnOne } from "./singleSampleLastBatch";
import type { Forward } from "../../../script/tracedValues";

export function singleSample(context: ScriptContext): SourceFinding[] {
  if (isUnitTest(context.file)) return [];
  const passes = context.trace.forwards.filter(({ module, isInner }) => !isInner && !isManaged(module));
  return grouped(passes, ({ site }) => siteKey(site)).flatMap((visits) => {
    // A method that is looked at by itself has no modes that are known.
    const known = visits.filter(({ modes }) => modes.every(({ mode }) => mode !== "unknown"));
    const [first] = known;
    return first !== undefined && known.every(isRefused) ? describe(context, first) : [];
  });
}

function isRefused(forward: Forward): boolean {
  const [input] = forward.args;
  return input?.kind === "tensor" && input.rows === 1 && usesBatchStatistics(forward) && failsOnOne(forward.module);
}

function describe(context: ScriptContext, forward: Forward): SourceFinding[] {
  return passFinding(context, forward, (name) => ({
    rule: "single-value-per-channel",
    severity: "warning",
    verdict: `${name} gets 1 sample here in train mode, which its BN layers can't normalize.`,
    evidence:
      "With 1 value per channel the variance is 0, and BatchNorm1d raises " +
      '"Expected more than 1 value per channel when training".',
    next: `Call ${name}.eval() before it answers for 1 sample, and ${name}.train() before it learns.`,
  }));
}
