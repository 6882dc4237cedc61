/** What is said of a variant of a comparison, against the first one. */
import type { MeanInterval, VariantWords } from "../protocol/comparison";
import { isLive, type RunState, type VerdictTone } from "../protocol/judgement";
import { percent, points, sigma, thousands, twoDigits } from "../protocol/numberText";
import { SAME_WITHIN } from "./compare";
import { gapDifference, type SeedRun, settlingOf, speedOf } from "./comparedNumbers";
import { meanInterval } from "./meanInterval";

export interface ComparedVariant {
  readonly letter: string;
  readonly accuracy: MeanInterval;
  readonly seeds: readonly SeedRun[];
}

interface Said {
  readonly tone: VerdictTone;
  readonly sentence: string;
}

/** Shares: below the first an accuracy is the same, from the others on a difference is a warning or an error. */
const SAME = 0.0005;
const WARNING = 0.02;
/** One seed may be luck. */
const WARNING_OF_ONE = 0.1;
const ERROR = 0.3;
/** So much better with population statistics: the weights are fine. */
const RECALIBRATED = 0.05;
/** Of two times or counts. */
const FASTER = 1.5;
const SPEED = 1.25;

export const isGoingOn = ({ seeds }: ComparedVariant): boolean => seeds.some(({ state }) => isLive(state));
export const verb = (variants: readonly ComparedVariant[]): string =>
  variants.some(isGoingOn) ? "have reached" : "reach";

export function wordsOfFirst(first: ComparedVariant, isCompared: boolean): VariantWords {
  const { letter, accuracy, seeds } = first;
  const bad = badEnd(first);
  const against = isCompared ? [`Differences below are against ${letter}.`] : [];
  const reached = `${letter} ${isGoingOn(first) ? "has reached" : "reaches"} `;
  const sentence = Number.isFinite(accuracy.mean)
    ? `${reached}${percent(accuracy.mean)}${spreadText(first)}.`
    : `${letter} ${endText(seeds)}.`;
  return {
    letter,
    tone: bad?.tone ?? (isGoingOn(first) ? "busy" : Number.isFinite(accuracy.mean) ? "ok" : "information"),
    sentence: bad ? bad.sentence : sentence,
    more: [...(bad && Number.isFinite(accuracy.mean) ? [sentence] : []), ...recalibrated(first), ...against],
  };
}

/** ", the mean of 3 seeds from 95.2 % to 96.8 %". */
function spreadText({ seeds }: ComparedVariant): string {
  const known = seeds.map(({ accuracy }) => accuracy).filter(Number.isFinite);
  if (known.length < 2) return "";
  return `, the mean of ${known.length} seeds from ${percent(Math.min(...known))} to ${percent(Math.max(...known))}`;
}

export function wordsAgainst(first: ComparedVariant, variant: ComparedVariant): VariantWords {
  const { letter } = variant;
  const bad = badEnd(variant);
  const outcome = outcomeOf(first, variant);
  const more = [
    ...recalibrated(variant),
    ...settlingText(first, variant),
    ...gapText(first, variant),
    ...speedText(first, variant),
  ];
  if (!bad) return { letter, ...outcome, more };
  return { letter, ...bad, more: hasMeans(first, variant) ? [outcome.sentence, ...more] : more };
}

const hasMeans = (...variants: readonly ComparedVariant[]): boolean =>
  variants.every(({ accuracy }) => Number.isFinite(accuracy.mean));

/** Null where every seed ended as planned, or goes on. */
function badEnd({ letter, seeds }: ComparedVariant): Said | null {
  for (const [state, words, tone] of badEnds) {
    const ended = seeds.filter((seed) => seed.state === state);
    const [one] = ended;
    if (!one) continue;
    if (seeds.length === 1) return { tone, sentence: `${letter} ${words} at step ${thousands(one.summary.lastStep)}.` };
    const whose = ended.length === seeds.length ? `All ${seeds.length}` : `${ended.length} of ${seeds.length}`;
    return { tone, sentence: `${whose} seeds of ${letter} ${words.replace(/^was /, "were ")}.` };
  }
  return null;
}

