/** Any number of runs side by side: variants, what is said of each against the first, and what was set differently. */
import type { ComparedSeed, Comparison, Variant, VariantWords } from "../protocol/comparison";
import { isLive, runLetter } from "../protocol/judgement";
import { listed, percent, plural, points } from "../protocol/numberText";
import type { RunRecord } from "../protocol/records";
import { type ComparedRun, SAME_WITHIN } from "./compare";
import type { SeedRun } from "./comparedNumbers";
import { type ComparedVariant, isGoingOn, verb, wordsAgainst, wordsOfFirst } from "./comparedWords";
import { differencesOf, seedOf, variantKey } from "./comparedFacts";
import { meanInterval } from "./meanInterval";
import type { RunSummary } from "./runSummary";
import { accuraciesAt } from "./triage";

const MOST_WORDS = 8;

/** Null for fewer than two runs. */
export function compareRuns(runs: readonly ComparedRun[]): Comparison | null {
  if (runs.length < 2) return null;
  const variants = variantsOf(runs);
  const [first, ...others] = variants;
  if (!first) return null;
  const words = [wordsOfFirst(first, others.length > 0), ...others.map((variant) => wordsAgainst(first, variant))];
  return {
    tone: runs.some(({ state }) => isLive(state)) ? "busy" : "information",
    sentence: headline(variants, words),
    variants: variants.map(plainVariant),
    words: words.slice(0, MOST_WORDS),
    unsaid: Math.max(0, words.length - MOST_WORDS),
    differences: differencesOf(variants.map(({ seeds }) => seeds.map(({ summary }) => summary.run))),
  };
}

const plainVariant = ({ letter, accuracy, seeds }: ComparedVariant): Variant => ({
  letter,
  accuracy,
  seeds: seeds.map(
    ({ run, letter, seed, accuracy, population, loss, epochsPerStep, msPerStep }): ComparedSeed => ({
      ...{ run, letter, seed, accuracy, population, loss, epochsPerStep, msPerStep },
    }),
  ),
});

/** In the order of their first runs. A seed that a variant has already is another variant's: why it ran is unknown. */
function variantsOf(runs: readonly ComparedRun[]): ComparedVariant[] {
  const at = commonStep(runs);
  const groups: { readonly key: string | null; readonly seeds: SeedRun[] }[] = [];
  runs.forEach((run, index) => {
    const seed = seedRun(run, index, at);
    const key = variantKey(run.summary.run);
    const own = groups.find(
      (group) => key !== null && group.key === key && !group.seeds.some((other) => other.seed === seed.seed),
    );
    if (own) own.seeds.push(seed);
    else groups.push({ key, seeds: [seed] });
  });
  return groups.map(({ seeds }) => ({
    letter: seeds[0]?.letter ?? "",
    accuracy: meanInterval(seeds.map(({ accuracy }) => accuracy)),
    seeds,
  }));
}

/** While a run goes on, all are compared where it was evaluated last; null compares them at their ends. */
function commonStep(runs: readonly ComparedRun[]): number | null {
  const steps = runs
    .filter(({ state }) => isLive(state))
    .flatMap(({ summary }) => summary.evals.findLast(({ running }) => running !== null)?.step ?? []);
  return steps.length === 0 ? null : Math.min(...steps);
}

function seedRun({ summary, state }: ComparedRun, run: number, at: number | null): SeedRun {
  const { running, population } = accuraciesAt(summary, at);
  return {
    ...{ run, letter: runLetter(run), seed: seedOf(summary.run), state, summary },
    ...{ accuracy: running, population, loss: summary.loss.value },
    epochsPerStep: epochsPerStep(summary.run),
    msPerStep: msPerStep(summary),
  };
}

function epochsPerStep(run: RunRecord | null): number {
  const batch = run?.config?.batchSize ?? run?.settings["batchSize"];
  const samples = run?.data?.trainSamples ?? null;
  if (typeof batch !== "number" || !(batch > 0) || samples === null || samples === 0) return Number.NaN;
  return (batch * (run?.config?.accumulate ?? 1) * (run?.ranks ?? 1)) / samples;
}

/** Of a run that has ended, from its first step on: one that was resumed does not know what came before. */
function msPerStep({ end, segments }: RunSummary): number {
  const isWhole = segments.every(({ reason }) => reason !== "resumed");
  return end?.elapsedMs && end.step > 0 && isWhole ? end.elapsedMs / end.step : Number.NaN;
}

/** "3 variants with 2 seeds each: C is ahead with 96.8 %, and D is 40.1 points behind it." */
function headline(variants: readonly ComparedVariant[], words: readonly VariantWords[]): string {
  const [first] = variants;
  if (first && variants.length === 1) return words[0]?.sentence ?? "";
  const counts = [...new Set(variants.map(({ seeds }) => seeds.length))];
  const seeds = counts.length > 1 ? " with several seeds" : counts[0] === 1 ? "" : ` with ${counts[0] ?? 0} seeds each`;
  const start = `${plural(variants.length, "variant")}${seeds}: `;
  const scored = variants
    .filter(({ accuracy }) => Number.isFinite(accuracy.mean))
    .sort((a, b) => b.accuracy.mean - a.accuracy.mean);
  const [best] = scored;
  const last = scored.at(-1);
  if (!best || !last) return `${start}none has an accuracy${variants.some(isGoingOn) ? " yet" : ""}.`;
  if (best === last) return `${start}only ${best.letter} has an accuracy${variants.some(isGoingOn) ? " yet" : ""}.`;
  const unknown = variants.filter(({ accuracy }) => !Number.isFinite(accuracy.mean)).map(({ letter }) => letter);
  const without = unknown.length === 0 ? "" : ` ${listed(unknown)} ${unknown.length === 1 ? "has" : "have"} none.`;
  const difference = best.accuracy.mean - last.accuracy.mean;
  if (difference < SAME_WITHIN) return `${start}all ${verb(variants)} about ${percent(best.accuracy.mean)}.${without}`;
  const chance = isChance(best, last) ? "; no difference seen at this size" : "";
  return (
    `${start}${best.letter} is ahead with ${percent(best.accuracy.mean)}, ` +
    `${last.letter} is ${points(difference)} behind it${chance}.${without}`
  );
}

/** Whether their intervals overlap. */
const isChance = ({ accuracy: best }: ComparedVariant, { accuracy: last }: ComparedVariant): boolean =>
  Number.isFinite(best.low) && Number.isFinite(last.high) && best.low <= last.high;
