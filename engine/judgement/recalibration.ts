/** What recalibration would give: exact population statistics in place of the running ones, from what was recorded. */
import { isAbove, type Recalibration } from "../protocol/judgement";
import type { EvalRecord, GapRecord } from "../protocol/records";
import type { JudgedRun } from "./judgedRun";
import { lastAt } from "./runSummary";

type RecalibratedRun = Pick<JudgedRun, "summary" | "readings" | "at">;

/** As of the last step with anything to compare: numbers of different steps are no before and after. */
export function recalibrationOf({ summary, readings, at }: RecalibratedRun): Recalibration | null {
  const scored = lastAt(
    summary.evals.filter((record) => accuracyOf(record) !== null),
    at,
  );
  const probed = lastAt(
    summary.gaps.filter((record) => flipsOf(record) !== null),
    at,
  );
  const step = Math.max(scored?.step ?? -1, probed?.step ?? -1);
  if (step < 0) return null;
  const ofStep = <R extends { readonly step: number }>(record: R | null): R | null =>
    record?.step === step ? record : null;
  const gap = ofStep(probed);
  const distances = ofStep(lastAt(summary.populations, at))?.layers.flatMap(({ meanDistance }) => meanDistance ?? []);
  const accuracy = accuracyOf(ofStep(scored));
  const flips = flipsOf(gap);
  const helps = (accuracy !== null && accuracy[1] > accuracy[0]) || (flips !== null && flips[1] < flips[0]);
  const isOff = readings.some(({ distanceSeverity, gapSeverity }) => isAbove(distanceSeverity) || isAbove(gapSeverity));
  return {
    step,
    accuracy,
    flips,
    samples: gap?.samples ?? Number.NaN,
    distance: distances === undefined || distances.length === 0 ? null : Math.max(...distances),
    isNeeded: isOff && helps,
  };
}

function accuracyOf(record: EvalRecord | null): Recalibration["accuracy"] {
  const before = record?.running?.accuracy ?? null;
  const after = record?.population?.accuracy ?? null;
  return before === null || after === null ? null : [before, after];
}

function flipsOf(record: GapRecord | null): Recalibration["flips"] {
  const before = record?.output?.flips ?? null;
  const after = record?.output?.flipsWithPopulation ?? null;
  return before === null || after === null ? null : [before, after];
}
