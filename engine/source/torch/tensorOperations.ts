/** Operations on tensors that have no layer class: arithmetic, reshaping, reductions. */
import type { LayerOp, Rearrangement } from "../../protocol/layerOps";
import type { SourceRange } from "../../protocol/modelGraph";
import type { Shape, ShapeRule } from "../../protocol/shape";
import type { CallArguments, LibraryFunction, Machine } from "../interpreter/machine";
import { elementsOf } from "../interpreter/truth";
import { isUnknown } from "../interpreter/aboutValues";
import { batchSize, bool, int, none, tuple, unknown, unknownPlain, unknownSize } from "../interpreter/newValues";
import type { TensorValue, Value } from "../interpreter/values";
import { arithmeticOp } from "./arithmeticOp";
import { axesOfTensor, isPlain, placed, placeOf, type Axes, type Placed } from "./batchPlace";
import { constantShape } from "./constantShapes";
import { other } from "./layers/torchLayerSpec";
import { recordRearranged } from "./rearranged";
import { currentTensor, freshStorage, recordFunction } from "./record";
import { selectedShape, tensorElements } from "./selection";
import { bindSignature, parseSignature } from "./signature";
import { viewOfRows } from "./viewedShape";

interface Operation {
  readonly machine: Machine;
  readonly input: TensorValue;
  readonly rest: ReadonlyMap<string, Value>;
  readonly name: string;
  /** How the user spells it: `torch.mean`, `Tensor.view`. */
  readonly displayName: string;
  readonly range: SourceRange;
}

/** Makes a function of an operation whose first argument is a tensor. */
function operation(signature: string, apply: (operation: Operation) => Value) {
  const parameters = parseSignature(`input${signature === "" ? "" : ", "}${signature}`);
  return (name: string, prefix: string): LibraryFunction => {
    const displayName = `${prefix}.${name}`;
    return ({ machine, args, range }) => {
      const bound = bindSignature(displayName, parameters, spreadSizes(signature, args), range);
      const input = bound instanceof Map ? bound.get("input") : bound;
      if (input?.kind === "unknown") machine.report(input);
      if (!(bound instanceof Map) || input?.kind === "unknown") return input ?? none;
      if (input?.kind !== "tensor")
        return unknown(`${displayName} is applied to something that is not a tensor`, range);
      reportSettings(machine, bound);
      const result = apply({ machine, input, rest: bound, name, displayName, range });
      if (input.node !== null || result.kind !== "tensor" || result.node !== null || result.shape !== null)
        return result;
      return { ...result, shape: constantShape(name, input.shape, bound) };
    };
  };
}

/** What is not known about how an operation works; a number that it computes with (`other`) changes no shape. */
function reportSettings(machine: Machine, bound: ReadonlyMap<string, Value>): void {
  for (const [name, value] of bound) {
    if (name === "input" || name === "other") continue;
    for (const part of value.kind === "tuple" || value.kind === "list" ? value.elements : [value]) {
      if (part.kind === "unknown" && part.awaitsShape !== true) machine.report(part);
    }
  }
}

/** `x.view(a, b)` and `x.view((a, b))` mean the same: a signature whose last parameter is `*sizes` takes both. */
function spreadSizes(signature: string, args: CallArguments): CallArguments {
  if (signature !== "sizes") return args;
  const [input, first, ...more] = args.positional;
  if (input === undefined) return args;
  // `x.view(*y.shape)` where the shape of y is not known: so is the result's.
  if (args.taint?.awaitsShape === true)
    return { positional: [input, tuple([args.taint])], keywords: new Map(), taint: null };
  const isSpread = first !== undefined && first.kind !== "tuple" && first.kind !== "list" && first.kind !== "sizes";
  return {
    ...args,
    positional: [input, isSpread ? tuple([first, ...more]) : (first ?? args.keywords.get("shape") ?? tuple([]))],
    keywords: new Map(),
  };
}

function record(
  { machine, input, name, displayName, range }: Operation,
  op: LayerOp,
  inputs: readonly Value[] = [input],
  outputs = 1,
): Value {
  return recordFunction(machine, { name, className: displayName, op, range, outputs }, inputs);
}

