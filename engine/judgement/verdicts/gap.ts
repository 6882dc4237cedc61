/** Where it starts: the same batch in train and in eval mode. */
import { type Answer, isAbove, type LayerReading, type Verdict } from "../../protocol/judgement";
import { isRecording } from "../../protocol/producers";
import { percent, sigma, thousands, twoDigits } from "../../protocol/numberText";
import type { GapRecord } from "../../protocol/records";
import type { JudgedRun } from "../judgedRun";
import { aboveSince, largestBy } from "../layerReadings";
import { answer, layerPart, toneOf, viewPart } from "../parts";
import { lastAt } from "../runSummary";
import { sampleNoun } from "../runWords";

/** Up to this share, the predictions that flip are a few near the border between two classes. */
const FEW_FLIPS = 0.05;
/** If this share of the flips remains with population statistics, running statistics are not their cause. */
const MOST_FLIPS = 0.75;

export function gapVerdict(judged: JudgedRun): Verdict {
  const { readings, summary } = judged;
  const above = readings.filter(({ gapSeverity }) => isAbove(gapSeverity));
  const output = outputAnswers(judged);
  const [first] = above;
  const flips = flipsWords(judged);
  if (!first) return quietVerdict(judged, output);
  const since = aboveSince(judged, first);
  return {
    tone: toneOf(above.map(({ gapSeverity }) => gapSeverity)),
    sentence:
      flips === null || hasNoFlips(judged)
        ? `${above.length} of ${readings.length} layers normalize the same batch differently in train and eval mode.`
        : `${flips} of predictions for the same ${sampleNoun(summary.run)}s flip between train and eval mode.`,
    answers: [
      answer("Starts at", layerPart(first), startWords(first, readings, since)),
      ...output,
      answer("Next", "Open ", viewPart("convergence"), " to see whether running statistics will settle."),
    ],
  };
}

/** No layer is above its noise floor, so flips come from the noise of the batch. */
function quietVerdict({ readings, summary, at }: JudgedRun, output: readonly Answer[]): Verdict {
  if (!readings.some(({ gap }) => Number.isFinite(gap)))
    return {
      tone: "information",
      sentence: "The difference between train and eval mode was not measured.",
      answers: [largestGap(readings), ...output],
    };
  const record = lastAt(summary.gaps, at);
  const flips = flipShare(record);
  const answers = [largestGap(readings), ...output];
  if (flips === null || flips <= FEW_FLIPS)
    return {
      tone: "ok",
      sentence:
        "Train and eval mode agree: " +
        `${flips === null ? "" : `${percent(flips)} of predictions flip, and `}no layer is above its noise floor.`,
      answers: [...answers, answer("Next", "Nothing to do.")],
    };
  const remaining = (record?.output?.flipsWithPopulation ?? Number.NaN) / (record?.samples ?? Number.NaN);
  const isBatchNoise = remaining >= MOST_FLIPS * flips;
  return {
    tone: isBatchNoise ? "ok" : "information",
    sentence: isBatchNoise
      ? `Train and eval mode differ by the noise of single batches: ${percent(flips)} of predictions flip, ` +
        `${percent(remaining)} with population statistics.`
      : `${percent(flips)} of predictions flip between train and eval mode, but no single layer is above ` +
        "its noise floor.",
    answers: [
      ...answers,
      isBatchNoise
        ? answer("Next", "Nothing to do for evaluation. A larger batch makes training less noisy.")
        : answer("Next", "Open ", viewPart("convergence"), " to see whether running statistics will settle."),
    ],
  };
}

const flipShare = (record: GapRecord | null): number | null =>
  record?.output?.flips === null || record?.output?.flips === undefined || !record.samples
    ? null
    : record.output.flips / record.samples;

/** Known to be none: what differs then is in how far outputs are apart. */
const hasNoFlips = ({ summary, at }: JudgedRun): boolean => flipShare(lastAt(summary.gaps, at)) === 0;

function flipsWords({ summary, at }: JudgedRun): string | null {
  const flips = flipShare(lastAt(summary.gaps, at));
  return flips === null ? null : percent(flips);
}

/** What is known about the output: how far probabilities move, and how many flips remain with population statistics. */
function outputAnswers({ summary, at }: JudgedRun): Answer[] {
  const record = lastAt(summary.gaps, at);
  const moved = record?.output?.probabilityShift ?? null;
  const flips = record?.output?.flipsWithPopulation ?? null;
  const howBad = [
    ...(moved === null ? [] : [`Probabilities move by ${percent(moved)} on average`]),
    ...distanceWords(record),
  ];
  return [
    ...(howBad.length === 0 ? [] : [answer("How bad", capitalized(howBad.join("; ")))]),
    ...(flips === null || !record?.samples
      ? []
      : [answer("Recalibrated", `${percent(flips / record.samples)} of predictions flip with population statistics`)]),
  ];
}

const capitalized = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);

/** Without flips the difference of the outputs themselves is what there is to say. */
function distanceWords(record: GapRecord | null): string[] {
  const distance = record?.output?.distance ?? null;
  if (distance === null || (flipShare(record) ?? 0) > 0) return [];
  return [`outputs differ by ${twoDigits(distance)}× their spread over samples`];
}

/**
 * What a probe of a recording says, whatever the verdict: a person may have asked for it before it is time to judge,
 * and it may not have been possible.
 */
export function withProbe(verdict: Verdict, judged: JudgedRun): Verdict {
  if (!isRecording(judged.summary.run)) return verdict;
  const known = new Set(verdict.answers.map(({ label }) => label));
  const added = [...outputAnswers(judged), ...refusal(judged)].filter(({ label }) => !known.has(label));
  const next = verdict.answers.findIndex(({ label }) => label === "Next");
  const place = next < 0 ? verdict.answers.length : next;
  return { ...verdict, answers: [...verdict.answers.slice(0, place), ...added, ...verdict.answers.slice(place)] };
}

/** Of a probe that was asked for after the last measurement. */
function refusal({ summary, at }: JudgedRun): Answer[] {
  const refused = lastAt(summary.refusedProbes, at);
  const measured = lastAt(summary.gaps, at);
  if (refused === null || (measured !== null && measured.step >= refused.step)) return [];
  return [answer("Last probe", `Not possible at step ${thousands(refused.step)}: ${refused.reason}`)];
}

function startWords(first: LayerReading, readings: readonly LayerReading[], since: number | null): string {
  const place = readings[0] === first ? ", the first layer" : "";
  const when = since === null || since <= 1 ? "" : `, since step ${thousands(since)}`;
  return `${place} (${sigma(first.gap)}, noise floor ${sigma(first.gapFloor)})${when}`;
}

function largestGap(readings: readonly LayerReading[]): Answer {
  const largest = largestBy(readings, ({ gap }) => gap);
  if (!largest) return answer("Largest gap", "Not measured");
  return answer("Largest gap", layerPart(largest), ` (${sigma(largest.gap)}, noise floor ${sigma(largest.gapFloor)})`);
}
