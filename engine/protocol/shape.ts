/** Sizes of the values between layers, and how they follow from each other. */

/**
 * Sizes without the batch axis, in the framework's own order: `[channel, height, width]` for PyTorch, as its
 * `data_format` says for Keras (`[height, width, channel]` unless it says otherwise).
 */
export type Shape = readonly number[];

/** How many values a sample of this shape has. */
export const elementCount = (shape: Shape): number => shape.reduce((product, size) => product * size, 1);

/**
 * Where each of several arrays of a sample begins when they come one after another, and how many values they have
 * together.
 */
export function placesOf(shapes: readonly Shape[]): { readonly starts: readonly number[]; readonly total: number } {
  let total = 0;
  const starts = shapes.map((shape) => {
    total += elementCount(shape);
    return total - elementCount(shape);
  });
  return { starts, total };
}

/**
 * Whether the engine has a place for values of this shape: features, sequences and images. Others are only ever
 * rearranged into such.
 */
export function isStored(shape: Shape): boolean {
  return shape.length >= 1 && shape.length <= 3;
}

/**
 * How the output's shape follows from the inputs' shapes, for layers the engine does not train: plain data, so that a
 * graph can be checked again after its annotations were applied. Axes count from 0 at the batch axis.
 */
export type ShapeRule =
  /** Keeps the shape (dropout, activations, layer norm); `channels` is the size that axis 1 must have. */
  | { readonly rule: "same"; readonly channels?: number }
  /** Element-wise over several inputs. */
  | { readonly rule: "broadcast" }
  | { readonly rule: "concatenate"; readonly axis: number }
  /** Convolutions and poolings over the last axes, one entry per spatial axis. */
  | {
      readonly rule: "window";
      readonly kernelSize: readonly number[];
      readonly stride: readonly number[];
      /** Total padding of both sides. */
      readonly padding: readonly number[];
      readonly dilation: readonly number[];
      readonly ceilMode: boolean;
      readonly inChannels?: number;
      readonly outChannels?: number;
    }
  | {
      readonly rule: "transposedWindow";
      readonly kernelSize: readonly number[];
      readonly stride: readonly number[];
      /** Total padding of both sides. */
      readonly padding: readonly number[];
      readonly outputPadding: readonly number[];
      readonly dilation: readonly number[];
      readonly inChannels: number;
      readonly outChannels: number;
    }
  /** Adaptive pooling; null keeps the size. */
  | { readonly rule: "resize"; readonly size: readonly (number | null)[] }
  | { readonly rule: "scale"; readonly factors: readonly number[] }
  | { readonly rule: "pad"; readonly amounts: readonly number[] }
  /** Adds a last axis (embeddings). */
  | { readonly rule: "append"; readonly size: number }
  /** Sizes after the batch axis; one of them may be -1. */
  | { readonly rule: "reshape"; readonly sizes: readonly number[] }
  /** The order of all axes, the batch axis first. */
  | { readonly rule: "permute"; readonly order: readonly number[] }
  | { readonly rule: "reduce"; readonly axes: readonly number[]; readonly keepDims: boolean }
  /** Part `index` of an axis that is cut into this many parts of equal size, the last of which may be smaller. */
  | { readonly rule: "chunk"; readonly axis: number; readonly chunks: number; readonly index: number }
  /** A stretch of an axis. */
  | { readonly rule: "narrow"; readonly axis: number; readonly size: number }
  /** Repeats axes of size 1; sizes after the batch axis, −1 keeps one. */
  | { readonly rule: "expand"; readonly sizes: readonly number[] }
  | { readonly rule: "squeeze"; readonly axis: number }
  | { readonly rule: "unsqueeze"; readonly axis: number }
  /** What the reader worked out for exactly these inputs (Keras); for any others the output is not known. */
  | {
      readonly rule: "workedOut";
      readonly cases: readonly { readonly inputs: readonly Shape[]; readonly output: Shape }[];
    };
