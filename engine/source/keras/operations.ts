/**
 * Functions on Keras tensors: keras.ops, keras.backend, keras.activations, and those of tensorflow that people mix in.
 */
import type { LayerOp } from "../../protocol/layerOps";
import type { LibraryCall, LibraryFunction } from "../interpreter/machine";
import { elementsOf } from "../interpreter/truth";
import { isUnknown, numberOf } from "../interpreter/aboutValues";
import { none, unknown, unknownPlain } from "../interpreter/newValues";
import type { OpenShape, Value } from "../interpreter/values";
import type { KerasLayerSpec } from "./kerasLayerSpec";
import { flattened } from "./flattened";
import { arrayMethod } from "./datasets";
import { reshaped, wholeNumbers } from "./layers/kerasCore";
import { broadcast, concatenated } from "./layers/kerasMerging";
import { positions } from "./layers/kerasNormalization";
import { axesAfter, isEllipsis, isWhole } from "../torch/selection";
import { isSymbolic, recordOperation, type SymbolicTensor } from "./recordCall";
import { unfollowedTensor } from "./unfollowed";

const capitalized = (name: string): string => name.replace(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase());

/** Arguments by name or position. */
function argument({ args }: LibraryCall, position: number, ...names: readonly string[]): Value | undefined {
  for (const name of names) {
    const value = args.keywords.get(name);
    if (value !== undefined) return value;
  }
  return args.positional[position];
}

/** What a function gives when it is not called on Keras tensors, or on something unknown. */
function otherwise(call: LibraryCall, name: string): Value {
  const inputs = flattened([...call.args.positional, ...call.args.keywords.values()]);
  const cause = call.args.taint ?? inputs.find((input) => input.kind === "unknown" && !input.isPlain);
  if (cause?.kind !== "unknown") return unknownPlain(`NormLens does not follow what ${name} computes`, call.range);
  call.machine.report(cause);
  return cause;
}

type SizesRule = (
  inputs: readonly (OpenShape | null)[],
  call: LibraryCall,
  fail: (reason: string) => void,
) => OpenShape | null;

/** A function of the tensors among its arguments. */
function operation(name: string, rule: SizesRule, op?: LayerOp): LibraryFunction {
  return (call) => {
    const values = flattened([...call.args.positional, ...call.args.keywords.values()]);
    const tensors = values.filter(isSymbolic);
    if (tensors.length === 0) return otherwise(call, name);
    const strange = call.args.taint ?? values.find((value) => value.kind === "unknown" && !value.isPlain);
    if (strange?.kind === "unknown") {
      const sizes = rule(
        tensors.map(({ keras }) => keras.sizes),
        call,
        () => undefined,
      );
      return unfollowedTensor(call.machine, name, tensors, strange, call.range, sizes);
    }
    const build: KerasLayerSpec["build"] = ({ inputs, fail, className }) => ({
      sizes: rule(inputs, call, fail),
      parameters: 0,
      op: op ?? { kind: "other", className },
    });
    return recordOperation(call.machine, capitalized(name), name, tensors, build, call.range);
  };
}

const same: SizesRule = (inputs) => inputs[0] ?? null;

const reduced: SizesRule = ([input = null], call) => {
  const axis = argument(call, 1, "axis", "reduction_indices");
  const keep = argument(call, 2, "keepdims", "keep_dims");
  const axes = axis === undefined ? null : positions(wholeNumbers(axis), input);
  const isKept = keep === undefined || keep.kind === "none" ? false : keep.kind === "bool" ? keep.value : null;
  if (axes === null || isKept === null || input === null) return null;
  return isKept
    ? input.map((size, position) => (axes.includes(position) ? 1 : size))
    : input.filter((_, position) => !axes.includes(position));
};

const joinedAlong =
  (axisPosition: number, fallback: number | null): SizesRule =>
  (inputs, call, fail) => {
    const axis = argument(call, axisPosition, "axis", "concat_dim");
    const value = axis === undefined ? fallback : numberOf(axis);
    // A constant among them has a size too.
    const isWhole = flattened(call.args.positional.slice(0, 1)).every(isSymbolic);
    return value === null || !isWhole ? null : concatenated({ inputs, fail, className: "concat" }, value);
  };

