/**
 * How one call of a kernel becomes several that run at the same time.
 *
 * Only outputs are divided, never a sum: every value is computed by exactly one part, in the order in which the whole
 * call computes it, so the bits do not depend on the number of parts.
 */
import { type Axis as NamedAxis, type DivisibleKernel, type Division, divisions } from "./divisions";
import { kernelArguments } from "./signatures";

/** An axis whose arguments are positions in a call. */
export type Axis = NamedAxis<number>;

/** In a fixed order: a helper gets the place of the kernel in it. */
export const divisibleKernels = Object.keys(divisions) as readonly DivisibleKernel[];

const byPosition = new Map(divisibleKernels.map((name) => [name, withPositions(name, divisions[name])]));

/** The division of a kernel with the positions of its arguments in place of their names. */
function withPositions(kernel: DivisibleKernel, { axes, size, perValue }: Division<string>): Division<number> {
  const names: readonly string[] = kernelArguments[kernel];
  const positions = (list: readonly string[]): number[] => list.map((name) => names.indexOf(name));
  return {
    axes: axes.map(({ count, granule, moves }) => ({
      count: names.indexOf(count),
      granule,
      moves: moves.map(({ at, bytes, by }) => ({ at: names.indexOf(at), bytes, by: positions(by) })),
    })),
    size: positions(size),
    perValue,
  };
}

/** Below this a call is over before a helper has begun: about two microseconds. */
const LEAST_WORK = 1 << 14;

/** The address of an operand that a call goes without. */
const ABSENT = 0;

function product(args: readonly number[], positions: readonly number[]): number {
  let size = 1;
  for (const position of positions) size *= args[position] ?? 0;
  return size;
}

/** Along which axis a call is divided into so many parts; null when it is better left whole. */
export function axisToDivide(
  name: DivisibleKernel,
  args: readonly number[],
  parts: number,
  leastWork = LEAST_WORK,
): Axis | null {
  const division = byPosition.get(name);
  if (division === undefined || product(args, division.size) < leastWork * division.perValue) return null;
  let best: Axis | null = null;
  let bestShare = 1;
  for (const axis of division.axes) {
    const share = largestShare(args[axis.count] ?? 0, axis.granule, parts);
    if (share < bestShare - 1e-9) {
      best = axis;
      bestShare = share;
    }
  }
  return best;
}

/** The longest part of so many units, as a share of all. */
function largestShare(units: number, granule: number, parts: number): number {
  return Math.min(units, Math.ceil(Math.ceil(units / granule) / parts) * granule) / units;
}

/**
 * Writes the arguments of one part of a divided call. False when nothing is left for that part: then it is not to be
 * called.
 */
export function writePart(
  { count, granule, moves }: Axis,
  args: readonly number[],
  part: number,
  parts: number,
  target: number[] | Float64Array,
): boolean {
  const units = args[count] ?? 0;
  const blocks = Math.ceil(units / granule);
  const first = Math.min(units, Math.floor((blocks * part) / parts) * granule);
  for (let index = 0; index < args.length; index++) target[index] = args[index] ?? 0;
  const length = Math.min(units, Math.floor((blocks * (part + 1)) / parts) * granule) - first;
  target[count] = length;
  for (const { at, bytes, by } of moves) {
    const address = args[at] ?? 0;
    if (address !== ABSENT) target[at] = address + first * bytes * product(args, by);
  }
  return length > 0;
}
