/** A labelled set held in memory, and how batches are taken from it. */
import type { Shape } from "../protocol/shape";

export interface SampleSet {
  readonly count: number;
  /** `[sample, …shape]`. A batch divides bytes by 255 and takes floats as they are. */
  readonly values: Uint8Array | Float32Array;
  /** Classes from 0: one a sample or, where the dataset says so, `[sample, y, x]`. */
  readonly labels: Uint8Array | Int32Array;
}

export interface Dataset {
  /** What a person calls it: `digits`, or the folder's or file's name. */
  readonly name: string;
  /** Shape of one sample: `[channel, height, width]` for images, `[feature]` for others. */
  readonly shape: Shape;
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