const badEnds: readonly (readonly [RunState, string, VerdictTone])[] = [
  ["diverged", "diverged", "error"],
  ["failed", "failed", "error"],
  ["interrupted", "was interrupted", "warning"],
  ["stopped", "was stopped", "information"],
];

type Pair = readonly [one: SeedRun, other: SeedRun];

/** By seed; of single runs the two that there are. */
function pairsOf({ seeds: ones }: ComparedVariant, { seeds: others }: ComparedVariant): Pair[] {
  const bySeed = ones.flatMap((one): Pair[] => {
    const other = others.find(({ seed }) => seed !== null && seed === one.seed);
    return other ? [[one, other]] : [];
  });
  const [one] = ones;
  const [other] = others;
  if (bySeed.length > 0 || !one || !other || ones.length > 1 || others.length > 1) return bySeed;
  return [[one, other]];
}

/** Running statistics do not influence training, so runs that differ only in them have equal losses. */
const trainAlike = (pairs: readonly Pair[]): boolean =>
  pairs.length > 0 &&
  pairs.every(([one, other]) => {
    const [a, b] = [one.summary.loss, other.summary.loss];
    return a.count > 1 && a.digest === b.digest;
  });

function outcomeOf(first: ComparedVariant, variant: ComparedVariant): Said {
  const { letter } = variant;
  const pairs = pairsOf(first, variant);
  if (trainAlike(pairs)) return alikeOutcome(first, variant, pairs);
  if (!hasMeans(first, variant)) return withoutAccuracy(first, variant);
  const ends = `${letter} ${isGoingOn(first) || isGoingOn(variant) ? "is so far" : "ends"} `;
  const difference = pairedDifference(pairs);
  if (Number.isNaN(difference.mean)) {
    const mean = variant.accuracy.mean - first.accuracy.mean;
    return { tone: toneOf(mean, WARNING_OF_ONE), sentence: `${ends}${amount(mean)} on average; no seed is in both.` };
  }
  if (Number.isNaN(difference.low)) {
    const chance = Math.abs(difference.mean) < SAME ? "" : "; with one seed, how much of it is chance is unknown";
    return { tone: toneOf(difference.mean, WARNING_OF_ONE), sentence: `${ends}${amount(difference.mean)}${chance}.` };
  }
  if (difference.low <= 0 && difference.high >= 0)
    return {
      tone: "ok",
      sentence: `${ends}${amount(difference.mean)}${rangeText(difference)}: no difference seen at this size.`,
    };
  return {
    tone: toneOf(difference.mean, WARNING),
    sentence: `${ends}${amount(difference.mean)}${rangeText(difference)}.`,
  };
}

/** Of the second against the first, by seed. */
const pairedDifference = (pairs: readonly Pair[]): MeanInterval =>
  meanInterval(pairs.map(([one, other]) => other.accuracy - one.accuracy));

const toneOf = (difference: number, warning: number): VerdictTone =>
  difference <= -ERROR
    ? "error"
    : difference <= -warning
      ? "warning"
      : difference <= -SAME_WITHIN
        ? "information"
        : "ok";

const amount = (difference: number): string =>
  Math.abs(difference) < SAME
    ? "at the same accuracy"
    : `${points(Math.abs(difference))} ${difference < 0 ? "lower" : "higher"}`;

/** " (7.4 to 32.1)", in the direction that `amount` says. */
function rangeText({ mean, low, high }: MeanInterval): string {
  if (Math.abs(mean) < SAME && high - low < SAME) return "";
  const [from, to] = mean < 0 ? [-high, -low] : [low, high];
  return ` (${pointText(from)} to ${pointText(to)})`;
}

const pointText = (share: number): string => (100 * share).toFixed(1).replace("-", "−").replace("−0.0", "0.0");

