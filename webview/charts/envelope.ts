/** A series in as many bins as there are pixels; keeps the extremes. */

export interface Bins {
  readonly minima: Float64Array;
  readonly maxima: Float64Array;
  /** The last finite value of each bin; NaN where a bin has none. */
  readonly last: Float64Array;
}

export interface BinOptions {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** Bins of equal width over [from, to]; bins without a point stay NaN. */
export function binned(x: ArrayLike<number>, y: ArrayLike<number>, { from, to, count }: BinOptions): Bins {
  const bins = { minima: filled(count), maxima: filled(count), last: filled(count) };
  const width = (to - from) / count;
  if (!(width > 0)) return bins;
  for (let index = 0; index < x.length; index++) {
    const step = x[index] ?? Number.NaN;
    const value = y[index] ?? Number.NaN;
    if (!Number.isFinite(value) || step < from || step > to) continue;
    const bin = Math.min(count - 1, Math.floor((step - from) / width));
    const lowest = bins.minima[bin] ?? Number.NaN;
    const highest = bins.maxima[bin] ?? Number.NaN;
    bins.minima[bin] = Number.isNaN(lowest) ? value : Math.min(lowest, value);
    bins.maxima[bin] = Number.isNaN(highest) ? value : Math.max(highest, value);
    bins.last[bin] = value;
  }
  return bins;
}

/**
 * Fills empty bins with the value before them, up to the last measured bin: a probe's value holds until the next probe.
 */
export function heldForward(values: Float64Array): Float64Array {
  const result = Float64Array.from(values);
  const end = result.findLastIndex((value) => !Number.isNaN(value));
  for (let index = 1; index <= end; index++) {
    if (Number.isNaN(result[index] ?? Number.NaN)) result[index] = result[index - 1] ?? Number.NaN;
  }
  return result;
}

/**
 * Fills empty bins with the nearest measurement, so that each probe covers the steps around it. The outermost probes
 * cover half the distance to their neighbour on the outside too; bins beyond that were not measured and stay empty.
 */
export function nearestFilled(values: Float64Array): Float64Array {
  const result = Float64Array.from(values);
  const measured = Array.from(values.keys()).filter((bin) => !Number.isNaN(values[bin] ?? Number.NaN));
  measured.forEach((bin, index) => {
    const previous = measured[index - 1];
    const next = measured[index + 1];
    const reachBack = Math.floor((bin - (previous ?? bin - ((next ?? bin) - bin))) / 2);
    const reachOn = Math.floor(((next ?? bin + (bin - (previous ?? bin))) - bin) / 2);
    for (let at = Math.max(0, bin - reachBack); at <= Math.min(values.length - 1, bin + reachOn); at++) {
      if (at !== bin && Number.isNaN(values[at] ?? Number.NaN)) result[at] = values[bin] ?? Number.NaN;
    }
  });
  return result;
}

const filled = (count: number): Float64Array => new Float64Array(count).fill(Number.NaN);