function moved(call: Operation, rearrangement: Rearrangement): Value {
  return record(call, { kind: "rearrange", rearrangement });
}

function byRule(operation_: Operation, rule: ShapeRule | null, inputs?: readonly Value[]): Value {
  return record(operation_, other(operation_.name, rule), inputs);
}

const sameShape = operation("", (call) => byRule(call, { rule: "same" }));
const returnsInput = operation("", ({ input }) => input);

/** The same values in new memory. */
const clone = operation("memory_format=None", ({ machine, input, range }) => {
  const current = currentTensor(machine, input, range);
  return current.kind === "unknown" ? current : freshStorage(machine, current);
});

const elementwise = operation("other", (call) => {
  const other_ = call.rest.get("other") ?? none;
  return binary(call, other_);
});

function binary(call: Operation, second: Value): Value {
  if (second.kind === "unknown" && !second.isPlain) {
    call.machine.report(second);
    return second;
  }
  // `torch.add(a, b, alpha=2)` has more arguments, and is refused before it comes here.
  const known = arithmeticOp(ARITHMETIC[call.name] ?? "", [call.input, second]);
  if (second.kind !== "tensor") return known === null ? byRule(call, { rule: "same" }) : record(call, known);
  if (second.node === null || call.input.node === null) return byRule(call, null, [call.input, second]);
  return known === null
    ? byRule(call, { rule: "broadcast" }, [call.input, second])
    : record(call, known, [call.input, second]);
}

const ARITHMETIC: Readonly<Record<string, string>> = {
  add: "+",
  sub: "-",
  subtract: "-",
  mul: "*",
  multiply: "*",
  div: "/",
  divide: "/",
  true_divide: "/",
};

/** Axes of a reduction: one, several or none (all). */
export function axesOf(value: Value): readonly number[] | null {
  if (value.kind === "int") return [value.value];
  if (value.kind !== "tuple" && value.kind !== "list") return null;
  const axes = value.elements.map((element) => (element.kind === "int" ? element.value : null));
  return axes.includes(null) ? null : (axes as number[]);
}

/** Height and width of an image, counted from either end; from the end only where the number of axes is known. */
function isOverSpace(axes: readonly number[], shape: Shape | null): boolean {
  const counted = axes.map((axis) => (axis < 0 && shape !== null ? axis + shape.length + 1 : axis));
  return shape?.length === 3 && counted.length === 2 && counted.includes(2) && counted.includes(3);
}

function reduction(outputs: number) {
  return operation("dim=None, keepdim=False, dtype=None", (call) => {
    const axes = axesOf(call.rest.get("dim") ?? none);
    const keepDims = call.rest.get("keepdim") ?? bool(false);
    const rule: ShapeRule | null =
      axes === null || keepDims.kind !== "bool" ? null : { rule: "reduce", axes, keepDims: keepDims.value };
    if (call.name === "mean" && axes !== null && keepDims.kind === "bool" && isOverSpace(axes, call.input.shape)) {
      return record(call, keepDims.value ? { kind: "adaptiveAvgPool2d", outputSize: [1, 1] } : { kind: "spatialMean" });
    }
    if (
      (call.name === "mean" || call.name === "sum") &&
      axes !== null &&
      keepDims.kind === "bool" &&
      call.rest.get("dtype")?.kind === "none"
    ) {
      return record(call, { kind: "reduce", function: call.name, axes, keepDims: keepDims.value });
    }
    return record(call, other(call.name, rule), [call.input], outputs === 2 && axes !== null ? 2 : 1);
  });
}

/** `flatten(0, 1)`: the axis after the batch becomes rows of the batch. */
function foldedInto(input: TensorValue, endDim: number): Placed | null {
  const axes = axesOfTensor(input);
  if (axes?.[0] !== null) return null;
  const end = endDim < 0 ? endDim + axes.length : endDim;
  const joined = axes.slice(1, end + 1) as number[];
  return placed([null, ...axes.slice(end + 1)], placeOf(input).rows * product(joined));
}

