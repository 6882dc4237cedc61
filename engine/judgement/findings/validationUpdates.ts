/** Steps at which running statistics got far more updates than usual: passes in train mode that were not training. */
import type { RunFinding } from "../../protocol/finding";
import { counted, thousands } from "../../protocol/numberText";
import { findingOf, ifUsed, namesOf, stepsText, verb, worstOf } from "./findingParts";
import { isSingleStep, type PassSpan, usualPasses } from "./passSpans";
import { disturbedAt, type LayerFacts, type RunFacts } from "./runFacts";

/** One pass more may be a batch whose loss was skipped. Twice as many passes or more are something else. */
const EXTRA_PASSES = 2;
/** Single extra passes at so many steps, at equal distances: samples that are drawn every so many steps. */
const REGULAR_STEPS = 3;
/**
 * PyTorch's GradScaler doubles its scale after so many steps, and the batch that then overflows is skipped: one extra
 * pass, at equal distances, that nobody asked for.
 */
const GROWTH_INTERVAL = 2000;

interface Peaks {
  readonly facts: LayerFacts;
  readonly usual: number;
  readonly peaks: readonly PassSpan[];
  /** Updates after the last step. */
  readonly after: number;
}

export function statisticsUpdatedByValidation(run: RunFacts): RunFinding[] {
  const found = run.layers.flatMap((facts) => peaksIn(run, facts));
  const worst = worstOf(found, ({ peaks, after }) => peaks.length + (after > 0 ? 1 : 0));
  if (!worst) return [];
  const layers = found.map(({ facts }) => facts);
  const most = worstOf(worst.peaks, ({ passes }) => passes);
  const first = worst.peaks[0]?.from ?? run.lastStep;
  return [
    findingOf({
      rule: "statistics-updated-by-validation",
      severity: ifUsed(layers, "warning"),
      layers,
      step: first,
      verdict:
        `${namesOf(layers)} ${verb(layers, "updates its", "update their")} running statistics in passes that are not ` +
        "training: validation or sampling in train mode.",
      evidence: evidenceOf(worst, most),
      next: worst.facts.isKeras
        ? "Call the model with training=False for validation and sampling."
        : "Call model.eval() before validation or sampling, and model.train() after it. torch.no_grad() " +
          "does not stop " +
          "the updates.",
    }),
  ];
}

/** Twice, or once and after the last step, or after the last step alone; of single passes only what is regular. */
function peaksIn({ hasEnded, lastStep }: RunFacts, facts: LayerFacts): Peaks[] {
  const usual = usualPasses(facts.spans, lastStep);
  if (usual === 0) return [];
  const last = hasEnded ? facts.spans.findLast(({ from }) => from > lastStep) : undefined;
  const isRecomputed = disturbedAt(facts, Number.POSITIVE_INFINITY) >= lastStep && lastStep > 0;
  const after = last && last.passes >= EXTRA_PASSES && !isRecomputed ? last.passes : 0;
  const single = facts.spans.filter(
    (span) => span.from > 1 && span.from <= lastStep && isSingleStep(span) && !isDisturbed(facts, span),
  );
  const peaks = single.filter(({ passes }) => passes - usual >= Math.max(EXTRA_PASSES, usual));
  if (peaks.length >= 2 || after > 0) return [{ facts, usual, peaks, after }];
  const extra = single.filter(({ passes }) => passes > usual && passes - usual >= usual);
  return isRegular(extra) ? [{ facts, usual, peaks: extra, after }] : [];
}

/** Statistics that were written from outside explain a number of updates by themselves. */
const isDisturbed = ({ segments }: LayerFacts, { from }: PassSpan): boolean =>
  segments.some(({ step }) => step === from || step === from - 1);

function isRegular(spans: readonly PassSpan[]): boolean {
  if (spans.length < REGULAR_STEPS) return false;
  const distances = spans.slice(1).map(({ from }, index) => from - (spans[index]?.from ?? 0));
  const [least, most] = [Math.min(...distances), Math.max(...distances)];
  return most - least <= 1 && Math.abs(least - GROWTH_INTERVAL) > 1;
}

function evidenceOf({ facts, usual, peaks, after }: Peaks, most: PassSpan | undefined): string {
  const afterText = after > 0 ? `${thousands(after)} more came after the last step` : "";
  const at =
    most === undefined
      ? ""
      : `${stepsText(peaks.map(({ from }) => from))} ${peaks.length === 1 ? "has" : "have"} ` +
        `${peaks.every(({ passes }) => passes === most.passes) ? "" : "up to "}${thousands(most.passes)}`;
  return (
    `${facts.layer.name} usually has ${counted(usual, "update")} a step; ` +
    `${[at, afterText].filter(Boolean).join(", and ")}.`
  );
}
