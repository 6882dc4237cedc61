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

/** A share of one as per cent with one decimal, without the unit: the same of a share and of its float32. */
export const percentage = (share: number | null | undefined): string =>
  share === null || share === undefined || !Number.isFinite(share)
    ? UNKNOWN
    : (Math.round(1e6 * share) / 1e4).toFixed(1);

/** Rounded up, so that what is said to fit does. */
export const megabytes = (bytes: number): string => `${Math.ceil(bytes / 1e6)} MB`;

/** Milliseconds as a person reads an estimate: 0.4 ms, 35 ms, 12 s, 3 min, 2.5 h. */
export function duration(ms: number): string {
  if (ms < 1000) return `${twoDigits(ms)} ms`;
  if (ms < 100_000) return `${Math.round(ms / 1000)} s`;
  if (ms < 5_400_000) return `${Math.round(ms / 60_000)} min`;
  return `${(ms / 3_600_000).toFixed(1)} h`;
}

/** What a run will take; the time is an estimate, and said to be one. */
export const predictionText = (
  { memoryBytes, stepMs }: { readonly memoryBytes: number; readonly stepMs: number },
  steps: number,
): string =>
  `${megabytes(memoryBytes)} of memory; an estimated ${duration(stepMs)} a step, ` +
  `${duration(stepMs * steps)} for ${thousands(steps)} steps`;

/** Between a number and its unit: the two never part at a line's end. */
const NO_BREAK_SPACE = "\u00a0";

export const withUnit = (number: string, unit: string): string =>
  number === UNKNOWN ? UNKNOWN : number + NO_BREAK_SPACE + unit;

export const sigma = (value: number | null | undefined): string => withUnit(twoDigits(value), "σ");

/** A share of one as per cent with one decimal. */
export const percent = (share: number | null | undefined): string => withUnit(percentage(share), "%");

/** A difference of two shares in percentage points. */
export const points = (difference: number): string =>
  Number.isFinite(difference) ? `${(100 * difference).toFixed(1)} points` : UNKNOWN;

/** "1.3×", "0.067×". */
export const timesText = (ratio: number): string =>
  Number.isFinite(ratio) && ratio > 0 ? `${twoDigits(ratio)}×` : UNKNOWN;

/** "1 line", "70002 lines": digits as they are, for messages. */
export const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

/** "1 layer", "20 layers". */
export const counted = (count: number, noun: string): string => `${thousands(count)} ${noun}${count === 1 ? "" : "s"}`;

/** "3, 12, 40, …": a list that does not flood the line. */
export const listed = (items: readonly (string | number)[], most = 3): string =>
  items.length <= most ? items.join(", ") : `${items.slice(0, most).join(", ")}, …`;

export const fileName = (path: string): string => path.split(/[\\/]/).at(-1) ?? path;
