/**
 * The position of a value on the small scales of the spine, 0 to 1. The scales are fixed, so that runs are comparable.
 */

export interface SmallScale {
  readonly from: number;
  readonly to: number;
}

export const shiftScale: SmallScale = { from: 0.005, to: 3 };
export const distanceScale: SmallScale = { from: 0.001, to: 3 };
/** For heat strips: the distance of the mean, the gap, and the ratio of the variances. */
export const shiftHeat: SmallScale = { from: 0.05, to: 2 };
export const gapHeat: SmallScale = { from: 0.1, to: 4 };
export const ratioHeat: SmallScale = { from: 1 / 8, to: 8 };
/** Gradients, against the last layer's: depth alone makes factors of ten. */
export const gradientHeat: SmallScale = { from: 1e-4, to: 1e4 };

/** NaN stays NaN; values outside the scale are drawn at its edge. */
export function logShare(value: number, { from, to }: SmallScale): number {
  if (Number.isNaN(value)) return Number.NaN;
  if (value <= from) return 0;
  return Math.min(1, Math.log(value / from) / Math.log(to / from));
}

export const asPercent = (share: number): string => `${(100 * (Number.isFinite(share) ? share : 0)).toFixed(2)}%`;

/** At least half a σ, so that healthy values look small. */
export const barScale = (values: readonly number[]): number => Math.max(0.5, ...values.filter(Number.isFinite));
