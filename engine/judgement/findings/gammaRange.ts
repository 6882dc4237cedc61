/** γ that switches channels off, or that has grown without limit. */
import type { RunFinding } from "../../protocol/finding";
import { counted, thousands, twoDigits } from "../../protocol/numberText";
import { findingOf, namesOf, verb, worstOf } from "./findingParts";
import { type LayerFacts, newestWith, type RunFacts } from "./runFacts";

const DEAD_SHARE = 0.5;
/** Trained networks have γ between 0 and a few; from here on one channel drowns the others. */
const EXPLODING = 100;

export const gammaDeadOrExploding = (run: RunFacts): RunFinding[] => [...exploding(run), ...dead(run)];

function exploding({ layers }: RunFacts): RunFinding[] {
  const largest = (facts: LayerFacts): number =>
    newestWith(facts, ({ largestGamma }) => largestGamma)?.largestGamma ?? 0;
  const found = layers.filter((facts) => largest(facts) > EXPLODING);
  const worst = worstOf(found, largest);
  if (!worst) return [];
  return [
    findingOf({
      rule: "gamma-dead-or-exploding",
      severity: "warning",
      layers: found,
      step: worst.standings.find(({ largestGamma }) => (largestGamma ?? 0) > EXPLODING)?.step ?? null,
      verdict: `${namesOf(found)} ${verb(found, "has", "have")} a γ that has grown to ${twoDigits(largest(worst))}.`,
      evidence:
        `The largest |γ| of ${worst.layer.name} is ${twoDigits(largest(worst))}; it begins as 1 ` +
        "and rarely leaves 0 to 10.",
      next: "Lower the learning rate of γ, or clip gradients.",
    }),
  ];
}

function dead({ layers }: RunFacts): RunFinding[] {
  const count = (facts: LayerFacts): number => newestWith(facts, ({ deadGamma }) => deadGamma)?.deadGamma ?? 0;
  const share = (facts: LayerFacts): number => count(facts) / Math.max(1, facts.layer.norm.channels ?? Infinity);
  const found = layers.filter((facts) => share(facts) >= DEAD_SHARE);
  const worst = worstOf(found, share);
  if (!worst) return [];
  const channels = worst.layer.norm.channels ?? 0;
  return [
    findingOf({
      rule: "gamma-dead-or-exploding",
      severity: "information",
      layers: found,
      step: newestWith(worst, ({ deadGamma }) => deadGamma)?.step ?? null,
      verdict: `${namesOf(found)} ${verb(found, "has", "have")} switched off half of the channels or more.`,
      evidence:
        `γ of ${thousands(count(worst))} of ${counted(channels, "channel")} in ${worst.layer.name} is under a ` +
        "thousandth of the layer's root mean square.",
      next: "Nothing to do if γ is pruned on purpose. Otherwise leave γ out of weight decay.",
    }),
  ];
}
