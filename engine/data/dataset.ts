/** A labelled set kept in memory, and how batches are taken from it. */
import type { Shape } from "../protocol/shape";

export interface SampleSet {
  readonly count: number;
  /** `[sample, …shape]`. A batch divides bytes by 255 and takes floats as they are. */
  readonly values: Uint8Array | Float32Array;
  /** Classes from 0: one a sample or, where the dataset says so, `[sample, y, x]`. */
  readonly labels: Uint8Array | Int32Array;
}

export interface DatasetPart {
  /**
   * As the data name it, to be found among what the model takes; empty where they name nothing and their order counts.
   */
  readonly name: string;
  readonly shape: Shape;
}

export interface Dataset {
  /** What a person calls it: `digits`, or the folder's or file's name. */
  readonly name: string;
  /** Shape of one sample: `[channel, height, width]` for images, `[feature]` for others. */
  readonly shape: Shape;
  /**
   * Where a sample has several arrays, one for each input of a model: they come one after another, and `shape` counts
   * all their values.
   */
  readonly parts?: readonly DatasetPart[];
  readonly classes: number;
  /** What the classes and, of rows, the values are called, where the data say it. */
  readonly classNames?: readonly string[] | undefined;
  readonly columns?: readonly string[] | undefined;
  /**
   * `[height, width]` of the labels of one sample that has a label for each position; absent for one label a sample.
   */
  readonly labelShape?: readonly [number, number];
  readonly train: SampleSet;
  readonly test: SampleSet;
}

export interface Normalization {
  readonly mean: readonly number[];
  readonly std: readonly number[];
}
