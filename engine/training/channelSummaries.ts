/** From per-channel vectors to the few numbers a record holds. */
import type { Quantiles } from "../protocol/records";

/** JSON has no NaN or infinity: a number that is not finite is recorded as null. */
export const finiteOrNull = (value: number): number | null => (Number.isFinite(value) ? value : null);

/** Minimum, quartiles and maximum over channels, interpolated linearly (numpy's default). All null when any is not finite. */
export function quantilesOf(values: Float32Array): Quantiles {
  if (!values.every(Number.isFinite)) return [null, null, null, null, null];
  const sorted = Float32Array.from(values).sort();
  const at = (share: number): number => {
    const position = share * (sorted.length - 1);
    const below = Math.floor(position);
    const low = sorted[below] ?? 0;
    const high = sorted[Math.min(below + 1, sorted.length - 1)] ?? 0;
    // Seven digits are what a float32 holds; more would only lengthen the log.
    return Number((low + (high - low) * (position - below)).toPrecision(7));
  };
  return [at(0), at(0.25), at(0.5), at(0.75), at(1)];
}

/** √(mean over channels of value(c)²). */
export function rootMeanSquare(channels: number, value: (channel: number) => number): number {
  let sum = 0;
  for (let channel = 0; channel < channels; channel++) sum += value(channel) ** 2;
  return Math.sqrt(sum / channels);
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const high = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? high : ((sorted[middle - 1] ?? Number.NaN) + high) / 2;
}
