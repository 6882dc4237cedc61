/** A labelled set held in memory, and how batches are taken from it. */

export interface SampleSet {
  readonly count: number;
  /** `[sample, …shape]`, one byte a value; a batch divides by 255. */
  readonly images: Uint8Array;
  /** One a sample or, where the dataset says so, `[sample, y, x]`. */
  readonly labels: Uint8Array;
}

export interface Dataset {
  /** What a person calls it: `digits`, or the folder's name. */
  readonly name: string;
  /** Shape of one sample, `[channel, height, width]`. */
  readonly shape: readonly [number, number, number];
  readonly classes: number;
  /** `[height, width]` of the labels of one sample that has a label for each position; absent for one label a sample. */
  readonly labelShape?: readonly [number, number];
  readonly train: SampleSet;
  readonly test: SampleSet;
}

export interface Normalization {
  readonly mean: readonly number[];
  readonly std: readonly number[];
}
