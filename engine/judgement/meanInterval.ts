/** Means with their spread. */
import type { MeanInterval } from "../protocol/comparison";

/** By Student's t; values that are not finite are left out. */
export function meanInterval(values: readonly number[]): MeanInterval {
  const known = values.filter(Number.isFinite);
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  if (known.length < 2) return { mean, low: Number.NaN, high: Number.NaN };
  const variance = known.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (known.length - 1);
  const half = tQuantile(known.length - 1) * Math.sqrt(variance / known.length);
  return { mean, low: mean - half, high: mean + half };
}

const SMALL_QUANTILES = [12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.306, 2.2622, 2.2281];
const NORMAL_QUANTILE = 1.959964;

/**
 * The quantile of Student's t at 97.5 %, by its degrees of freedom: from a table, then by Fisher's expansion around the
 * normal one (Abramowitz & Stegun 26.7.5), which has four right digits there.
 */
export function tQuantile(freedom: number): number {
  const z = NORMAL_QUANTILE;
  const expanded =
    z +
    (z ** 3 + z) / (4 * freedom) +
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * freedom ** 2) +
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / (384 * freedom ** 3);
  return SMALL_QUANTILES[freedom - 1] ?? expanded;
}

/** Of an even number the larger one in the middle: of two layers the worse. NaN where nothing is known. */
export function middle(values: readonly number[]): number {
  const sorted = values.filter(Number.isFinite).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