/** `unbind(1)`: the parts along an axis. */
const unbind = operation("dim=0", ({ machine, input, rest, range }) => {
  const dim = rest.get("dim");
  const rank = input.shape === null ? 0 : input.shape.length + 1;
  const axis = dim?.kind === "int" ? (dim.value < 0 ? dim.value + rank : dim.value) : NaN;
  const parts = input.node === null ? null : tensorElements(machine, input, range, axis);
  if (parts === null || isUnknown(parts)) return parts ?? unknown("the parts of this tensor are unknown", range);
  return tuple(parts);
});

/** `select(1, 0)`. */
const select = operation("dim, index", (call) => {
  const { input, rest } = call;
  const [dim, index] = [rest.get("dim"), rest.get("index")];
  const rank = input.shape === null ? 0 : input.shape.length + 1;
  const axis = dim?.kind === "int" ? (dim.value < 0 ? dim.value + rank : dim.value) : NaN;
  if (!(axis >= 0 && axis < rank) || index === undefined) return byRule(call, null);
  const whole: Value = { kind: "slice", lower: none, upper: none, step: none };
  const entries = [...Array.from({ length: axis }, () => whole), index];
  return arranged(call, selectedShape(input, tuple(entries)));
});

const flatten = operation("start_dim=0, end_dim=-1", (call) => {
  const startDim = call.rest.get("start_dim");
  const endDim = call.rest.get("end_dim");
  const known = startDim?.kind === "int" && endDim?.kind === "int";
  if (known && startDim.value === 0) return arranged(call, foldedInto(call.input, endDim.value));
  return record(
    call,
    known ? { kind: "flatten", startDim: startDim.value, endDim: endDim.value } : other(call.name, null),
  );
});

/** A result of which the shape was worked out, wherever the batch is in it; null where it is not known. */
function arranged({ machine, name, displayName, input, range }: Operation, result: Placed | null): Value {
  return recordRearranged(machine, name, displayName, input, result, range);
}

/** The axes in another order. */
function inOrder(call: Operation, order: readonly (number | undefined)[]): Value | null {
  const axes = axesOfTensor(call.input);
  if (axes === null || call.input.node === null || order.length !== axes.length) return null;
  const after = order.map((axis) => (axis === undefined ? undefined : axes[axis]));
  return after.includes(undefined) ? null : arranged(call, placed(after as Axes, placeOf(call.input).rows));
}

function product(sizes: readonly number[]): number {
  return sizes.reduce((total, size) => total * size, 1);
}

/** Sizes of a view after the batch axis; null when the batch axis does not stay where it is, as far as is known. */
function sizesAfterBatch(sizes: readonly Value[], input: Shape | null): readonly number[] | null {
  const [first, ...rest] = sizes;
  const numbers = rest.map((size) => (size.kind === "int" ? size.value : null));
  if (numbers.includes(null)) return null;
  const known = numbers as readonly number[];
  if (first?.kind === "batchSize") return known;
  // `view(-1, 784)`: the batch axis stays exactly when a sample has 784 values; the rule checks that.
  const isInferred = first?.kind === "int" && first.value === -1 && !known.includes(-1);
  if (!isInferred) return null;
  return input === null || product(known) > 0 ? known : null;
}

/** Tensor.view and reshape; one that leaves the batch axis and joins the others is a flatten. */
const view = operation("sizes", (call) => {
  const sizes = elementsOf(call.rest.get("sizes") ?? none, call.range);
  if (isUnknown(sizes)) {
    call.machine.report(sizes);
    return sizes;
  }
  const rest = sizes.slice(1).map((length) => (length.kind === "int" ? length.value : null));
  const folded = rest.includes(null) ? null : viewOfRows(call.input, sizes[0], rest as number[]);
  if (folded !== null) return arranged(call, folded);
  const hasRows = sizes[0]?.kind === "batchSize" && (sizes[0].rows ?? 1) !== 1;
  const after = hasRows || !isPlain(call.input) ? null : sizesAfterBatch(sizes, call.input.shape);
  if (after === null) return arranged(call, null);
  const [only] = after;
  const joins =
    after.length === 1 && (only === -1 || (call.input.shape !== null && only === product(call.input.shape)));
  return joins
    ? record(call, { kind: "flatten", startDim: 1, endDim: -1 })
    : moved(call, { rule: "reshape", sizes: after });
});

