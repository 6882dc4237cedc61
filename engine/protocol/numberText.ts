/** Numbers as a person reads them, the same in the editor, the panel and the terminal. */

/** What is not known is a dash, never a zero. */
export const UNKNOWN = "–";
/** Between thousands: thin, and never at a line's end. */
const THIN_SPACE = "\u202f";

/** Two digits, as σ and ratios are given: 12, 1.2, 0.12, 0.01, 0.004. */
export function twoDigits(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return UNKNOWN;
  if (value < 0) return value > -0.0005 ? ">−0.001" : `−${twoDigits(-value)}`;
  if (value >= 1e6) return value.toExponential(1).replace("e+", "e");
  if (value >= 9.95) return thousands(value);
  if (value >= 0.995) return value.toFixed(1);
  if (value >= 0.0095) return value.toFixed(2);
  if (value >= 0.0005) return value.toFixed(3);
  return value === 0 ? "0" : "<0.001";
}

export function thousands(value: number): string {
  if (!Number.isFinite(value)) return UNKNOWN;
  const digits = String(Math.abs(Math.round(value))).replace(/\B(?=(\d{3})+$)/g, THIN_SPACE);
  return value < 0 && digits !== "0" ? `−${digits}` : digits;
}

/** A share of one as per cent with one decimal, without the unit. */
export const percentage = (share: number | null | undefined): string =>
  share === null || share === undefined || !Number.isFinite(share) ? UNKNOWN : (100 * share).toFixed(1);
