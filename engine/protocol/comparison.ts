/**
 * Several runs side by side, as engine/judgement/comparison.ts works them out. Runs that differ in their seed alone are
 * one variant; it is called by the letter of its first run. Numbers that were not measured are NaN.
 */
import type { VerdictTone } from "./judgement";

/** One run of a variant. */
export interface ComparedSeed {
  /** The run's place among those compared. */
  readonly run: number;
  readonly letter: string;
  /** Null where it is unknown. */
  readonly seed: string | null;
  /** Shares of test predictions that are right, with running and with population statistics. */
  readonly accuracy: number;
  readonly population: number;
  /** Of the training, without the noise of single batches. */
  readonly loss: number;
  /** Factors that make epochs and milliseconds of steps; NaN where the run does not know. */
  readonly epochsPerStep: number;
  readonly msPerStep: number;
}

/** A mean with its 95 % interval, which is NaN for fewer than two values. */
export interface MeanInterval {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

export interface Variant {
  readonly letter: string;
  /** Over its seeds. */
  readonly accuracy: MeanInterval;
  readonly seeds: readonly ComparedSeed[];
}

/** What is said of one variant: of the first by itself, of the others against it. */
export interface VariantWords {
  readonly letter: string;
  readonly tone: VerdictTone;
  readonly sentence: string;
  /** Further sentences: what else differs. */
  readonly more: readonly string[];
}

/** A setting that is not the same in all variants. */
export interface Difference {
  readonly name: string;
  /** In the order of the variants. */
  readonly values: readonly string[];
}

export interface Comparison {
  readonly tone: VerdictTone;
  readonly sentence: string;
  readonly variants: readonly Variant[];
  /** Of the first variants; `unsaid` more have none. */
  readonly words: readonly VariantWords[];
  readonly unsaid: number;
  readonly differences: readonly Difference[];
}
