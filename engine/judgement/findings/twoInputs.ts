/** One layer that gets inputs of two kinds in passes of their own: evaluation uses a mixture that is neither. */
import type { RunFinding } from "../../protocol/finding";
import { sigma, timesText } from "../../protocol/numberText";
import type { Standing } from "../standings";
import { findingOf, namesOf, passesText, verb, worstOf } from "./findingParts";
import { isTracked, type LayerFacts, oneAStep, type RunFacts } from "./runFacts";

/** Passes of one kind of data are closer than this by far: batches of 64 leave 0.13 σ. */
const APART_SIGMA = 1;
/** With small batches they are not: chance gives 1/√batch, and several times that for the furthest of many passes. */
const CHANCE_FACTOR = 5;
/** The running variance is then off by a factor of 2 or so for both. */
const VARIANCE_FACTOR = 4;
/** In smaller batches σ itself is chance, and nothing is said; their variances differ fourfold by chance up to 32. */
const LEAST_BATCH = 8;
const LEAST_FOR_VARIANCES = 32;

interface Apart {
  readonly facts: LayerFacts;
  readonly first: Standing;
  readonly newest: Standing;
}

export function oneNormForTwoInputs({ layers }: RunFacts): RunFinding[] {
  const apart = layers.filter(({ isEvaluated }) => isEvaluated).flatMap(apartIn);
  const worst = worstOf(apart, ({ newest }) => newest.passApart ?? 0);
  if (!worst) return [];
  const found = apart.map(({ facts }) => facts);
  return [
    findingOf({
      rule: "one-norm-for-two-inputs",
      severity: "warning",
      layers: found,
      step: worst.first.step,
      verdict:
        `${namesOf(found)} ${verb(found, "normalizes", "normalize")} different inputs in separate passes of a step, ` +
        "and evaluation uses one mixture of their statistics for all.",
      evidence: evidenceOf(worst),
      next: "Use a separate BN layer for each kind of input, or give both in one batch, in training as in evaluation.",
    }),
  ];
}

function isApart({ passes, passApart, passVarianceRatio, batch, samplesPerPass }: Standing): boolean {
  // Positions of one sample depend on each other, so samples count where they are known.
  const values = batch ?? samplesPerPass ?? 0;
  if ((passes ?? 0) < 2 || values < LEAST_BATCH) return false;
  if ((passApart ?? 0) >= Math.max(APART_SIGMA, CHANCE_FACTOR / Math.sqrt(values))) return true;
  return values >= LEAST_FOR_VARIANCES && (passVarianceRatio ?? 0) >= VARIANCE_FACTOR;
}

/** In the newest standings: where real and generated samples come closer, the first ones say little. */
function apartIn(facts: LayerFacts): Apart[] {
  if (!isTracked(facts)) return [];
  const known = oneAStep(
    facts.standings.filter((standing) => standing.passApart !== null || standing.passVarianceRatio !== null),
  );
  const [before, newest] = [known.at(-2), known.at(-1)];
  if (!newest || !isApart(newest)) return [];
  if (before ? !isApart(before) : newest !== facts.standings.at(-1)) return [];
  const since = known.findLastIndex((standing) => !isApart(standing)) + 1;
  return [{ facts, first: known[since] ?? newest, newest }];
}

function evidenceOf({ facts, newest }: Apart): string {
  const { passes, passApart, passVarianceRatio } = newest;
  const parts = [
    passApart === null ? "" : `means ${sigma(passApart)} apart`,
    passVarianceRatio === null ? "" : `the largest variance ${timesText(passVarianceRatio)} the smallest`,
  ].filter(Boolean);
  return `A step has ${passesText(passes ?? 0)} through ${facts.layer.name}, with ${parts.join(" and ")}.`;
}
