/**
 * Small tensors of known numbers, which model files compute widths and drop rates with: `torch.linspace(0, 0.1, 12)`,
 * `torch.round(widths / 8)`. Anything else that is done with such a tensor makes an ordinary one without numbers.
 * Values are float32 as PyTorch's are, rounded after each operation (torch.arange and torch.linspace document theirs).
 */
import type { LibraryFunction } from "../interpreter/machine";
import {
  forgetNumbers,
  isNumeric,
  numericItem,
  numericTensor,
  pythonNumber,
  type NumberType,
  type NumericTensor,
} from "../interpreter/numericContent";
import { numberOf } from "../interpreter/aboutValues";
import { bool, float, int, list } from "../interpreter/newValues";
import type { TensorValue, Value } from "../interpreter/values";

const MOST_VALUES = 4096;

interface Operand extends NumberType {
  readonly values: readonly number[];
  /** null for a Python number. */
  readonly shape: readonly number[] | null;
}

function operandOf(value: Value | undefined): Operand | null {
  if (isNumeric(value)) return { ...value.numbers, shape: value.shape ?? [] };
  const number = value === undefined ? null : numberOf(value);
  return number === null
    ? null
    : { values: [number], isInteger: value?.kind !== "float", isDouble: false, shape: null };
}

type Arithmetic = (a: number, b: number) => number;

const trueDivision: Arithmetic = (a, b) => a / b;

const arithmetic: Readonly<Record<string, Arithmetic>> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": trueDivision,
  "//": (a, b) => Math.floor(a / b),
  "**": Math.pow,
  "%": (a, b) => a - b * Math.floor(a / b),
};

/**
 * Element-wise arithmetic where at least one operand is a tensor of numbers and the others are such or numbers; else
 * null.
 */
export function numericArithmetic(operator: string, operands: readonly Value[]): TensorValue | null {
  const apply = arithmetic[operator];
  const [a, b] = operands.map(operandOf);
  if (apply === undefined || operands.length !== 2 || !a || !b || (a.shape === null && b.shape === null)) return null;
  const length = Math.max(a.values.length, b.values.length);
  if ([a, b].some(({ values }) => values.length !== 1 && values.length !== length)) return null;
  const isInteger =
    a.isInteger && b.isInteger && apply !== trueDivision && !(operator === "**" && b.values.some((value) => value < 0));
  // A Python number takes part as it is; only results are rounded.
  const values = Array.from({ length }, (_, index) =>
    apply(a.values[a.values.length === 1 ? 0 : index] ?? NaN, b.values[b.values.length === 1 ? 0 : index] ?? NaN),
  );
  const shape = [a.shape, b.shape].reduce<readonly number[]>(
    (widest, candidate) => (isWider(candidate, widest) ? candidate : widest),
    [],
  );
  return values.every(Number.isFinite)
    ? numericTensor(values, { isInteger, isDouble: a.isDouble || b.isDouble }, shape)
    : null;
}

/** More axes, or more values on the only axis. */
function isWider(shape: readonly number[] | null, than: readonly number[]): shape is readonly number[] {
  return (
    shape !== null && (shape.length > than.length || (shape.length === than.length && (shape[0] ?? 0) > (than[0] ?? 0)))
  );
}

const OPERATORS: Readonly<Record<string, string>> = {
  add: "+",
  sub: "-",
  subtract: "-",
  mul: "*",
  multiply: "*",
  div: "/",
  divide: "/",
  true_divide: "/",
  floor_divide: "//",
  pow: "**",
  remainder: "%",
};

/** Half to even, as torch.round does. */
function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

const elementwise: Readonly<Record<string, (value: number) => number>> = {
  abs: Math.abs,
  ceil: Math.ceil,
  exp: Math.exp,
  floor: Math.floor,
  log: Math.log,
  log2: Math.log2,
  neg: (value) => -value,
  round: roundHalfEven,
  sqrt: Math.sqrt,
  trunc: Math.trunc,
};

const KEEPS_INTEGERS = new Set(["abs", "ceil", "floor", "neg", "round", "trunc"]);
/** Conversions, and whether they are to integers. */
const CONVERSIONS: Readonly<Record<string, boolean>> = { int: true, long: true, float: false };

const TOTALS: Readonly<Record<string, (values: readonly number[]) => number>> = {
  max: (values) => Math.max(...values),
  min: (values) => Math.min(...values),
  prod: (values) => values.reduce((product, value) => product * value, 1),
};