function alikeOutcome(first: ComparedVariant, variant: ComparedVariant, pairs: readonly Pair[]): Said {
  const start = `${variant.letter} trains like ${first.letter} to the last bit`;
  if (!hasMeans(first, variant)) return { tone: "ok", sentence: `${start}.` };
  const { mean } = pairedDifference(pairs);
  const [own, other] = [percent(variant.accuracy.mean), percent(first.accuracy.mean)];
  if (!(Math.abs(mean) > SAME_WITHIN)) return { tone: "ok", sentence: `${start}, and evaluates alike: ${own}.` };
  return { tone: toneOf(mean, WARNING), sentence: `${start}; only evaluation differs: ${own} against ${other}.` };
}

function withoutAccuracy(first: ComparedVariant, variant: ComparedVariant): Said {
  const goesOn = isGoingOn(first) || isGoingOn(variant);
  const tone = goesOn ? "busy" : "information";
  const losses = [variant, first].map(({ seeds }) => meanInterval(seeds.map(({ loss }) => loss)).mean);
  const [own = Number.NaN, other = Number.NaN] = losses;
  // While they go on they are at different steps.
  if (goesOn || !losses.every(Number.isFinite))
    return { tone, sentence: `${variant.letter} ${endText(variant.seeds)}.` };
  const text = `ends with a training loss of ${twoDigits(own)}, ${first.letter} with ${twoDigits(other)}`;
  return { tone, sentence: `${variant.letter} ${text}; no accuracy to compare.` };
}

function endText(seeds: readonly SeedRun[]): string {
  const { mean } = meanInterval(seeds.map(({ loss }) => loss));
  if (seeds.some(({ state }) => isLive(state))) return "has no accuracy yet";
  return Number.isFinite(mean) ? `ends with a training loss of ${twoDigits(mean)}` : "has no accuracy and no loss";
}

function recalibrated({ seeds, accuracy }: ComparedVariant): string[] {
  const population = meanInterval(seeds.map((seed) => seed.population)).mean;
  return population - accuracy.mean > RECALIBRATED ? [`With population statistics it has ${percent(population)}.`] : [];
}

/** "3 times", "1.8 times". */
const timesWords = (ratio: number): string => `${ratio >= 2.95 ? thousands(ratio) : ratio.toFixed(1)} times`;

/** Said only where the probes are close enough together to know. */
function settlingText(first: ComparedVariant, variant: ComparedVariant): string[] {
  const [a, b] = [settlingOf(first.seeds), settlingOf(variant.seeds)];
  const { letter } = first;
  if (!a || !b) return [];
  const by = (step: number): string => `by step ${thousands(step)}`;
  if (a.by === null && b.by === null) return [];
  if (b.by === null)
    return b.last > FASTER * (a.by ?? 0) ? [`It has not settled ${by(b.last)}; ${letter} had ${by(a.by ?? 0)}.`] : [];
  if (a.by === null) return a.last > FASTER * b.by ? [`It settles ${by(b.by)}; ${letter} has not ${by(a.last)}.`] : [];
  const steps = `${by(b.by)}, ${letter} ${by(a.by)}`;
  if (b.by > 0 && a.after >= FASTER * b.by) return [`It settles ${timesWords(a.by / b.by)} faster: ${steps}.`];
  if (a.by > 0 && b.after >= FASTER * a.by) return [`It settles ${timesWords(b.by / a.by)} slower: ${steps}.`];
  return [];
}

function gapText(first: ComparedVariant, variant: ComparedVariant): string[] {
  if (isGoingOn(first) || isGoingOn(variant)) return [];
  const found = gapDifference(first.seeds, variant.seeds);
  if (!found) return [];
  const { difference, layer } = found;
  return [`Its gap is ${sigma(Math.abs(difference))} ${difference < 0 ? "smaller" : "larger"} at ${layer}.`];
}

function speedText(first: ComparedVariant, variant: ComparedVariant): string[] {
  const speed = speedOf(first.seeds, variant.seeds);
  if (!speed || (speed.ratio < SPEED && speed.ratio > 1 / SPEED)) return [];
  const [own, other] = [`${twoDigits(speed.own)}\u00a0ms`, `${twoDigits(speed.other)}\u00a0ms`];
  return [`A step takes ${own}, ${first.letter}’s ${other}, measuring and pauses included.`];
}