const permute = operation("sizes", (call) => {
  const order = axesOf(call.rest.get("sizes") ?? none);
  const rank = order?.length ?? 0;
  if (order === null) return byRule(call, null);
  const counted = order.map((axis) => (axis < 0 ? axis + rank : axis));
  const moves = counted[0] !== 0 || placeOf(call.input).axis !== 0;
  return (moves ? inOrder(call, counted) : null) ?? moved(call, { rule: "permute", order: counted });
});

const transpose = operation("dim0, dim1", (call) => {
  const first = call.rest.get("dim0");
  const second = call.rest.get("dim1");
  const rank = call.input.shape === null ? null : call.input.shape.length + 1;
  if (first?.kind !== "int" || second?.kind !== "int" || rank === null) return byRule(call, null);
  const order = Array.from({ length: rank }, (_, axis) => axis);
  const a = first.value < 0 ? first.value + rank : first.value;
  const b = second.value < 0 ? second.value + rank : second.value;
  [order[a], order[b]] = [b, a];
  const moves = order[0] !== 0 || placeOf(call.input).axis !== 0;
  return (moves ? inOrder(call, order) : null) ?? moved(call, { rule: "permute", order });
});

/** Both axes of a matrix; of a batch of features the first is the batch. */
const matrixTranspose = operation("", (call) => byRule(call, null));

/** The whole of it several times along each axis; the batch once. */
const repeat = operation("sizes", (call) => {
  const [batch, ...counts] = axesOf(call.rest.get("sizes") ?? none) ?? [];
  const { shape } = call.input;
  const isKnown = batch === 1 && shape?.length === counts.length && !shape.some(Number.isNaN);
  const sizes = isKnown ? shape.map((length, axis) => length * (counts[axis] ?? 1)) : null;
  return record(
    call,
    other(call.name, sizes === null ? null : { rule: "workedOut", cases: [{ inputs: [shape ?? []], output: sizes }] }),
  );
});

const squeeze = operation("dim=None", (call) => {
  const dim = call.rest.get("dim");
  return dim?.kind === "int" ? moved(call, { rule: "squeeze", axis: dim.value }) : byRule(call, null);
});

const unsqueeze = operation("dim", (call) => {
  const dim = call.rest.get("dim");
  return dim?.kind === "int" ? moved(call, { rule: "unsqueeze", axis: dim.value }) : byRule(call, null);
});

/** Makes one tensor of each part; a short axis gives fewer parts than are asked for. */
const chunk = operation("chunks, dim=0", (call) => {
  const count = call.rest.get("chunks");
  if (count?.kind !== "int" || count.value < 1 || count.value > 64)
    return unknown(`the number of parts of this ${call.displayName} is unknown`, call.range);
  const dim = call.rest.get("dim");
  const part = (index: number): Value =>
    dim?.kind === "int"
      ? moved(call, { rule: "chunk", axis: dim.value, chunks: count.value, index })
      : byRule(call, null);
  const length = lengthAlong(dim, call.input);
  const parts = length === null ? count.value : Math.ceil(length / Math.ceil(length / count.value));
  return tuple(Array.from({ length: parts }, (_, index) => part(index)));
});

/** `split(4)` and `split([2, 6])`: pieces of a size along an axis, the last of the first kind may be smaller. */
const split = operation("split_size_or_sections, dim=0", (call) => {
  const pieces = call.rest.get("split_size_or_sections") ?? none;
  const dim = call.rest.get("dim");
  const count =
    pieces.kind === "tuple" || pieces.kind === "list" ? pieces.elements.length : piecesOf(pieces, dim, call.input);
  if (count === null || count < 1 || count > 64 || (pieces.kind === "list" && pieces.taint !== null)) {
    return unknown(`the number of parts of this ${call.displayName} is unknown`, call.range);
  }
  return tuple(Array.from({ length: count }, (_, index) => piece(call, pieces, index)));
});

