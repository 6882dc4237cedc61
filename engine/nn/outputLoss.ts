/**
 * The loss at a network's output. An output `[classes]` or `[classes, 1, 1]` has one label a sample, `[classes, H, W]`
 * one a position, in the order `[sample, y, x]`.
 */
import type { LossName } from "../protocol/trainConfig";
import { type ActivationBuffer, regionOf } from "./activationBuffer";
import type { Arena } from "./arena";
import { ABSENT } from "./kernels/operands";

export interface LossSettings {
  readonly name: LossName;
  /** Share of a cross-entropy's target that is spread over all classes. */
  readonly labelSmoothing: number;
}

/** As in kernels/assembly/lossKernels.ts. */
const lossKinds: Readonly<Record<LossName, number>> = { "cross-entropy": 0, mse: 1, bce: 2 };

export interface LossPlaces {
  readonly output: ActivationBuffer;
  /** Null in networks that only go forward. */
  readonly outputGradient: ActivationBuffer | null;
  /** Address of int32 labels. */
  readonly labels: number;
  /** Address of `[position, columns]` f32: probabilities, or of mean squared error the outputs. */
  readonly predictions: number;
}

export const labelsPerSample = ({ height, width }: Pick<ActivationBuffer, "height" | "width">): number =>
  height * width;

/**
 * Mean loss of `count` samples as PyTorch's losses reduce it: over positions, and of mse and bce over outputs too.
 * Writes predictions and, when training, the gradient of `share` times this mean.
 */
export function meanLoss(
  arena: Arena,
  { name, labelSmoothing }: LossSettings,
  places: LossPlaces,
  count: number,
  share: number,
): number {
  const { output, outputGradient, labels, predictions } = places;
  const { channels, columns } = output;
  const region = outputGradient ? regionOf(count, output, outputGradient) : regionOf(count, output);
  const terms = count * labelsPerSample(output) * (name === "cross-entropy" ? 1 : channels);
  return (
    arena.kernels.outputLoss({
      kind: lossKinds[name],
      region,
      classes: channels,
      columns,
      x: output,
      labels,
      smoothing: labelSmoothing,
      gradientScale: share / terms,
      gradient: outputGradient ?? ABSENT,
      predictions,
    }) / terms
  );
}

/**
 * The label each position's predictions stand for: the largest of several; of one output the likelier of 0 and 1 under
 * bce, and under mse the nearest whole number.
 */
export function predictedLabels(name: LossName, predictions: Float32Array, classes: number): Int32Array {
  return Int32Array.from({ length: predictions.length / classes }, (_, index) => {
    if (classes > 1) return argMax(predictions, index * classes, classes);
    const value = predictions[index] ?? 0;
    return name === "bce" ? Number(value > 0.5) : Math.round(value);
  });
}

/** Index of the largest of `classes` values from `start` on; the first one when several are. */
function argMax(values: Float32Array, start: number, classes: number): number {
  let best = 0;
  for (let k = 1; k < classes; k++) if ((values[start + k] ?? 0) > (values[start + best] ?? 0)) best = k;
  return best;
}
