/** Arrays of NumPy whose number of rows the script fixes: `rng.normal(size=(640, 60))`, `np.zeros((10, 3))`. */
import { numberOf } from "./dataSize";
import { elementsIn } from "./followExpression";
import type { Tracing } from "./tracing";
import type { Args, TracedValue } from "./tracedValues";

/** Where each of them takes its size, if not by the name `size`. */
const SIZES: Readonly<Record<string, number>> = {
  normal: 2,
  uniform: 2,
  integers: 2,
  randint: 2,
  standard_normal: 0,
  random: 0,
  rand: 0,
  randn: 0,
  choice: 1,
  permutation: 0,
  zeros: 0,
  ones: 0,
  empty: 0,
  full: 0,
  arange: 0,
};

export const GENERATOR = /^numpy\.random\.(default_rng|RandomState)$/;
export const makesArray = (path: string): boolean => {
  const [, name] = /^numpy\.(?:random\.)?(\w+)$/.exec(path) ?? [];
  return name !== undefined && Object.hasOwn(SIZES, name);
};

/** The array that a function of NumPy, or a method of its generators, makes; null for any other name. */
export function arrayMade(tracing: Tracing, name: string, args: Args): TracedValue | null {
  const position = Object.hasOwn(SIZES, name) ? SIZES[name] : undefined;
  if (position === undefined) return null;
  const size = args.keyword.get("size") ?? args.keyword.get("shape") ?? args.positional[position];
  const length = size?.kind === "object" ? elementsIn(size)[0] : size;
  return { ...tracing.tensor([...args.positional, ...args.keyword.values()]), rows: numberOf(length) };
}
