/**
 * What is wrong with a run, as engine/judgement decides it from records alone. Panel, editor and command line show this
 * object; nothing else in the product judges. Numbers that were not measured are NaN.
 */
import type { RunFinding } from "./finding";
import type { RunStatus } from "./records";

/**
 * The state of a run: `starting` until its first record; `unsure` while it is unknown whether its producer is alive.
 */
export type RunState = "starting" | "running" | "paused" | "unsure" | "interrupted" | RunStatus;

export type Health = "ok" | "warning" | "error" | "unknown";

/** The views with a verdict on a single run. */
export const viewIds = ["overview", "drift", "convergence", "gap", "health", "ranks", "findings"] as const;
export type JudgedView = (typeof viewIds)[number];
/** Several runs have one more. */
export type ViewId = JudgedView | "compare";
/** As its tab, links to it and the command line call a view. */
export const viewTitles: Readonly<Record<ViewId, string>> = {
  overview: "Overview",
  drift: "Drift",
  convergence: "Convergence",
  gap: "Train vs eval",
  health: "Gradients and health",
  ranks: "Ranks",
  findings: "Findings",
  compare: "Compare",
};

/** What a verdict may offer to do. */
export type VerdictCommand =
  | "pause"
  | "resume"
  | "stop"
  | "probeNow"
  | "stopRecording"
  | "trainAgain"
  | "compare"
  | "revealFolder"
  | "openSource";

export type VerdictTone = "ok" | "information" | "warning" | "error" | "busy";

/** A piece of an answer: plain text, or something that can be acted on or stands out. */
export type Part =
  | string
  | { readonly kind: "strong"; readonly text: string }
  | { readonly kind: "code"; readonly text: string }
  /** By id; `name` is what is shown. */
  | { readonly kind: "layer"; readonly id: string; readonly name: string }
  | { readonly kind: "line"; readonly line: number; readonly layer: string }
  | { readonly kind: "view"; readonly view: JudgedView; readonly text: string }
  | { readonly kind: "command"; readonly command: VerdictCommand; readonly text: string };

export interface Answer {
  readonly label: string;
  readonly parts: readonly Part[];
}

/** One sentence, three or four answers, the last of which says what to do next. */
export interface Verdict {
  readonly tone: VerdictTone;
  readonly sentence: string;
  readonly answers: readonly Answer[];
}

/** Of a quantity over a layer's channels: minimum, lower quartile, median, upper quartile, maximum. NaN if unknown. */
export type Spread = readonly [number, number, number, number, number];

/** How far one layer's processes are apart, of a training that has several; in σ. */
export interface RankReading {
  /** The step at which they were compared, and the rank that is furthest from rank 0. */
  readonly step: number;
  readonly rank: number;
  /** Of the running means, or of the batches where every step begins with rank 0's statistics. */
  readonly distance: number;
  readonly floor: number;
  readonly severity: Health;
  /** Its running variance over rank 0's. */
  readonly varianceRatio: number;
  /** What statistics over all processes would change for rank 0: its batch mean, in σ, and its variance, as a ratio. */
  readonly pooledShift: number;
  readonly pooledVarianceRatio: number;
  /** Values that a channel's statistics are taken over in one process. */
  readonly samples: number;
}

/** What one normalization layer says at one step. Distances, gaps, shifts and floors are in σ. */
export interface LayerReading {
  /** The layer's id in the run record, and what a person calls it. */
  readonly id: string;
  readonly name: string;
  /** Batch mean against running mean, in σ of the batch. */
  readonly shift: number;
  /** What `shift` is in a healthy layer, where batches differ and nothing is wrong. */
  readonly shiftFloor: number;
  /** Batch variance over running variance. */
  readonly varianceRatio: number;
  /** Train against eval mode, everything upstream included. */
  readonly gap: number;
  /** What the layer alone adds to it. */
  readonly alone: number;
  readonly gapFloor: number;
  /** Running mean from population mean. */
  readonly distance: number;
  readonly firstDistance: number;
  readonly distanceFloor: number;
  /**
   * Updates until the distance would be settled if the weights stayed the same; 0 when it is, NaN when that is
   * unknown.
   */
  readonly updatesLeft: number;
  /** In log2. */
  readonly varianceDistance: number;
  readonly varianceFloor: number;
  /** Medians over channels, as the line in the editor shows them. */
  readonly batchMean: number;
  readonly batchVariance: number;
  readonly runningMean: number;
  readonly runningVariance: number;
  readonly populationMean: number;
  readonly populationVariance: number;
  /** Forward passes in training mode a step; 0 when the layer does not update. */
  readonly passes: number;
  /** Euclidean norm of the gradient of its output; of γ and β together where that was not recorded. */
  readonly gradient: number;
  readonly gamma: Spread;
  readonly beta: Spread;
  /** Null for a single process, and before its processes could be compared. */
  readonly ranks: RankReading | null;
  readonly shiftSeverity: Health;
  readonly gapSeverity: Health;
  readonly distanceSeverity: Health;
  /** The worse of gap and distance: a single batch may vary. */
  readonly severity: Health;
}

