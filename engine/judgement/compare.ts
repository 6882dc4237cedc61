/** Several runs side by side, in words. */
import { isLive, runLetter, type RunState, type Verdict } from "../protocol/judgement";
import { listed, percent, points, thousands, twoDigits } from "../protocol/numberText";
import { answer, strong } from "./parts";
import type { RunSummary } from "./runSummary";
import { accuraciesAt } from "./triage";

/** Differences below this (as a share) are not worth a claim: a few test samples. */
export const SAME_WITHIN = 0.01;
const MOST_ROWS = 5;

export interface ComparedRun {
  readonly summary: RunSummary;
  readonly state: RunState;
}

/** Null for fewer than two runs. */
export function compareVerdict(runs: readonly ComparedRun[]): Verdict | null {
  if (runs.length < 2) return null;
  const rows = runs.slice(0, MOST_ROWS).map((run, index) => {
    const name = run.summary.run?.name ?? "starting";
    return answer(runLetter(index), strong(name), `, ${standing(run)}`);
  });
  const losses = runs
    .slice(0, MOST_ROWS)
    .map(({ summary }, index) => `${runLetter(index)} ${twoDigits(summary.loss.value)}`);
  const more = runs.length > MOST_ROWS ? [answer("And", `${runs.length - MOST_ROWS} more`)] : [];
  return {
    tone: runs.some(({ state }) => isLive(state)) ? "busy" : "information",
    sentence: compareSentence(runs),
    answers: [
      ...rows,
      ...more,
      answer("Training loss", losses.join(", ")),
      answer("Difference", differenceWords(runs)),
    ],
  };
}

/** "A reaches 90.4 %, B 9.6 %: with batch normalization the same model is 80.8 points ahead." */
export function compareSentence(runs: readonly ComparedRun[]): string {
  const scored = runs
    .map((run, index) => ({ ...run, letter: runLetter(index), accuracy: accuracyOf(run) }))
    .filter(({ accuracy }) => Number.isFinite(accuracy));
  if (scored.length < runs.length || scored.length < 2)
    return `${listed(runs.map((_, index) => runLetter(index)))}: at least one run has no accuracy yet.`;
  const verb = runs.some(({ state }) => isLive(state)) ? "has reached" : "reaches";
  const numbers = listed(
    scored.map(({ letter, accuracy }, index) =>
      index === 0 ? `${letter} ${verb} ${percent(accuracy)}` : `${letter} ${percent(accuracy)}`,
    ),
    MOST_ROWS,
  );
  const best = scored.reduce((top, run) => (run.accuracy > top.accuracy ? run : top));
  const least = scored.reduce((low, run) => (run.accuracy < low.accuracy ? run : low));
  const difference = best.accuracy - least.accuracy;
  if (difference > SAME_WITHIN && trainedAlike(runs))
    return `Only evaluation differs: ${numbers}. Training is identical, bit for bit.`;
  return `${numbers}: ${meaning(scored, difference)}.`;
}

const accuracyOf = ({ summary }: ComparedRun): number => accuraciesAt(summary, null).running;
const hasNorm = ({ summary }: ComparedRun): boolean => summary.normLayers.length > 0;

/** Running statistics do not influence training, so runs that differ only in them have equal losses. */
function trainedAlike(runs: readonly ComparedRun[]): boolean {
  const digests = new Set(runs.map(({ summary }) => summary.loss.digest));
  return digests.size === 1 && runs.every(({ summary }) => summary.loss.count > 1);
}

interface Scored extends ComparedRun {
  readonly letter: string;
  readonly accuracy: number;
}

function meaning(scored: readonly Scored[], difference: number): string {
  if (difference <= SAME_WITHIN) return "no relevant difference";
  const best = scored.reduce((top, run) => (run.accuracy > top.accuracy ? run : top));
  const [one, other] = scored;
  const ahead = points(difference);
  if (scored.length === 2 && one && other && hasNorm(one) !== hasNorm(other))
    return `${hasNorm(best) ? "with" : "without"} batch normalization the same model is ${ahead} ahead`;
  return scored.length === 2 ? `${best.letter} is ${ahead} ahead` : `${best.letter} is ahead, by up to ${ahead}`;
}

function differenceWords(runs: readonly ComparedRun[]): string {
  const accuracies = runs.map(accuracyOf);
  if (accuracies.some((accuracy) => !Number.isFinite(accuracy))) return "Unknown so far";
  return `${points(Math.max(...accuracies) - Math.min(...accuracies))} of test accuracy`;
}

function standing({ summary, state }: ComparedRun): string {
  const norm = hasNorm({ summary, state }) ? "with BN" : "no BN";
  return (
    `${norm}, step ` +
    `${thousands(summary.lastStep)}${state === "completed" || state === "running" ? "" : `, ${state}`}`
  );
}
