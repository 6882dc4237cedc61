/** Numbers with their units. In tables and columns an unknown number is a dash, never a zero. */
import { UNKNOWN, percent, sigma, thousands, twoDigits } from "../../engine/protocol/numberText";

export { UNKNOWN, percent, sigma, thousands, twoDigits };
export { counted, fileName, listed } from "../../engine/protocol/numberText";

export const times = (ratio: number): string => (Number.isFinite(ratio) ? `${twoDigits(ratio)}×` : UNKNOWN);

/** An axis tick: as short as the number allows, with a real minus sign. */
export function tick(value: number): string {
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e5 || size < 1e-4) return value.toExponential(0).replace("e+", "e").replace("-", "−");
  const text = size >= 1000 ? thousands(size) : String(Number(size.toPrecision(3)));
  return value < 0 ? `−${text}` : text;
}

/** Cuts out the middle of a long name: its stage and the layer's own name stay readable. */
export function withoutMiddle(name: string, longest: number): string {
  if (name.length <= longest) return name;
  const ending = Math.ceil((longest - 1) / 2);
  return `${name.slice(0, longest - 1 - ending)}…${name.slice(name.length - ending)}`;
}

export type Unit = "sigma" | "percent" | "loss" | "value";

const byUnit: Readonly<Record<Unit, (value: number) => string>> = { sigma, percent, loss: twoDigits, value: twoDigits };

export const inUnit = (unit: Unit, value: number): string => byUnit[unit](value);
