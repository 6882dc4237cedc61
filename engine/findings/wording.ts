/** Numbers and lists in sentences. */
import { thousands } from "../protocol/numberText";

/** Three digits at most: 0.8, 0.0316, 1.49. */
export const short = (value: number): string => String(Number(value.toPrecision(3)));

export const counted = (count: number, noun: string): string => `${thousands(count)} ${noun}${count === 1 ? "" : "s"}`;

/** `bn1`, or `layer1.0.bn1 and 5 more` for a line that makes many layers; a layer without a name is "this layer". */
export function layersText(names: readonly string[]): string {
  const [first, ...rest] = names;
  if (first === undefined) return "this layer";
  return rest.length === 0 ? first : `${first} and ${rest.length} more`;
}

/** Undoes the floating-point dust of 1 − x. */
export const complement = (value: number): number => Number((1 - value).toPrecision(12));
