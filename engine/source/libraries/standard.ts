/** The parts of Python's standard library that model files build layers with. */
import type { LibraryFunction } from "../interpreter/machine";
import { namedTuple } from "../interpreter/dataclass";
import { elementsOf } from "../interpreter/truth";
import { isUnknown, numberOf } from "../interpreter/aboutValues";
import {
  checkedInt,
  dict,
  float,
  library,
  list,
  none,
  tuple,
  unknown,
  unknownPlain,
  unknownSetting,
} from "../interpreter/newValues";
import type { Value } from "../interpreter/values";
import { builtinFunctions } from "./builtins";
import { deepCopy, shallowCopy } from "./deepCopy";

/** A function of math on known numbers. */
function onNumbers(apply: (...numbers: number[]) => number, isInteger = false): LibraryFunction {
  return ({ args, path, range }) => {
    const cause = args.taint ?? args.positional.find((arg) => arg.kind === "unknown");
    if (cause?.kind === "unknown") return { ...cause, isPlain: true };
    const numbers = args.positional.map(numberOf);
    const result = numbers.includes(null) ? NaN : apply(...(numbers as number[]));
    if (!Number.isFinite(result)) return unknownPlain(`NormLens does not follow ${path} of this value`, range);
    return isInteger ? checkedInt(result + 0, range) : float(result);
  };
}

/** Functions whose last digit may differ between C and JavaScript are not used for sizes, except rounded. */
const mathFunctions: Readonly<Record<string, LibraryFunction>> = {
  ceil: onNumbers(Math.ceil, true),
  floor: onNumbers(Math.floor, true),
  sqrt: onNumbers(Math.sqrt),
  log: onNumbers((value, base) => (base === undefined ? Math.log(value) : Math.log(value) / Math.log(base))),
  log2: onNumbers(Math.log2),
  log10: onNumbers(Math.log10),
  exp: onNumbers(Math.exp),
  pow: onNumbers(Math.pow),
  fabs: onNumbers(Math.abs),
  sin: onNumbers(Math.sin),
  cos: onNumbers(Math.cos),
  tan: onNumbers(Math.tan),
  tanh: onNumbers(Math.tanh),
  trunc: onNumbers(Math.trunc, true),
  gcd: onNumbers(greatestDivisor, true),
  isqrt: onNumbers((value) => Math.floor(Math.sqrt(value)), true),
};

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? Math.abs(a) : greatestDivisor(b, a % b);
}

const partial: LibraryFunction = ({ args, range }) => {
  const [callee, ...positional] = args.positional;
  if (callee === undefined || args.taint !== null)
    return args.taint ?? unknown("this partial() has no function", range);
  return { kind: "partial", callee, positional, keywords: args.keywords };
};

const orderedDict: LibraryFunction = (call) => builtinFunctions.get("builtins.dict")?.(call) ?? dict();

const prod: LibraryFunction = (call) => {
  const elements = builtinFunctions.get("builtins.list")?.(call) ?? none;
  if (elements.kind !== "list") return elements;
  const numbers = elements.elements.map((element) => (element.kind === "int" ? element.value : null));
  return numbers.includes(null)
    ? unknownSetting("the values in this product are unknown", call.range)
    : checkedInt(
        (numbers as number[]).reduce((total, value) => total * value, 1),
        call.range,
      );
};

/** itertools.chain, itertools.repeat and what torch's own files use of them. */
const chain: LibraryFunction = (call) => {
  const parts: Value[] = [];
  for (const value of call.args.positional) {
    const part =
      builtinFunctions.get("builtins.list")?.({ ...call, args: { ...call.args, positional: [value] } }) ?? none;
    if (part.kind !== "list") return part;
    parts.push(...part.elements);
  }
  return list(parts);
};

const repeat: LibraryFunction = ({ args, range }) => {
  const [value, count] = args.positional;
  if (value === undefined || count?.kind !== "int" || count.value > 10_000)
    return unknown("it is unknown how often this repeats", range);
  return list(Array.from({ length: Math.max(0, count.value) }, () => value));
};

