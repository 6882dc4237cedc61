/** From per-channel vectors to the few numbers a record contains. */
import type { Quantiles } from "../protocol/records";

/** JSON has no NaN or infinity: a number that is not finite is recorded as null. */
export const finiteOrNull = (value: number): number | null => (Number.isFinite(value) ? value : null);

/**
 * Minimum, quartiles and maximum over channels, interpolated linearly (numpy's default). All null when any is not
 * finite.
 */
export function quantilesOf(values: Float32Array): Quantiles {
  const found = new Float32Array(5);
  quantilesInto(values, found, 0);
  // Seven digits are what a float32 has; more would only lengthen the log.
  const [least, lower, middle, upper, most] = Array.from(found, (value) =>
    Number.isFinite(value) ? Number(value.toPrecision(7)) : null,
  );
  return [least ?? null, lower ?? null, middle ?? null, upper ?? null, most ?? null];
}

/** Writes the five from `at` on; all NaN when any value is not finite, or there is none. */
export function quantilesInto(values: Float32Array, target: Float32Array, at: number): void {
  const sorted = values.slice().sort();
  const last = sorted.length - 1;
  // NaN is sorted after everything else, so what is not finite is at one of the ends.
  if (!Number.isFinite(sorted[0]) || !Number.isFinite(sorted[last])) {
    target.fill(Number.NaN, at, at + 5);
    return;
  }
  for (let quarter = 0; quarter < 5; quarter++) {
    const position = (quarter / 4) * last;
    const below = Math.floor(position);
    const low = sorted[below] ?? 0;
    const high = sorted[Math.min(below + 1, last)] ?? 0;
    target[at + quarter] = low + (high - low) * (position - below);
  }
}

/** √(mean over channels of value(c)²). */
export function rootMeanSquare(channels: number, value: (channel: number) => number): number {
  let sum = 0;
  for (let channel = 0; channel < channels; channel++) sum += value(channel) ** 2;
  return Math.sqrt(sum / channels);
}

export function median(values: ArrayLike<number>): number {
  const sorted = Float64Array.from(values).sort();
  const middle = Math.floor(sorted.length / 2);
  const high = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? high : ((sorted[middle - 1] ?? Number.NaN) + high) / 2;
}
