/**
 * Running statistics as other momenta would have made them of a run's own batches, as panels draw them. Momenta are
 * weights of the new batch; distances are those of running means from population means, in σ.
 */

/** At one step, over the layers that were replayed. */
export interface ReplayedLayer {
  readonly id: string;
  /** Of the run itself. */
  readonly distance: number;
  /** Weight by weight. */
  readonly distances: readonly number[];
}

export interface Replay {
  /** Ascending. */
  readonly weights: readonly number[];
  /** What the layers have; the smallest where they differ, null where none has a fixed one. */
  readonly own: number | null;
  /** Of the population pass that distances are taken from. */
  readonly step: number;
  /** Input to output. */
  readonly layers: readonly ReplayedLayer[];
  /** Over layers: of the run itself, and weight by weight. */
  readonly median: number;
  readonly medians: readonly number[];
  /** What the median layer would vary by if nothing were wrong, weight by weight; NaN where that is not known. */
  readonly floors: readonly number[];
  /** The median over layers, pass by pass: of the run itself, and `[weight][pass]`. */
  readonly course: {
    readonly steps: readonly number[];
    readonly own: readonly number[];
    readonly medians: readonly (readonly number[])[];
  };
  /** How the model predicts with them at the last step; null where that was not measured. */
  readonly scores: ReplayedScores | null;
  /** The weight nearest to the usual one that is about as good as any; null where none brings layers much nearer. */
  readonly suggested: number | null;
}

export interface ReplayedScores {
  readonly step: number;
  readonly samples: number | null;
  /** With the run's own running statistics, on all samples of the evaluation. */
  readonly own: number;
  readonly accuracies: readonly { readonly weight: number; readonly accuracy: number }[];
}
