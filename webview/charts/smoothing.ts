/**
 * An exponential average whose start is not pulled to zero (the correction of Adam, Kingma & Ba 2015, section 3).
 * Values that are not finite leave a hole and do not enter the average.
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

/** How many points the average reaches over: a fortieth of the series, so that short and long runs look alike. */
export const smoothingSpan = (points: number): number => Math.max(1, Math.min(100, points / 40));
