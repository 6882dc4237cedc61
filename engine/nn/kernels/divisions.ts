/** Along which arguments calls of kernels are divided. A name that a kernel does not have does not compile. */
import type { ArgumentOf, KernelName } from "./signatures";

/** A part that starts at unit `n` of an axis adds n·`bytes` times the arguments `by` to the address `at`. */
export interface Move<Argument> {
  readonly at: Argument;
  readonly bytes: number;
  readonly by: readonly Argument[];
}

/** An argument that counts independent units of work. Parts are multiples of `granule` units, but for the last. */
export interface Axis<Argument> {
  readonly count: Argument;
  readonly granule: number;
  readonly moves: readonly Move<Argument>[];
}

export interface Division<Argument> {
  /** Of two that divide equally well the first is taken. */
  readonly axes: readonly Axis<Argument>[];
  /** Arguments whose product says how many values the call computes with, about. */
  readonly size: readonly Argument[];
  /** How many of them take as long as one value of the simplest kernels. */
  readonly perValue: number;
}

type RegionArgument = "images" | "rows" | "positions";
type OperandArgument<Operand extends string> = Operand | `${Operand}${"Image" | "Row" | "Position"}`;

const strided = <Argument extends string>(at: Argument, by: Argument): Move<Argument> => ({ at, bytes: 1, by: [by] });
const packed = <Argument extends string>(at: Argument, bytes: number, ...by: Argument[]): Move<Argument> => ({
  at,
  bytes,
  by,
});

/** A value per image, row, position and column. */
function elementwise<Operand extends string, Columns extends string = "columns">(
  operands: readonly Operand[],
  { columns = "columns" as Columns, perValue = 1 }: { readonly columns?: Columns; readonly perValue?: number } = {},
): Division<RegionArgument | OperandArgument<Operand> | Columns> {
  const axis = (
    count: RegionArgument,
    stride: "Image" | "Row" | "Position",
  ): Axis<RegionArgument | OperandArgument<Operand>> => ({
    count,
    granule: 1,
    moves: operands.map((at) => strided<OperandArgument<Operand>>(at, `${at}${stride}`)),
  });
  return {
    axes: [axis("images", "Image"), axis("positions", "Position"), axis("rows", "Row")],
    size: ["images", "rows", "positions", columns],
    perValue,
  };
}

/** Whole images, each operand with its stride between them; `size` are the arguments that say how large one is. */
function perImage<Operand extends string, Argument extends string>(
  operands: readonly Operand[],
  size: readonly Argument[],
  more: readonly Move<Argument>[] = [],
): Division<"images" | Operand | `${Operand}Image` | Argument> {
  const moves = operands.map((at) => strided<Operand | `${Operand}Image`>(at, `${at}Image`));
  return {
    axes: [{ count: "images", granule: 1, moves: [...moves, ...more] }],
    size: ["images", ...size],
    perValue: 1,
  };
}

/**
 * Sums over all images, rows and positions, one for each column: `wide` are addresses of f32 and `sums` of f64 per
 * column.
 */
function perColumn<Columns extends string, Address extends string>(
  columns: Columns,
  wide: readonly Address[],
  sums: readonly Address[] = [],
): Division<RegionArgument | Columns | Address> {
  const moves = [...wide.map((at) => packed(at, 4)), ...sums.map((at) => packed(at, 8))];
  return {
    axes: [{ count: columns, granule: 8, moves }],
    size: ["images", "rows", "positions", columns],
    perValue: 1,
  };
}

/** Vectors of `count` f32 at the given addresses. */
function vectors<Address extends string>(...addresses: Address[]): Division<"count" | Address> {
  return {
    axes: [{ count: "count", granule: 16, moves: addresses.map((at) => packed(at, 4)) }],
    size: ["count"],
    perValue: 1,
  };
}