/** `array.astype(int)`. */
function converted({ numbers, shape }: NumericTensor, type: Value | undefined): Value | null {
  if (type?.kind !== "library") return null;
  const isInteger = /^(builtins|numpy)\.int\d*$/.test(type.path);
  if (!isInteger && !/^(builtins\.float|numpy\.float64)$/.test(type.path)) return null;
  return numericTensor(
    isInteger ? numbers.values.map(Math.trunc) : numbers.values,
    { isInteger, isDouble: true },
    shape ?? [],
  );
}

/** `np.ceil(8 / 3)` is a float. */
function ofNumber(apply: (value: number) => number, value: Value | undefined): Value | null {
  const number = value === undefined ? null : numberOf(value);
  const result = number === null ? NaN : apply(number);
  return Number.isFinite(result) ? float(result) : null;
}

/** What an operation gives on tensors of numbers; null where it is not one of these, or the numbers are not known. */
function onNumbers(name: string, [first, second]: readonly Value[], isDoubleFunction: boolean): Value | null {
  const operator = OPERATORS[name];
  if (operator !== undefined)
    return first === undefined || second === undefined ? null : numericArithmetic(operator, [first, second]);
  if (isNumeric(first))
    return second === undefined ? onTensor(name, first) : name === "astype" ? converted(first, second) : null;
  const apply = elementwise[name];
  return isDoubleFunction && second === undefined && apply !== undefined ? ofNumber(apply, first) : null;
}

function onTensor(name: string, tensor: NumericTensor): Value | null {
  const { values, isInteger, isDouble } = tensor.numbers;
  const shape = tensor.shape ?? [];
  const apply = elementwise[name];
  if (apply !== undefined) {
    const results = values.map(apply);
    return results.every(Number.isFinite)
      ? numericTensor(results, { isInteger: isInteger && KEEPS_INTEGERS.has(name), isDouble }, shape)
      : null;
  }
  const toInteger = CONVERSIONS[name];
  if (toInteger !== undefined)
    return numericTensor(toInteger ? values.map(Math.trunc) : values, { isInteger: toInteger, isDouble }, shape);
  const total = TOTALS[name];
  if (total !== undefined && values.length > 0)
    return isDouble ? pythonNumber(total(values), tensor.numbers) : numericTensor([total(values)], tensor.numbers, []);
  return ofWhole(name, tensor);
}

/** Operations that rearrange or read out the values. */
function ofWhole(name: string, tensor: NumericTensor): Value | null {
  const { values, isDouble } = tensor.numbers;
  switch (name) {
    case "unique":
      return isDouble
        ? numericTensor(
            [...new Set(values)].sort((a, b) => a - b),
            tensor.numbers,
          )
        : null;
    case "diff":
      return numericTensor(
        values.slice(1).map((value, index) => value - (values[index] ?? NaN)),
        tensor.numbers,
      );
    case "item":
      return numericItem(tensor);
    case "tolist":
      return tensor.shape?.length === 0
        ? numericItem(tensor)
        : list(values.map((value) => pythonNumber(value, tensor.numbers)));
    case "numel":
      return int(values.length);
    default:
      return null;
  }
}

/** Names in torch, and names of tensor methods, that `orNumeric` tries on known numbers. */
export const NUMERIC_FUNCTIONS: readonly string[] = [
  ...Object.keys(OPERATORS),
  ...Object.keys(elementwise),
  ...Object.keys(TOTALS),
  "diff",
  "unique",
];
export const NUMERIC_METHODS: readonly string[] = [
  ...NUMERIC_FUNCTIONS,
  ...Object.keys(CONVERSIONS),
  "astype",
  "item",
  "tolist",
  "numel",
];

/** The function of an operation, which is first tried on known numbers. */
export function orNumeric(name: string, otherwise: LibraryFunction): LibraryFunction {
  return (call) => {
    const { args } = call;
    forgetNumbers(args.keywords.get("out"));
    const isSimple = args.taint === null && args.keywords.size === 0;
    return (isSimple ? onNumbers(name, args.positional, isNumPy(call)) : null) ?? otherwise(call);
  };
}

/** Arguments that say where and how a tensor is stored, and not what is in it. */
const STORAGE = new Set(["device", "requires_grad", "pin_memory"]);