function piece(call: Operation, pieces: Value, index: number): Value {
  const { input } = call;
  const dim = call.rest.get("dim");
  const sections =
    pieces.kind === "tuple" || pieces.kind === "list"
      ? pieces.elements.slice(0, index + 1)
      : Array.from({ length: index + 1 }, () => pieces);
  const sizes = sections.map((section) => (section.kind === "int" ? section.value : null));
  const own = sizes[index] ?? null;
  if (dim?.kind !== "int" || own === null) return byRule(call, null);
  const axis = dim.value < 0 ? dim.value + (input.shape?.length ?? 0) + 1 : dim.value;
  const length = pieces.kind === "int" ? input.shape?.[axis - 1] : undefined;
  const size = length === undefined ? own : Math.min(own, length - index * own);
  if (sizes.includes(null)) return byRule(call, { rule: "narrow", axis: dim.value, size });
  const start = (sizes as number[]).slice(0, index).reduce((sum, before) => sum + before, 0);
  return moved(call, { rule: "slice", cuts: [{ axis: dim.value, start, step: 1, size }] });
}

/** `narrow(1, 0, 4)`: a stretch of an axis. A start from the end needs the axis's length. */
const narrow = operation("dim, start, length", (call) => {
  const [dim, start, length] = ["dim", "start", "length"].map((name) => call.rest.get(name));
  if (dim?.kind !== "int" || length?.kind !== "int") return byRule(call, null);
  if (start?.kind !== "int" || start.value < 0)
    return byRule(call, { rule: "narrow", axis: dim.value, size: length.value });
  return moved(call, { rule: "slice", cuts: [{ axis: dim.value, start: start.value, step: 1, size: length.value }] });
});

/** `expand(-1, -1, h, w)`; the batch axis stays as it is. */
const expand = operation("sizes", (call) => {
  const sizes = elementsOf(call.rest.get("sizes") ?? none, call.range);
  if (isUnknown(sizes)) {
    call.machine.report(sizes);
    return sizes;
  }
  const [batch, ...rest] = sizes;
  const keepsBatch = batch?.kind === "batchSize" || (batch?.kind === "int" && batch.value === -1);
  const numbers = rest.map((length) => (length.kind === "int" ? length.value : null));
  return keepsBatch && !numbers.includes(null)
    ? moved(call, { rule: "expand", sizes: numbers as number[] })
    : byRule(call, null);
});

/** Takes only the other tensor's shape. */
const expandAs = operation("other", (call) => {
  const other_ = call.rest.get("other");
  const shape = other_?.kind === "tensor" && other_.node !== null ? other_.shape : null;
  return shape?.some(Number.isNaN) === false ? moved(call, { rule: "expand", sizes: shape }) : byRule(call, null);
});

function piecesOf(size: Value, dim: Value | undefined, input: TensorValue): number | null {
  const length = lengthAlong(dim, input);
  return size.kind !== "int" || size.value < 1 || length === null ? null : Math.ceil(length / size.value);
}

/** How long an axis after the batch is, where that is known. */
function lengthAlong(dim: Value | undefined, input: TensorValue): number | null {
  if (dim?.kind !== "int" || input.shape === null || input.node === null) return null;
  const axis = dim.value < 0 ? dim.value + input.shape.length + 1 : dim.value;
  const length = input.shape[axis - 1];
  return length === undefined || Number.isNaN(length) ? null : length;
}

/** `size()`, `size(1)`. */
/** `x.numel()`: known where no axis is the batch. */
const elementCount = operation("", ({ input, range }) => {
  const axes = axesOfTensor(input);
  if (axes === null) return unknownSize(range);
  return axes.includes(null)
    ? unknownPlain("it depends on the batch size", range)
    : int(product(axes.filter((axis) => axis !== null)));
});

