/**
 * Functions that make tensors which do not come from the input, with the sizes they give them. A size that is not known
 * leaves the whole shape unknown: a parameter made from such a tensor is never counted by guess.
 */
import type { Shape } from "../../protocol/shape";
import type { LibraryCall, LibraryFunction } from "../interpreter/machine";
import type { TensorValue, Value } from "../interpreter/values";
import { constantTensor, freshStorage } from "./record";

/** What a call gives under a parameter's name, or at its position. */
function argument({ args }: LibraryCall, position: number, ...names: readonly string[]): Value | undefined {
  const given = names.map((name) => args.keywords.get(name)).find((value) => value !== undefined);
  return given ?? args.positional[position];
}

const sizeOf = (value: Value): number | null => (value.kind === "int" && value.value >= 0 ? value.value : null);

function complete(sizes: readonly (number | null)[]): Shape | null {
  return sizes.includes(null) ? null : (sizes as readonly number[]);
}

/** Sizes in one tuple or list. */
function sizesIn(value: Value | undefined): Shape | null {
  if (value?.kind === "int") return complete([sizeOf(value)]);
  if (value?.kind === "list" && value.taint !== null) return null;
  return value?.kind === "tuple" || value?.kind === "list" ? complete(value.elements.map(sizeOf)) : null;
}

/** `zeros(2, 3)`, `zeros((2, 3))`, `zeros(size=(2, 3))`; a method has its tensor in front of them. */
function sizesFrom(first: number): (call: LibraryCall) => Shape | null {
  return (call) => {
    const given = call.args.keywords.get("size") ?? call.args.keywords.get("shape");
    if (given !== undefined) return sizesIn(given);
    const sizes = call.args.positional.slice(first);
    const [only] = sizes;
    return only?.kind === "tuple" || only?.kind === "list" ? sizesIn(only) : complete(sizes.map(sizeOf));
  };
}

/** The shape of nested lists of numbers: `[[1, 2], [3, 4]]`. Lists of other lengths side by side have none. */
function shapeOfData(value: Value | undefined): Shape | null {
  if (value === undefined || (value.kind === "list" && value.taint !== null)) return null;
  if (value.kind === "tensor") return value.node === null ? value.shape : null;
  if (value.kind === "int" || value.kind === "float" || value.kind === "bool") return [];
  if (value.kind !== "list" && value.kind !== "tuple") return null;
  const inner = value.elements.map(shapeOfData);
  const [first] = inner;
  if (first === undefined) return [0];
  const isEven = first !== null && inner.every((shape) => shape?.join() === first.join());
  return isEven ? [value.elements.length, ...first] : null;
}

/**
 * `torch.Tensor(2, 3)` has sizes and `torch.Tensor([2, 3])` has values. A tuple is values when it is written down, and
 * sizes when it is a tensor's shape, which is not told apart.
 */
function legacy(call: LibraryCall): Shape | null {
  const [only, ...others] = call.args.positional;
  if (call.args.keywords.size > 0) return null;
  if (only?.kind === "list" && others.length === 0) return shapeOfData(only);
  return complete(call.args.positional.map(sizeOf)) ?? (only?.kind === "tensor" ? shapeOfData(only) : null);
}

/** `normal(0, 0.02, (4, 4))`; of tensors of means the result has their shape. */
function normal(call: LibraryCall): Shape | null {
  const sizes = argument(call, 2, "size");
  return sizes === undefined ? null : sizesIn(sizes);
}

function eye(call: LibraryCall): Shape | null {
  const rows = argument(call, 0, "n");
  const columns = argument(call, 1, "m") ?? rows;
  return rows === undefined || columns === undefined ? null : complete([sizeOf(rows), sizeOf(columns)]);
}

/** `randint(10, (3,))`, `randint(0, 10, (3,))`. */
function randint(call: LibraryCall): Shape | null {
  const last = call.args.positional.find((value) => value.kind === "tuple" || value.kind === "list");
  return sizesIn(call.args.keywords.get("size") ?? last);
}

const like = (call: LibraryCall): Shape | null => shapeOfData(argument(call, 0, "input"));

const open = (): null => null;

const words = (text: string): string[] => text.split(" ");

const SIZES = words("zeros ones empty rand randn");
const LEGACY = words(
  "Tensor FloatTensor DoubleTensor HalfTensor BFloat16Tensor LongTensor IntTensor ShortTensor ByteTensor BoolTensor",
);
const LIKE = words("zeros_like ones_like empty_like rand_like randn_like full_like randint_like");

/** By name in torch. */
export const factoryShapes: Readonly<Record<string, (call: LibraryCall) => Shape | null>> = {
  ...Object.fromEntries(SIZES.map((name) => [name, sizesFrom(0)])),
  ...Object.fromEntries(LEGACY.map((name) => [name, legacy])),
  ...Object.fromEntries(LIKE.map((name) => [name, like])),
  full: (call) => sizesIn(argument(call, 0, "size")),
  normal,
  eye,
  randint,
  randperm: (call) => sizesIn(argument(call, 0, "n")),
  tensor: (call) => shapeOfData(argument(call, 0, "data")),
  as_tensor: (call) => shapeOfData(argument(call, 0, "data")),
  linspace: (call) => sizesIn(argument(call, 2, "steps")),
  logspace: (call) => sizesIn(argument(call, 2, "steps")),
  arange: open,
  from_numpy: open,
  hann_window: open,
  hamming_window: open,
};

/** Methods of tensors that make new ones. */
export const factoryMethods: ReadonlyMap<string, LibraryFunction> = new Map([
  ...words("new_zeros new_ones new_empty").map((name) => [name, making(sizesFrom(1))] as const),
  ["new_full", making((call) => sizesIn(argument(call, 1, "size")))],
  ["new_tensor", making((call) => shapeOfData(argument(call, 1, "data")))],
  ["new", making(open)],
]);

function making(shapeOf: (call: LibraryCall) => Shape | null): LibraryFunction {
  return (call) => {
    const shape = call.args.taint === null ? shapeOf(call) : null;
    const tensor: TensorValue = { ...constantTensor, shape };
    return freshStorage(call.machine, tensor);
  };
}

/** The function of a name in torch that makes a tensor. */
export const factory = (name: string): LibraryFunction => making(factoryShapes[name] ?? open);
