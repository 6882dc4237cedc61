/** Batches of samples that belong together: what makes a batch special is subtracted with its mean. */
import type { RunFinding } from "../../protocol/finding";
import { sigma, thousands, timesText } from "../../protocol/numberText";
import type { Standing } from "../standings";
import { findingOf, ifUsed, namesOf, stepsText, verb, worstOf } from "./findingParts";
import { type LayerFacts, oneAStep, type RunFacts } from "./runFacts";

/** Independent samples give 1 at most; the number is measured over few batches, so there is room above. */
const DEPENDENCE = 3;
/**
 * Batch means that differ by less do no harm, whatever the reason: in large batches, weights that learn move the means
 * by more than chance does.
 */
const SPREAD_SIGMA = 0.25;

interface Correlated {
  readonly facts: LayerFacts;
  readonly high: readonly Standing[];
  readonly newest: Standing;
}

export function correlatedBatches({ layers, lastStep }: RunFacts): RunFinding[] {
  const correlated = layers.flatMap((facts) => correlatedIn(facts, lastStep));
  const worst = worstOf(correlated, ({ newest }) => newest.dependence ?? 0);
  if (!worst) return [];
  const found = correlated.map(({ facts }) => facts);
  const { facts, high, newest } = worst;
  return [
    findingOf({
      rule: "correlated-batches",
      severity: ifUsed(found, "warning"),
      layers: found,
      step: high[0]?.step ?? newest.step,
      verdict:
        `${namesOf(found)} ${verb(found, "gets", "get")} batches that differ far more than chance ` +
        "allows: their samples " +
        "belong together.",
      evidence:
        `Means of batches of ${thousands(newest.batch ?? 0)} vary by ${sigma(spreadOf(newest))} in ` +
        `${facts.layer.name}, ` +
        `their variance ${timesText(newest.dependence ?? 0)} that of independent samples ` +
        `(at ${stepsText(high.map(({ step }) => step))}).`,
      next: "Shuffle the training data, mix classes and sources in each batch, and keep padding out of the statistics.",
    }),
  ];
}

const spreadOf = ({ dependence, batch }: Standing): number => Math.sqrt((dependence ?? 0) / Math.max(1, batch ?? 1));

const isHigh = (standing: Standing): boolean =>
  (standing.dependence ?? 0) > DEPENDENCE && standing.batch !== null && spreadOf(standing) >= SPREAD_SIGMA;

/** In the second half of the run, at the newest standing, and at another one where there are several. */
function correlatedIn(facts: LayerFacts, lastStep: number): Correlated[] {
  const known = facts.standings.filter(
    ({ step, dependence, batch }) => 2 * step >= lastStep && dependence !== null && batch !== null,
  );
  const later = oneAStep(known);
  const high = later.filter(isHigh);
  const newest = later.at(-1);
  if (!newest || !isHigh(newest) || (later.length > 1 && high.length < 2)) return [];
  return 2 * high.length >= later.length ? [{ facts, high, newest }] : [];
}
