import type { PaddingMode } from "../../protocol/layerOps";
import type { Shape } from "../../protocol/shape";

/** Padding of the last axes, one entry per axis. */
export interface Padding {
  readonly mode: PaddingMode;
  readonly before: readonly number[];
  readonly after: readonly number[];
}

/**
 * Why PyTorch refuses this padding of an input, as the end of a sentence; null when it takes it. Mirrored padding must
 * be smaller than the image, and repeated padding no larger (torch.nn.functional.pad).
 */
export function paddedTooFar({ mode, before, after }: Padding, input: Shape): string | null {
  const first = input.length - before.length;
  const furthest = (axis: number): number => Math.max(before[axis] ?? 0, after[axis] ?? 0);
  const sizes = before.map((_, axis) => ({ size: input[first + axis] ?? 0, padding: furthest(axis) }));
  if (mode === "reflect" && sizes.some(({ size, padding }) => padding >= size))
    return "its reflection padding is larger than the image";
  return mode === "circular" && sizes.some(({ size, padding }) => padding > size)
    ? "its circular padding is larger than the image"
    : null;
}