/** `reshape(x, (-1, 64))`: the first size is the batch's. */
const reshapedTo: SizesRule = ([input = null], call, fail) => {
  const target = argument(call, 1, "shape", "newshape");
  const elements = target === undefined ? null : elementsOf(target, call.range);
  if (elements === null || isUnknown(elements)) return null;
  const [first, ...rest] = elements;
  const sizes = rest.map((size) => (size.kind === "int" ? size.value : size.kind === "none" ? null : undefined));
  const keepsBatch =
    first?.kind === "batchSize" || first?.kind === "none" || (first?.kind === "int" && first.value === -1);
  if (!keepsBatch || sizes.includes(undefined) || sizes.includes(null)) return null;
  return reshaped({ fail, className: "reshape" }, sizes as number[], input);
};

const permuted: SizesRule = ([input = null], call) => {
  const order = argument(call, 1, "pattern", "perm", "axes");
  const axes = order === undefined ? null : wholeNumbers(order);
  if (input === null || axes?.[0] !== 0) return null;
  return axes.slice(1).map((axis) => input[axis - 1] ?? null);
};

const expanded: SizesRule = ([input = null], call) => {
  const axis = numberOf(argument(call, 1, "axis") ?? none);
  if (axis === null || input === null) return null;
  const position = axis < 0 ? axis + input.length + 1 : axis - 1;
  return position < 0 || position > input.length ? null : [...input.slice(0, position), 1, ...input.slice(position)];
};

const flattenedRest: SizesRule = ([input = null]) =>
  input === null
    ? null
    : [input.reduce<number | null>((total, size) => (total === null || size === null ? null : total * size), 1)];

/** `tf.image.resize(x, (h, w))`: the channels stay. */
const resized: SizesRule = ([input = null], call) => {
  const given = argument(call, 1, "size", "images_size");
  const elements = given === undefined ? null : elementsOf(given, call.range);
  const isLast = argument(call, 9, "data_format") === undefined;
  if (input?.length !== 3 || !isLast) return null;
  const sizes = elements === null || isUnknown(elements) ? [] : elements.map(numberOf);
  return [sizes[0] ?? null, sizes[1] ?? null, input[2] ?? null];
};

/** `K.resize_images(x, 2, 2, "channels_last")`. */
const enlarged: SizesRule = ([input = null], call) => {
  const format = argument(call, 3, "data_format");
  if (input?.length !== 3 || format?.kind !== "string") return null;
  const first = format.value === "channels_first" ? 1 : 0;
  const factors = [
    numberOf(argument(call, 1, "height_factor") ?? none),
    numberOf(argument(call, 2, "width_factor") ?? none),
  ];
  return input.map((size, axis) => {
    const factor = axis - first === 0 || axis - first === 1 ? factors[axis - first] : 1;
    return size === null || factor === null || factor === undefined ? null : size * factor;
  });
};

const broadcasted =
  (name: string): SizesRule =>
  (inputs, call, fail) =>
    flattened(call.args.positional.slice(0, 2)).some((value) => !isSymbolic(value) && numberOf(value) === null)
      ? null
      : broadcast({ inputs, fail, className: name });

const KEEPS_SHAPE = (
  "relu relu6 sigmoid tanh softmax log_softmax elu selu gelu silu swish leaky_relu softplus softsign " +
  "hard_sigmoid hard_swish hard_silu mish celu abs square sqrt rsqrt exp log sign negative cast identity " +
  "stop_gradient clip clip_by_value dropout l2_normalize normalize sin cos erf sign round floor ceil " +
  "zeros_like ones_like linear exponential log_sigmoid tanh_shrink glu_like"
).split(" ");
const BROADCAST = "add subtract multiply divide maximum minimum add_n true_divide".split(" ");
const REDUCE = (
  "reduce_mean reduce_sum reduce_max reduce_min reduce_prod mean sum max min prod std var reduce_std " +
  "reduce_variance"
).split(" ");

function op(name: string): LayerOp | undefined {
  return name === "relu" || name === "sigmoid" ? { kind: "activation", function: name } : undefined;
}

