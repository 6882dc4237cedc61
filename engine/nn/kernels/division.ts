/**
 * How one call of a kernel becomes several that run at the same time.
 *
 * Only outputs are divided, never a sum: every value is computed by exactly one part, in the order in which the whole call
 * computes it, so the bits do not depend on the number of parts. Positions in argument lists are those of `assembly/*.ts`.
 */
import type { Kernels } from "./kernels";

/** A part that starts at unit `n` of an axis adds n·`bytes` times the arguments `by` to the address `at`. */
interface Move {
  readonly at: number;
  readonly bytes: number;
  readonly by: readonly number[];
}

/** An argument that counts independent units of work. Parts are multiples of `granule` units, but for the last. */
export interface Axis {
  readonly count: number;
  readonly granule: number;
  readonly moves: readonly Move[];
}

interface Division {
  /** Of two that divide equally well the first is taken. */
  readonly axes: readonly Axis[];
  /** Arguments whose product says how many values the call computes with, about. */
  readonly size: readonly number[];
  /** How many of them take as long as one value of the simplest kernels. */
  readonly perValue: number;
}

/** Below this a call is over before a helper has begun: about two microseconds. */
const LEAST_WORK = 1 << 14;

/** The address of an operand that a call goes without. */
const ABSENT = 0;

const strided = (at: number, by: number): Move => ({ at, bytes: 1, by: [by] });
const packed = (at: number, bytes: number, ...by: readonly number[]): Move => ({ at, bytes, by });

function product(args: readonly number[], positions: readonly number[]): number {
  let size = 1;
  for (const position of positions) size *= args[position] ?? 0;
  return size;
}

/** A value per image, row, position and column; each operand is an address followed by its three strides. */
function elementwise(first: number, operands: readonly number[], columns: number, perValue = 1): Division {
  const axis = (index: number): Axis => ({
    count: first + index,
    granule: 1,
    moves: operands.map((at) => strided(at, at + 1 + index)),
  });
  return { axes: [axis(0), axis(2), axis(1)], size: [first, first + 1, first + 2, columns], perValue };
}

/** Images that are told apart by the first stride of each operand alone; `size` are the arguments that say how large one is. */
function perImage(operands: readonly number[], size: readonly number[], more: readonly Move[] = []): Division {
  return {
    axes: [{ count: 0, granule: 1, moves: [...operands.map((at) => strided(at, at + 1)), ...more] }],
    size: [0, ...size],
    perValue: 1,
  };
}

/** Sums over all images, rows and positions, one for each column: `wide` are addresses of f32 and `sums` of f64 per column. */
function perColumn(columns: number, wide: readonly number[], sums: readonly number[]): Division {
  const moves = [...wide.map((at) => packed(at, 4)), ...sums.map((at) => packed(at, 8))];
  return { axes: [{ count: columns, granule: 8, moves }], size: [0, 1, 2, columns], perValue: 1 };
}

/** Vectors of `count` f32 at the given addresses. */
function vectors(count: number, addresses: readonly number[]): Division {
  return { axes: [{ count, granule: 16, moves: addresses.map((at) => packed(at, 4)) }], size: [count], perValue: 1 };
}

const matrixProduct: Division = {
  axes: [
    { count: 0, granule: 1, moves: [strided(5, 6), strided(19, 20)] },
    { count: 2, granule: 6, moves: [strided(5, 8), strided(19, 22)] },
    { count: 2, granule: 1, moves: [strided(5, 8), strided(19, 22)] },
    { count: 1, granule: 1, moves: [strided(5, 7), strided(19, 21)] },
    { count: 3, granule: 16, moves: [packed(12, 4), packed(19, 4), packed(24, 4)] },
  ],
  size: [0, 1, 2, 3, 16, 17, 18],
  perValue: 8,
};

const divisions: { readonly [Name in keyof Kernels]?: Division } = {
  matrixProduct,
  transpose: {
    axes: [
      { count: 2, granule: 16, moves: [strided(0, 1), packed(4, 4)] },
      { count: 3, granule: 16, moves: [packed(0, 4), strided(4, 5)] },
    ],
    size: [2, 3],
    perValue: 1,
  },
  fillRows: elementwise(0, [3], 7),
  shiftedSums: perColumn(7, [3, 8], [9, 10]),
  gradientSums: perColumn(11, [3, 7, 12], [13, 14]),
  columnSums: perColumn(7, [3, 8], []),
  normalize: elementwise(0, [3, 7], 11),
  inputGradient: elementwise(0, [3, 7, 11], 15),
  relu: elementwise(0, [3, 7], 11),
  reluGradient: elementwise(0, [3, 7, 11], 15),
  sigmoid: elementwise(0, [3, 7], 11, 1 / 8),
  sigmoidGradient: elementwise(0, [3, 7, 11], 15),
  activate: elementwise(3, [6, 10], 14, 1 / 8),
  activateGradient: elementwise(3, [6, 10, 14], 18, 1 / 8),
  add: elementwise(0, [3, 7, 11], 15),
  subtract: elementwise(0, [3, 7, 11], 15),
  multiply: elementwise(0, [3, 7, 11], 15),
  affine: elementwise(0, [3, 7], 11),
  copy: elementwise(0, [3, 7], 11),
  copyChannels: elementwise(0, [4, 8], 3),
  avgPool: perImage([13, 17], [3, 4, 5]),
  avgPoolGradient: perImage([13, 17], [3, 4, 5]),
  adaptiveAvgPool: perImage([6, 10], [1, 2, 5]),
  adaptiveAvgPoolGradient: perImage([6, 10], [1, 2, 5]),
  maxPool: perImage([14, 18], [3, 4, 5, 6, 7], [packed(22, 4, 3, 4, 5)]),
  maxPoolGradient: perImage([5, 9], [1, 2, 3], [packed(4, 4, 1, 2, 3)]),
  flatten: perImage([4, 8], [1, 2, 3]),
  unflatten: perImage([4, 6], [1, 2, 3]),
  mapRuns: perImage([6, 8], [1]),
  depthwise: {
    axes: [
      { count: 0, granule: 1, moves: [strided(6, 7), strided(15, 16)] },
      { count: 1, granule: 1, moves: [strided(6, 8), strided(15, 17)] },
    ],
    size: [0, 1, 2, 3, 4, 5],
    perValue: 8,
  },
  sgd: vectors(2, [0, 1]),
  sgdMomentum: vectors(3, [0, 1, 2]),
  adam: vectors(4, [0, 1, 2, 3]),
  rmsprop: vectors(4, [0, 1, 2, 3]),
  scale: vectors(1, [0]),
  accumulate: vectors(2, [0, 1]),
};

export type DivisibleKernel = keyof typeof divisions;

/** In a fixed order: helpers are told a kernel by its place. */
export const divisibleKernels = Object.keys(divisions) as readonly DivisibleKernel[];

/** Along which axis a call is divided into so many parts; null when it is better left whole. */
export function axisToDivide(
  name: DivisibleKernel,
  args: readonly number[],
  parts: number,
  leastWork = LEAST_WORK,
): Axis | null {
  const division = divisions[name];
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

/** Writes the arguments of one part of a divided call. False when nothing is left for that part: then it is not to be called. */
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