const matrixProduct: Division<ArgumentOf<"matrixProduct">> = {
  axes: [
    { count: "images", granule: 1, moves: [strided("a", "aImage"), strided("c", "cImage")] },
    { count: "positions", granule: 6, moves: [strided("a", "aPosition"), strided("c", "cPosition")] },
    { count: "positions", granule: 1, moves: [strided("a", "aPosition"), strided("c", "cPosition")] },
    { count: "rows", granule: 1, moves: [strided("a", "aRow"), strided("c", "cRow")] },
    { count: "columns", granule: 16, moves: [packed("b", 4), packed("c", 4), packed("bias", 4)] },
  ],
  size: ["images", "rows", "positions", "columns", "k0", "k1", "k2"],
  perValue: 8,
};

const transpose: Division<ArgumentOf<"transpose">> = {
  axes: [
    { count: "rows", granule: 16, moves: [strided("source", "sourceRow"), packed("target", 4)] },
    { count: "columns", granule: 16, moves: [packed("source", 4), strided("target", "targetRow")] },
  ],
  size: ["rows", "columns"],
  perValue: 1,
};

const depthwise: Division<ArgumentOf<"depthwise">> = {
  axes: [
    { count: "images", granule: 1, moves: [strided("x", "xImage"), strided("y", "yImage")] },
    { count: "rows", granule: 1, moves: [strided("x", "xRow"), strided("y", "yRow")] },
  ],
  size: ["images", "rows", "positions", "columns", "tapsY", "tapsX"],
  perValue: 8,
};

/** An exponential or the like takes as long as eight values of the simplest kernels. */
const costly = { perValue: 1 / 8 };

export const divisions = {
  matrixProduct,
  transpose,
  fillRows: elementwise(["target"]),
  shiftedSums: perColumn("columns", ["x", "shift"], ["sums", "squareSums"]),
  gradientSums: perColumn("columns", ["x", "dy", "mean"], ["sums", "productSums"]),
  columnSums: perColumn("channels", ["x", "target"]),
  normalize: elementwise(["x", "y"]),
  inputGradient: elementwise(["x", "dy", "dx"]),
  relu: elementwise(["x", "y"]),
  reluGradient: elementwise(["y", "dy", "dx"]),
  sigmoid: elementwise(["x", "y"], costly),
  sigmoidGradient: elementwise(["y", "dy", "dx"]),
  activate: elementwise(["x", "y"], costly),
  activateGradient: elementwise(["x", "dy", "dx"], costly),
  add: elementwise(["a", "b", "y"]),
  subtract: elementwise(["a", "b", "y"]),
  multiply: elementwise(["a", "b", "y"]),
  affine: elementwise(["x", "y"]),
  copy: elementwise(["x", "y"]),
  copyChannels: elementwise(["x", "y"], { columns: "channels" }),
  avgPool: perImage(["x", "y"], ["outHeight", "outWidth", "columns"]),
  avgPoolGradient: perImage(["dx", "dy"], ["outHeight", "outWidth", "columns"]),
  adaptiveAvgPool: perImage(["x", "y"], ["inHeight", "inWidth", "columns"]),
  adaptiveAvgPoolGradient: perImage(["dx", "dy"], ["inHeight", "inWidth", "columns"]),
  maxPool: perImage(
    ["x", "y"],
    ["outHeight", "outWidth", "columns", "kernelHeight", "kernelWidth"],
    [packed("winners", 4, "outHeight", "outWidth", "columns")],
  ),
  maxPoolGradient: perImage(
    ["dx", "dy"],
    ["outHeight", "outWidth", "columns"],
    [packed("winners", 4, "outHeight", "outWidth", "columns")],
  ),
  flatten: perImage(["x"], ["rows", "positions", "channels"], [strided("y", "ySample")]),
  unflatten: perImage(["x"], ["rows", "positions", "channels"], [strided("features", "featureSample")]),
  mapRuns: perImage(["x", "y"], ["runs"]),
  depthwise,
  sgd: vectors("weights", "gradients"),
  sgdMomentum: vectors("weights", "gradients", "velocities"),
  adam: vectors("weights", "gradients", "means", "squares"),
  rmsprop: vectors("weights", "gradients", "squares", "velocities"),
  scale: vectors("values"),
  accumulate: vectors("sums", "values"),
} satisfies { readonly [Name in KernelName]?: Division<ArgumentOf<Name>> };

export type DivisibleKernel = keyof typeof divisions;
