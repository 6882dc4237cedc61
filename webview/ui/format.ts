/** Numbers with their units and words. What is not known is a dash, never a zero. */
import { UNKNOWN, percentage, thousands, twoDigits } from "../../engine/protocol/numberText";

export { UNKNOWN, thousands, twoDigits };

/** Between a number and its unit: the two never part at a line's end. */
const SPACE = "\u00a0";
export const sigma = (value: number): string => withUnit(twoDigits(value), "σ");

/** How much larger or smaller: "15 times smaller", never "−93 %". */
export function timesWords(ratio: number): string {
  if (!Number.isFinite(ratio) || ratio <= 0) return UNKNOWN;
  return ratio >= 1 ? `${twoDigits(ratio)} times larger` : `${twoDigits(1 / ratio)} times smaller`;
}

export const times = (ratio: number): string => (Number.isFinite(ratio) ? `${twoDigits(ratio)}×` : UNKNOWN);

/** A share of one as per cent with one decimal. */
export const percent = (share: number): string => withUnit(percentage(share), "%");

/** A difference of two shares in percentage points. */
export function points(difference: number): string {
  return Number.isFinite(difference) ? `${(100 * difference).toFixed(1)} points` : UNKNOWN;
}

/** "1 layer", "20 layers". */
export const counted = (count: number, noun: string): string => `${thousands(count)} ${noun}${count === 1 ? "" : "s"}`;

export const withUnit = (number: string, unit: string): string =>
  number === UNKNOWN ? UNKNOWN : number + SPACE + unit;

/** An axis tick: as short as the number allows, with a real minus sign. */
export function tick(value: number): string {
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e5 || size < 1e-4) return value.toExponential(0).replace("e+", "e").replace("-", "−");
  const text = size >= 1000 ? thousands(size) : String(Number(size.toPrecision(3)));
  return value < 0 ? `−${text}` : text;
}

/** A long dotted name loses its middle: both the stage and the layer itself stay readable. */
export function withoutMiddle(name: string, longest: number): string {
  if (name.length <= longest) return name;
  const ending = Math.ceil((longest - 1) / 2);
  return `${name.slice(0, longest - 1 - ending)}…${name.slice(name.length - ending)}`;
}

/** "3, 12 and 40 more" without flooding the line. */
export function listed(items: readonly (string | number)[], most = 3): string {
  if (items.length <= most) return items.join(", ");
  return `${items.slice(0, most).join(", ")}, …`;
}

export const fileName = (path: string): string => path.split(/[\\/]/).at(-1) ?? path;

export type Unit = "sigma" | "percent" | "loss" | "value" | "ratio";

const byUnit: Readonly<Record<Unit, (value: number) => string>> = {
  sigma,
  percent,
  ratio: times,
  loss: twoDigits,
  value: twoDigits,
};

export const inUnit = (unit: Unit, value: number): string => byUnit[unit](value);
