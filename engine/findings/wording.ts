/** Numbers and lists in sentences. */
import { thousands } from "../protocol/numberText";

/** Three digits at most: 0.8, 0.0316, 1.49. */
export const short = (value: number): string => String(Number(value.toPrecision(3)));

export const counted = (count: number, noun: string): string => `${thousands(count)} ${noun}${count === 1 ? "" : "s"}`;

/** 1 − x without the rounding error of floating point. */
export const complement = (value: number): number => Number((1 - value).toPrecision(12));
