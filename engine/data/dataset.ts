/** A labelled set held in memory, and how batches are taken from it. */
import type { Shape } from "../protocol/modelGraph";

export interface SampleSet {
  readonly count: number;
  /** `[sample, …shape]`. A batch divides bytes by 255 and takes floats as they are. */
  readonly values: Uint8Array | Float32Array;
  /** Class of each sample, from 0. */
  readonly labels: Uint8Array | Int32Array;
}

export interface Dataset {
  /** What a person calls it: `digits`, or the folder's or file's name. */
  readonly name: string;
  /** Shape of one sample: `[channel, height, width]` for images, `[feature]` for others. */
  readonly shape: Shape;
  readonly classes: number;
  readonly train: SampleSet;
  readonly test: SampleSet;
}

export interface Normalization {
  readonly mean: readonly number[];
  readonly std: readonly number[];
}