const size = operation("dim=None", ({ input, rest, range }) => {
  const shape = shapeTuple(input, range);
  const dim = rest.get("dim") ?? none;
  if (dim.kind === "none") return shape;
  if (dim.kind !== "int") return dim.kind === "unknown" ? dim : unknown("the axis of this size is unknown", range);
  if (shape.kind !== "tuple")
    return shape.kind === "sizes" && dim.value === 0 && input.node !== null ? batchSize : unknownSize(range);
  return (
    shape.elements.at(dim.value) ?? unknown("the tensor does not have this axis (PyTorch raises an IndexError)", range)
  );
});

/** `x.shape`: the batch size first. */
export function shapeTuple(tensor: TensorValue, range: SourceRange): Value {
  const { axis, rows } = placeOf(tensor);
  if (Number.isNaN(axis)) return unknownSize(range);
  if (tensor.shape === null) return axis === 0 && rows === 1 ? { kind: "sizes" } : unknownSize(range);
  const sizes = tensor.shape.map((length) => (Number.isNaN(length) ? unknownSize(range) : int(length)));
  return tuple([...sizes.slice(0, axis), ...(tensor.node === null ? [] : [rowsOf(rows, range)]), ...sizes.slice(axis)]);
}

const rowsOf = (rows: number, range: SourceRange): Value =>
  Number.isNaN(rows) ? unknownSize(range) : rows === 1 ? batchSize : { kind: "batchSize", rows };

const dimension = operation("", ({ input, range }) => {
  const shape = shapeTuple(input, range);
  return shape.kind === "tuple"
    ? int(shape.elements.length)
    : unknownPlain("the shape of this tensor is unknown", range);
});

/** By name; those of `methods` are Tensor methods, those of `functions` are in torch. */
const methodOperations: Readonly<Record<string, ReturnType<typeof operation>>> = {
  ...Object.fromEntries(
    [
      "abs",
      "exp",
      "log",
      "sqrt",
      "rsqrt",
      "square",
      "sin",
      "cos",
      "neg",
      "sign",
      "floor",
      "ceil",
      "round",
      "reciprocal",
      "detach",
      "log1p",
      "expm1",
      "erf",
      "logical_not",
    ].map((name) => [name, sameShape]),
  ),
  ...Object.fromEntries(
    ["add", "sub", "mul", "div", "multiply", "divide", "subtract", "pow", "maximum", "minimum", "true_divide"].map(
      (name) => [name, elementwise],
    ),
  ),
  ...Object.fromEntries(
    ["mean", "sum", "amax", "amin", "logsumexp", "argmax", "argmin"].map((name) => [name, reduction(1)]),
  ),
  ...Object.fromEntries(["max", "min", "median"].map((name) => [name, reduction(2)])),
  flatten,
  permute,
  transpose,
  swapaxes: transpose,
  swapdims: transpose,
  narrow,
  squeeze,
  unsqueeze,
  chunk,
  split,
  unbind,
  select,
};

const onlyMethods: Readonly<Record<string, ReturnType<typeof operation>>> = {
  view,
  t: matrixTranspose,
  repeat,
  size,
  dim: dimension,
  numel: elementCount,
  nelement: elementCount,
  expand,
  expand_as: expandAs,
  clone,
  ...Object.fromEntries(
    ["contiguous", "cuda", "cpu", "float", "double", "half", "bfloat16"].map((name) => [name, returnsInput]),
  ),
  ...Object.fromEntries(["int", "long", "bool", "byte", "short"].map((name) => [name, sameShape])),
  to: operation(
    "a=None, b=None, c=None, dtype=None, device=None, non_blocking=False, memory_format=None, copy=False",
    ({ input }) => input,
  ),
  type: operation("dtype=None", ({ input }) => input),
  type_as: operation("other", ({ input }) => input),
};

const reshape = { reshape: view };

export const operationMethods: ReadonlyMap<string, LibraryFunction> = new Map(
  Object.entries({ ...methodOperations, ...onlyMethods, ...reshape }).map(([name, make]) => [
    name,
    make(name, "Tensor"),
  ]),
);

export const operationFunctions: ReadonlyMap<string, LibraryFunction> = new Map(
  Object.entries({ ...methodOperations, ...reshape }).map(([name, make]) => [`torch.${name}`, make(name, "torch")]),
);
