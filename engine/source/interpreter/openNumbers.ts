/** The number that an argument nobody gave is where one is wanted, by its name. */
import type { OpenValue } from "./values";

/** Words in names of numbers, and a number that such an argument often is. */
const NUMBERS: readonly (readonly [RegExp, number])[] = [
  [/kernel|ksize|window|filter_size|patch/, 3],
  [/stride|subsample|dilation|groups?$|padding|^pad|expan|multiplier|upscale|dim_order|axis/, 1],
  [/depth|skip|pool|blocks?$|layers?$|stages?$|repeat|levels?$|convs?$|iters?$|steps?$|^n$|heads?$/, 2],
  [/class|labels?$|categories|n_out$/, 10],
  [/drop|rate|prob|ratio|^p$/, 0],
];

/** Channels: what powers of two divide. */
const CHANNELS = 64;

/** The number that an open value is where one is wanted. */
export function numberOfOpen({ name }: OpenValue): number {
  return NUMBERS.find(([words]) => words.test(name.toLowerCase()))?.[1] ?? CHANNELS;
}