/** The numbers among a factory's arguments in the order of `names`; null when one is not known. */
function numbersOf({ args }: Call, names: readonly string[]): (Operand | undefined)[] | null {
  if (args.taint !== null || [...args.keywords.keys()].some((name) => !names.includes(name) && !STORAGE.has(name)))
    return null;
  const values = names.map((name, index) => args.positional[index] ?? args.keywords.get(name));
  const operands = values.map((value) => (value === undefined ? undefined : operandOf(value)));
  return args.positional.length > names.length || operands.includes(null)
    ? null
    : (operands as (Operand | undefined)[]);
}

const first = (operand: Operand | undefined): number | undefined => operand?.values[0];

type Call = Parameters<LibraryFunction>[0];

const isNumPy = ({ path }: Call): boolean => path.startsWith("numpy.");

/** `torch.linspace(start, end, steps)`: counted from both ends, as PyTorch does; NumPy counts from the start. */
function linspace(call: Call): Value | null {
  const isDouble = isNumPy(call);
  const [start, end, steps] = (
    numbersOf(call, isDouble ? ["start", "stop", "num"] : ["start", "end", "steps"]) ?? []
  ).map(first);
  if (
    start === undefined ||
    end === undefined ||
    steps === undefined ||
    !Number.isInteger(steps) ||
    steps < 0 ||
    steps > MOST_VALUES
  )
    return null;
  const type = { isInteger: false, isDouble };
  if (steps === 1) return numericTensor([start], type);
  const exactStep = (end - start) / (steps - 1);
  const step = isDouble ? exactStep : Math.fround(exactStep);
  const value = (index: number): number => {
    if (isDouble) return index === steps - 1 ? end : start + step * index;
    return index < steps / 2 ? start + step * index : end - step * (steps - 1 - index);
  };
  return numericTensor(
    Array.from({ length: steps }, (_, index) => value(index)),
    type,
  );
}

/** `torch.arange(end)`, `torch.arange(start, end, step)`. */
function arange(call: Call): Value | null {
  const operands = numbersOf(call, isNumPy(call) ? ["start", "stop", "step"] : ["start", "end", "step"]);
  const [one, two, three] = (operands ?? []).map(first);
  if (one === undefined) return null;
  const start = two === undefined ? 0 : one;
  const end = two ?? one;
  const step = three ?? 1;
  const count = Math.max(0, Math.ceil((end - start) / step));
  if (!(count <= MOST_VALUES)) return null;
  const isInteger = operands?.every((operand) => operand?.isInteger !== false) ?? false;
  return numericTensor(
    Array.from({ length: count }, (_, index) => start + index * step),
    { isInteger, isDouble: isNumPy(call) },
  );
}

/** `torch.tensor([1, 2, 3])` and `np.array([1, 2, 3])` of plain numbers. */
function tensorOf(call: Call): Value | null {
  const { args } = call;
  const [content] = args.positional;
  if (args.taint !== null || args.keywords.size > 0 || args.positional.length !== 1 || content === undefined)
    return null;
  const elements =
    content.kind === "list" && content.taint === null
      ? content.elements
      : content.kind === "tuple"
        ? content.elements
        : [content];
  const operands = elements.map(operandOf);
  if (
    elements.length > MOST_VALUES ||
    operands.some((operand) => operand === null) ||
    elements.some(({ kind }) => kind === "bool")
  )
    return null;
  const isInteger = operands.every((operand) => operand?.isInteger === true);
  return numericTensor(
    operands.map((operand) => operand?.values[0] ?? NaN),
    { isInteger, isDouble: isNumPy(call) },
    elements[0] === content ? [] : [elements.length],
  );
}

/** Functions that make tensors, where their numbers are known. */
export function numericFactory(
  name: "linspace" | "arange" | "tensor" | "array",
  otherwise: LibraryFunction,
): LibraryFunction {
  const make = { linspace, arange, tensor: tensorOf, array: tensorOf }[name];
  return (call) => make(call) ?? otherwise(call);
}

/** A comparison of a tensor of one number with a number, for `if rate > 0`. */
export function numericComparison(operator: string, operands: readonly Value[]): Value | null {
  const [a, b] = operands.map(operandOf);
  if (!a || !b || a.values.length !== 1 || b.values.length !== 1 || !operands.some(isNumeric)) return null;
  const [left = NaN] = a.values;
  const [right = NaN] = b.values;
  switch (operator) {
    case "<":
      return bool(left < right);
    case "<=":
      return bool(left <= right);
    case ">":
      return bool(left > right);
    case ">=":
      return bool(left >= right);
    case "==":
      return bool(left === right);
    case "!=":
      return bool(left !== right);
    default:
      return null;
  }
}
