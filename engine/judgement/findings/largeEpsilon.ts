/** An ε that is not small beside the variance, so that BN no longer normalizes. */
import type { RunFinding } from "../../protocol/finding";
import { twoDigits } from "../../protocol/numberText";
import type { Standing } from "../standings";
import { findingOf, namesOf, shareText, verb, worstOf } from "./findingParts";
import { type LayerFacts, newestWith, type RunFacts } from "./runFacts";

/** ε is then larger than the variance: the output has less than 0.71 of the spread that BN is there to give. */
const LARGE_SHARE = 0.5;
/** With so many layers it is a setting, not a layer that has died. */
const MANY_LAYERS = 0.5;

interface Large {
  readonly facts: LayerFacts;
  readonly standing: Standing;
  readonly share: number;
}

export function epsilonLarge({ layers }: RunFacts): RunFinding[] {
  const known = layers.flatMap((facts): Large[] => {
    const standing = newestWith(facts, ({ epsilonShare }) => epsilonShare);
    return standing && standing.epsilonShare !== null ? [{ facts, standing, share: standing.epsilonShare }] : [];
  });
  const large = known.filter(({ share }) => share > LARGE_SHARE);
  const worst = worstOf(large, ({ share }) => share);
  if (!worst) return [];
  const found = large.map(({ facts }) => facts);
  const { epsilon, name } = { ...worst.facts.layer.norm, name: worst.facts.layer.name };
  const value = epsilon === null ? "ε" : `ε (${epsilon})`;
  return [
    findingOf({
      rule: "epsilon-large",
      severity: large.length >= MANY_LAYERS * known.length ? "warning" : "information",
      layers: found,
      step: worst.standing.step,
      verdict: `${namesOf(found)} ${verb(found, "has", "have")} an ε larger than the variance of the batches.`,
      evidence:
        `In ${name}, ${value} is ${shareText(worst.share)} of variance + ε in the median channel, so its output has ` +
        `σ = ${twoDigits(Math.sqrt(1 - worst.share))} instead of 1.`,
      next:
        "Check whether a momentum was passed as eps: BatchNorm2d(n, 0.8) sets eps. If not, look at " +
        "why the input varies so little.",
    }),
  ];
}
