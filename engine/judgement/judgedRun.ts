/** What verdicts are made from: a run at one of its steps, with everything that is derived from it once. */
import type { Accuracies, LayerReading, RunState } from "../protocol/judgement";
import type { NumbersDamage, Sample } from "../protocol/numbers";
import type { Moment } from "./layerReadings";
import type { RunSummary } from "./runSummary";

/** What a judgement is made of. */
export interface JudgeInput {
  readonly summary: RunSummary;
  readonly state: RunState;
  readonly problem: { readonly sentence: string; readonly action: string } | null;
  /** A step to judge the layer views at, with the samples that apply there; null for the newest. */
  readonly pinned?: { readonly step: number; readonly samples: readonly Sample[] } | null;
  /** What was wrong with the files. */
  readonly badLines?: readonly { readonly line: number }[];
  readonly damage?: readonly (NumbersDamage & { readonly rank: number })[];
  readonly isGone?: boolean;
}

export interface JudgedRun extends Moment {
  readonly state: RunState;
  /** Why it ended, in words; null when there is nothing to explain. */
  readonly problem: { readonly sentence: string; readonly action: string } | null;
  readonly readings: readonly LayerReading[];
  readonly accuracies: Accuracies;
  /** The first step at which running statistics are judged. */
  readonly from: number;
}
