/**
 * An exponential average with the bias correction of Adam (Kingma & Ba 2015, section 3), so that its start is not
 * biased towards zero. Values that are not finite become NaN and do not change the average.
 */
export function smoothed(values: ArrayLike<number>, span: number): Float32Array {
  const keep = 1 - 1 / Math.max(1, span);
  const result = new Float32Array(values.length);
  let sum = 0;
  let weight = 0;
  for (let index = 0; index < values.length; index++) {
    const value = values[index] ?? Number.NaN;
    if (!Number.isFinite(value)) {
      result[index] = Number.NaN;
      continue;
    }
    sum = keep * sum + (1 - keep || 1) * value;
    weight = keep * weight + (1 - keep || 1);
    result[index] = sum / weight;
  }
  return result;
}

/** The number of points that the average covers: a fortieth of the series, so that short and long runs look alike. */
export const smoothingSpan = (points: number): number => Math.max(1, Math.min(100, points / 40));
