/** Which of several things is wrong, from the order of three accuracies on one batch set. */
import type { Accuracies, Triage, VerdictTone } from "../protocol/judgement";
import { lastAt, type RunSummary } from "./runSummary";

/** Accuracies closer than this (as a share) count as equal. */
const EQUAL_WITHIN = 0.02;
/** From this distance on, one is far below another. */
const FAR_BELOW = 0.05;
/** Twice the accuracy of guessing. */
const GUESSES = 2;

/** `classes` null: the accuracy of guessing is unknown, so nothing is called low. */
export function triageOf({ running, population, batch }: Accuracies, classes: number | null): Triage {
  const known = [running, population, batch].filter(Number.isFinite);
  if (known.length < 2 || !Number.isFinite(running)) return "unmeasured";
  if (classes !== null && Math.max(...known) < GUESSES / Math.max(2, classes)) return "lowEverywhere";
  const equal = (a: number, b: number, difference: number): boolean =>
    Math.abs(a - b) <= Math.max(EQUAL_WITHIN, difference / 3);
  const deficit = population - running;
  // Without batch statistics nothing speaks against the running ones being stale.
  if (deficit > FAR_BELOW && (Number.isNaN(batch) || equal(population, batch, deficit))) return "staleRunning";
  if ((Number.isNaN(population) ? running : population) - batch > FAR_BELOW) return "smallBatch";
  const evaluated = Math.max(running, population);
  if (batch - evaluated > FAR_BELOW && equal(running, population, batch - evaluated)) return "dependentSamples";
  return Math.max(...known) - Math.min(...known) > FAR_BELOW ? "disagree" : "healthy";
}

/** How far evaluation is below what the same weights reach with other statistics; NaN where none was measured. */
export function deficitOf({ running, population, batch }: Accuracies): number {
  const others = [population, batch].filter(Number.isFinite);
  return others.length === 0 ? Number.NaN : Math.max(...others) - running;
}

/**
 * Evaluation far below what the weights reach is an error, whatever its cause: a worse number is never judged milder.
 */
export const toneOfAccuracies = (accuracies: Accuracies): VerdictTone =>
  deficitOf(accuracies) > FAR_BELOW ? "error" : "warning";

export function accuraciesAt({ evals }: RunSummary, at: number | null): Accuracies {
  const scored = evals.filter(({ running, population, batch }) => running ?? population ?? batch);
  const record = lastAt(scored, at);
  return {
    running: record?.running?.accuracy ?? Number.NaN,
    population: record?.population?.accuracy ?? Number.NaN,
    batch: record?.batch?.accuracy ?? Number.NaN,
  };
}
