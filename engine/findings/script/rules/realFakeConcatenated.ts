/** Real and generated samples in one batch: BN in the discriminator normalizes both with the mixture's statistics. */
import type { SourceFinding } from "../../sourceFinding";
import { passFinding } from "../passFinding";
import { grouped, lineText, siteKey, usesBatchStatistics, type ScriptContext } from "../scriptContext";
import { originsOf } from "../../../script/forwards";
import { optionsOf, type Forward, type TracedValue } from "../../../script/tracedValues";
import { tokensOf, wordsOf } from "../../../script/words";

const GENERATED = /^(fake|fakes|gen|generated|generator|g|netg|synth|synthetic|decoder)$/;
const DISCRIMINATOR = /^(d|netd|dis|disc|discriminator|critic|discrim)$/;

export function realFakeConcatenated(context: ScriptContext): SourceFinding[] {
  const mixed = context.trace.forwards.filter((forward) => {
    const { training, isHeld } = forward;
    return (
      training !== null &&
      usesBatchStatistics({ modes: training.modes, isHeld }) &&
      forward.hasNorm &&
      forward.args.flatMap(optionsOf).some((value) => isMixture(forward, value))
    );
  });
  return grouped(mixed, ({ site }) => siteKey(site)).flatMap(([first]) =>
    first === undefined ? [] : describe(context, first),
  );
}

/** One part comes out of another network, another part does not. */
function isMixture({ module }: Forward, value: TracedValue): boolean {
  if (value.kind !== "tensor" || value.joined === null || value.joined.length < 2) return false;
  const parts = value.joined.map((part) => ({
    part,
    makers: originsOf(part)
      .map(({ forward }) => forward.module)
      .filter((maker) => maker !== module),
  }));
  const made = parts.filter(({ makers }) => makers.length > 0);
  if (made.length === 0 || made.length === parts.length) return false;
  const names = [...made.flatMap(({ part, makers }) => [...wordsOf(part), ...makers.flatMap(namesOf)])];
  return (
    names.some((name) => tokensOf(name).some((token) => GENERATED.test(token))) ||
    namesOf(module).some((name) => tokensOf(name).some((token) => DISCRIMINATOR.test(token)))
  );
}

const namesOf = ({ names, type }: Forward["module"]): string[] => [...names, type];

function describe(context: ScriptContext, forward: Forward): SourceFinding[] {
  return passFinding(context, forward, (name) => ({
    rule: "real-fake-concatenated",
    verdict: `${name} sees real and generated samples in one batch.`,
    evidence:
      `On ${lineText(context, forward.site)} its BN layers normalize both halves with the mean and variance of ` +
      "the mixture. The output for a sample depends on the share of generated samples, and the running " +
      "statistics mix 2 distributions.",
    next: `Call ${name} twice: once with the real batch, once with the generated batch.`,
  }));
}