const byName: ReadonlyMap<string, LibraryFunction> = new Map([
  ...KEEPS_SHAPE.map((name) => [name, operation(name, same, op(name))] as const),
  ...BROADCAST.map((name) => [name, operation(name, broadcasted(name))] as const),
  ...REDUCE.map((name) => [name, operation(name, reduced)] as const),
  ["concat", operation("concat", joinedAlong(1, null))],
  ["concatenate", operation("concatenate", joinedAlong(1, -1))],
  ["reshape", operation("reshape", reshapedTo)],
  ["transpose", operation("transpose", permuted)],
  ["permute_dimensions", operation("permute_dimensions", permuted)],
  ["expand_dims", operation("expand_dims", expanded)],
  ["batch_flatten", operation("batch_flatten", flattenedRest)],
  ["resize_images", operation("resize_images", enlarged)],
]);

const resize = operation("resize", resized);
const RESIZE = /^(?:tensorflow\.image|keras\.ops\.image)\.resize(?:_images|_bilinear|_bicubic|_nearest_neighbor)?$/;

/** Modules whose functions of these names work on Keras tensors. */
const OPERATIONS = /^(?:keras\.(?:ops|backend|activations)\.(?:\w+\.)?|tensorflow\.(?:nn\.|math\.|linalg\.)?)(\w+)$/;

/** `preprocess_input` of every model of keras.applications: it scales the pixels. */
const PREPROCESSING = /^keras\.applications\.\w+\.preprocess_input$/;
const preprocessing = operation("preprocess_input", same);

export function operationFunction(path: string): LibraryFunction | null {
  if (PREPROCESSING.test(path)) return preprocessing;
  if (RESIZE.test(path)) return resize;
  const name = OPERATIONS.exec(path)?.[1];
  return name === undefined ? null : (byName.get(name) ?? null);
}

const OPERATOR_CLASSES: Readonly<Record<string, string>> = {
  "+": "Add",
  "-": "Subtract",
  "*": "Multiply",
  "/": "TrueDivide",
  "**": "Power",
  "//": "FloorDivide",
  "%": "Mod",
  "@": "Matmul",
};

/** Arithmetic with at least one Keras tensor; null when there is none. */
export function symbolicOperator(
  call: Omit<LibraryCall, "path" | "args">,
  operator: string,
  operands: readonly Value[],
): Value | null {
  const tensors = operands.filter(isSymbolic);
  if (tensors.length === 0) return null;
  const name = operands.length === 1 ? "Negative" : (OPERATOR_CLASSES[operator] ?? "Compare");
  const strange = operands.find((operand) => operand.kind === "unknown");
  if (strange !== undefined) return unfollowedTensor(call.machine, name.toLowerCase(), tensors, strange, call.range);
  const isPlain = operands.every((operand) => isSymbolic(operand) || numberOf(operand) !== null);
  const build: KerasLayerSpec["build"] = ({ inputs, fail, className }) => ({
    sizes: isPlain && operator !== "@" ? broadcast({ inputs, fail, className }) : null,
    parameters: 0,
  });
  return recordOperation(call.machine, name, name.toLowerCase(), tensors, build, call.range);
}

/** `x[:, -1]`, `x[..., :4]`: parts of every sample. Which values they have is not followed, their shape is. */
export function symbolicSubscript(
  { machine, range }: Omit<LibraryCall, "path" | "args">,
  tensor: SymbolicTensor,
  index: Value,
): Value {
  const sizes = sizesAfter(tensor.keras.sizes, index);
  return recordOperation(machine, "GetItem", "getitem", [tensor], () => ({ sizes, parameters: 0 }), range);
}

/** Without the batch, which an index that takes some of it changes: then nothing is known. */
function sizesAfter(sizes: OpenShape | null, index: Value): OpenShape | null {
  if (sizes === null) return null;
  const given = index.kind === "tuple" ? index.elements : [index];
  const [first] = given;
  const taken = given.filter((entry) => entry.kind !== "none" && !isEllipsis(entry)).length;
  const keepsBatch =
    first !== undefined && ((isEllipsis(first) && taken <= sizes.length) || (first.kind === "slice" && isWhole(first)));
  return keepsBatch ? (axesAfter([null, ...sizes], index)?.slice(1) ?? null) : null;
}

/** Methods of tensors that Keras code uses. */
export function symbolicMethod(name: string): LibraryFunction | null {
  if (name === "get_shape")
    return ({ args, machine, range }) =>
      machine.attribute(args.positional[0] ?? unknown("a tensor", range), "shape", range);
  return arrayMethod(name);
}