/**
 * Which of several things is wrong, from the order of three accuracies on one batch set. `unmeasured` when there are
 * none to compare.
 */
export type Triage =
  | "healthy"
  | "disagree"
  | "staleRunning"
  | "smallBatch"
  | "dependentSamples"
  | "lowEverywhere"
  | "unmeasured";

/** Shares of predictions that are right, by the statistics used. */
export interface Accuracies {
  readonly running: number;
  readonly population: number;
  readonly batch: number;
}

/** What exact population statistics would give in place of the running ones: before, and after. */
export interface Recalibration {
  /** The step at which all of it was measured. */
  readonly step: number;
  /** Shares of test samples predicted right; null where they were not measured. */
  readonly accuracy: readonly [before: number, after: number] | null;
  /** Predictions of the probe batch that flip between train and eval mode, of `samples`. */
  readonly flips: readonly [before: number, after: number] | null;
  readonly samples: number;
  /** Of the running mean from its population mean, in σ, of the layer where it is largest; afterwards it is 0. */
  readonly distance: number | null;
  /** Whether a layer is off by more than its noise floor, and predictions get better. */
  readonly isNeeded: boolean;
}

export interface Judgement {
  /** The step a person pinned; null for the newest. The overview judges the whole run either way. */
  readonly at: number | null;
  /** The step it applies to. */
  readonly step: number;
  readonly triage: Triage;
  readonly accuracies: Accuracies;
  /** Of the training loss without the noise of single batches; NaN before the first step and after a divergence. */
  readonly loss: number;
  readonly verdicts: Readonly<Record<JudgedView, Verdict>>;
  /** Normalization layers, input to output. */
  readonly layers: readonly LayerReading[];
  /** Null where neither accuracies nor flips were measured with population statistics. */
  readonly recalibration: Recalibration | null;
  /** What is wrong with BN in this run: the worst first, and of equals the earliest. */
  readonly findings: readonly RunFinding[];
  /** What else has to be said: damage in the log, ranks, segments. */
  readonly notes: readonly Note[];
}

/** A warning: numbers are missing, or are not what they seem. Information: how they are to be read. */
export interface Note {
  readonly severity: "warning" | "information";
  readonly sentence: string;
}

/** The verdicts of views that add something to the overview and the list of findings, for a page of text. */
export function furtherVerdicts({
  verdicts,
  layers,
}: Judgement): { readonly title: string; readonly verdict: Verdict }[] {
  const hasRanks = layers.some(({ ranks }) => ranks !== null);
  return (
    viewIds
      .filter((view) => view !== "overview" && view !== "findings" && (view !== "ranks" || hasRanks))
      .map((view) => ({ title: viewTitles[view], verdict: verdicts[view] }))
      // Where nothing can be judged, every view says the same.
      .filter(({ verdict }) => verdict.sentence !== verdicts.overview.sentence)
  );
}

/** What a run is called beside others: A to Z, then AA, AB, …. */
export function runLetter(index: number): string {
  const letter = String.fromCharCode(65 + (index % 26));
  return index < 26 ? letter : runLetter(Math.floor(index / 26) - 1) + letter;
}

/** A distance or gap up to this is none to speak of, in σ. */
export const WARNING_SIGMA = 0.1;

/** A layer counts as inactive if more than this share of its channels or values is. */
export const MOSTLY_INACTIVE = 0.5;

export const isAbove = (severity: Health): boolean => severity === "warning" || severity === "error";

export const isLive = (state: RunState): boolean =>
  state === "starting" || state === "running" || state === "paused" || state === "unsure";