/** All combinations of one element of each, the last changing fastest. */
const product: LibraryFunction = ({ args, range }) => {
  let rows: (readonly Value[])[] = [[]];
  if (args.taint !== null) return args.taint;
  if (args.keywords.size > 0) return unknown("NormLens does not follow product() with repeat=", range);
  for (const arg of args.positional) {
    const elements = elementsOf(arg, range);
    if (isUnknown(elements)) return elements;
    if (rows.length * elements.length > 10_000) return unknown("the product is too long to follow", range);
    rows = rows.flatMap((row) => elements.map((element) => [...row, element]));
  }
  return list(rows.map(tuple));
};

const reduce: LibraryFunction = ({ machine, args, range }) => {
  const [fn = none, values = none, ...initial] = args.positional;
  const elements = args.taint ?? elementsOf(values, range);
  if (isUnknown(elements)) return elements;
  const [first = unknown("this reduce() has no values (Python raises a TypeError)", range), ...rest] = [
    ...initial,
    ...elements,
  ];
  return rest.reduce(
    (total, value) => machine.call(fn, { positional: [total, value], keywords: new Map(), taint: null }, range),
    first,
  );
};

/** `os.getenv("BACKEND", "tensorflow")`: most people set nothing. */
const environmentSetting: LibraryFunction = ({ args, range }) =>
  args.positional[1] ?? args.keywords.get("default") ?? unknownPlain("it depends on the environment", range);

export const standardFunctions: ReadonlyMap<string, LibraryFunction> = new Map<string, LibraryFunction>([
  ...Object.entries(mathFunctions).map(([name, fn]) => [`math.${name}`, fn] as const),
  ["math.prod", prod],
  ["numpy.prod", prod],
  ["os.getenv", environmentSetting],
  ["os.environ.get", environmentSetting],
  ["functools.partial", partial],
  [
    "functools.partialmethod",
    (call) => {
      const result = partial(call);
      return result.kind === "partial" ? { ...result, isMethod: true } : result;
    },
  ],
  ["functools.reduce", reduce],
  [
    "types.MethodType",
    ({ args, range }) => {
      const [callee, self] = args.positional;
      if (callee === undefined || self === undefined) return unknown("this MethodType() lacks an argument", range);
      return callee.kind === "function"
        ? { kind: "boundMethod", self, function: callee }
        : { kind: "partial", callee, positional: [self], keywords: new Map() };
    },
  ],
  [
    "types.SimpleNamespace",
    ({ args, range }) =>
      args.taint ?? {
        kind: "instance",
        cls: library("types.SimpleNamespace"),
        attributes: new Map(args.keywords),
        module: null,
        range,
      },
  ],
  ["enum.auto", () => library("enum.auto()")],
  ["collections.OrderedDict", orderedDict],
  [
    "collections.namedtuple",
    ({ args, range }) =>
      (args.taint === null && args.keywords.size === 0
        ? namedTuple(args.positional[0], args.positional[1], range)
        : null) ?? unknown("the fields of this named tuple are unknown", range),
  ],
  ["copy.deepcopy", deepCopy],
  ["copy.copy", shallowCopy],
  ["itertools.chain", chain],
  ["itertools.repeat", repeat],
  ["itertools.product", product],
  ["typing.cast", ({ args, range }) => args.positional[1] ?? unknown("this cast() has no value", range)],
]);

export const standardConstants: ReadonlyMap<string, Value> = new Map<string, Value>([
  ["math.pi", float(Math.PI)],
  ["math.e", float(Math.E)],
  ["math.inf", float(Infinity)],
  ["typing.TYPE_CHECKING", { kind: "bool", value: false }],
  ["sys.argv", list([])],
]);

/** `float("inf")`-like names that are values and not functions. */
export const builtinConstants: ReadonlyMap<string, Value> = new Map<string, Value>([
  ["builtins.NotImplemented", none],
  ["builtins.__debug__", { kind: "bool", value: true }],
]);
