/** Which samples of the probe batch flip between train and eval mode at one step: what a panel shows of them. */

export interface ClassProbability {
  readonly name: string;
  /** NaN where it was not finite. */
  readonly train: number;
  readonly eval: number;
}

export interface FlippedCard {
  /** Place in the probe batch, from 0. */
  readonly index: number;
  readonly label: string;
  /** The answers. */
  readonly train: string;
  readonly eval: string;
  readonly becomes: "right" | "wrong" | "stays wrong";
  readonly probabilities: readonly ClassProbability[];
  /** How many samples flip the same way, this one included; 1 on every card of a kind but the first. */
  readonly like: number;
  /** For each of the steps, whether this sample flips there. */
  readonly flipsAt: readonly boolean[];
  /** Bytes `[channel, y, x]` in base64. */
  readonly image: string | null;
  /** The first values of a row; NaN where one is unknown. */
  readonly row: readonly number[] | null;
}

export interface FlippedSamples {
  readonly step: number;
  /** Samples of the batch. */
  readonly samples: number;
  readonly flips: number;
  readonly becomeRight: number;
  readonly becomeWrong: number;
  readonly stayWrong: number;
  /** Classes of the matrix by name: all of them, or of many those that gain or lose most. */
  readonly classes: readonly string[];
  /** Classes that the matrix leaves out. */
  readonly classesLeftOut: number;
  /** Samples by answer: `[train, eval]`, those that stay on the diagonal. */
  readonly matrix: readonly (readonly number[])[];
  /** Flips away from each of these classes, and to each. */
  readonly lost: readonly number[];
  readonly gained: readonly number[];
  readonly columns: readonly string[] | null;
  readonly image: { readonly channels: 1 | 3; readonly height: number; readonly width: number } | null;
  /** The steps at which the batch was probed. */
  readonly steps: readonly number[];
  readonly cards: readonly FlippedCard[];
}
