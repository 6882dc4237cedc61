/** Python's builtin functions. */
import { numberOfOpen } from "../interpreter/openNumbers";
import { assume, assumedLike, OPEN_LENGTH, settled } from "../interpreter/openValues";
import type { SourceRange } from "../../protocol/modelGraph";
import { hasAttribute } from "../interpreter/attributes";
import { textOfValue, reprOfValue } from "../interpreter/formatValue";
import { iterate } from "../interpreter/iterate";
import type { LibraryCall, LibraryFunction, Machine } from "../interpreter/machine";
import { isNumeric, numericItem } from "../interpreter/numericContent";
import { binaryOperation, compareOperation } from "../interpreter/operators";
import { setOf } from "../interpreter/sets";
import { sortedElements } from "../interpreter/sorting";
import {
  elementsOf,
  memberElements,
  pairsOf,
  rangeLength,
  truthOf,
  zipElements,
  kindWithArticle,
} from "../interpreter/truth";
import { isUnknown, dictKey, isModule, numberOf } from "../interpreter/aboutValues";
import {
  bool,
  checkedInt,
  dict,
  float,
  int,
  library,
  list,
  none,
  string,
  tuple,
  unknown,
  unknownPlain,
  unknownSetting,
} from "../interpreter/newValues";
import type { UnknownValue, Value } from "../interpreter/values";
import { isInstance, isSubclass } from "./isInstance";

/** A builtin of positional arguments; unknown ones give themselves back unless it handles them. */
function positional(apply: (args: readonly Value[], call: LibraryCall) => Value): LibraryFunction {
  return (call) => call.args.taint ?? apply(call.args.positional, call);
}

/** A builtin whose result is a number, string or truth value: unknown arguments make an unknown that is no layer. */
function plain(apply: (args: readonly Value[], call: LibraryCall) => Value): LibraryFunction {
  return (call) => {
    const cause = call.args.taint ?? call.args.positional.find((arg) => arg.kind === "unknown");
    if (cause?.kind === "unknown") return { ...cause, isPlain: true };
    return assumedLike(apply(call.args.positional.map(settled), call), ...call.args.positional);
  };
}

type FromElements = (elements: readonly Value[], call: LibraryCall) => Value;

/** Elements of the first argument, given to `make`. */
function ofElements(make: FromElements, elementsIn = elementsOf): LibraryFunction {
  return positional(([first], call) => {
    if (first === undefined) return make([], call);
    const elements = first.kind === "tensor" ? iterate(call.machine, first, call.range) : elementsIn(first, call.range);
    return isUnknown(elements) ? elements : make(elements, call);
  });
}

/** The same for what does not depend on the order of the elements. */
const ofMembers = (make: FromElements): LibraryFunction => ofElements(make, memberElements);

const makeSet = ofMembers((elements, call) => setOf(elements, call.range));

const range: LibraryFunction = plain((args, call) => {
  const numbers = args.map((arg) => (arg.kind === "int" || arg.kind === "bool" ? Number(arg.value) : null));
  if (numbers.length < 1 || numbers.length > 3 || numbers.includes(null))
    return unknownSetting("the bounds of this range are unknown", call.range);
  const [only] = call.args.positional;
  // How many rounds nobody says: two show what a second one does.
  if (call.args.positional.length === 1 && only?.kind === "open")
    return { kind: "range", start: 0, stop: Math.min(numberOfOpen(only), OPEN_LENGTH), step: 1 };
  const [first = 0, second, third] = numbers as number[];
  const step = third ?? 1;
  if (step === 0) return unknownPlain("the step of this range is 0 (Python raises a ValueError)", call.range);
  return second === undefined
    ? { kind: "range", start: 0, stop: first, step }
    : { kind: "range", start: first, stop: second, step };
});

const len: LibraryFunction = positional(([value = none], { range: at }) => {
  if (value.kind === "range") return int(rangeLength(value));
  const elements = memberElements(value, at);
  return isUnknown(elements) ? { ...elements, isPlain: true } : assumedLike(int(elements.length), value);
});

/** `float(rate)` of a tensor that contains one known number. */
function pythonNumber(value: Value): Value {
  return (isNumeric(value) ? numericItem(value) : null) ?? value;
}

const toInt: LibraryFunction = plain(([given = int(0)], { range: at }) => {
  if (given.kind === "batchSize") return given;
  const value = pythonNumber(given);
  const number =
    value.kind === "string" && /^\s*[+-]?\d+\s*$/.test(value.value) ? Number(value.value) : numberOf(value);
  return number === null || !Number.isFinite(number)
    ? unknownPlain(`NormLens does not follow int() of ${kindWithArticle(value)}`, at)
    : checkedInt(Math.trunc(number) + 0, at);
});

const toFloat: LibraryFunction = plain(([given = float(0)], { range: at }) => {
  const value = pythonNumber(given);
  const number =
    value.kind === "string" && /^\s*[+-]?[\d.]+(e[+-]?\d+)?\s*$/i.test(value.value)
      ? Number(value.value)
      : numberOf(value);
  return number === null || Number.isNaN(number)
    ? unknownPlain(`NormLens does not follow float() of ${kindWithArticle(value)}`, at)
    : float(number);
});

const toBool: LibraryFunction = positional(([value = none], { range: at }) => {
  const truth = truthOf(value, at);
  return typeof truth === "boolean" ? assumedLike(bool(truth), value) : { ...truth, isPlain: true };
});

const toText =
  (convert: (value: Value) => string | null): LibraryFunction =>
  (call) =>
    plain(([value = string("")]) => {
      const text = convert(value);
      return text === null
        ? unknownPlain(`NormLens does not follow str() of ${kindWithArticle(value)}`, call.range)
        : string(text);
    })(call);

/** Half to even, as Python rounds. */
const round: LibraryFunction = plain(([value = none, digits], { range: at }) => {
  const number = numberOf(value);
  if (number === null || (digits !== undefined && digits.kind !== "none")) return unknownPlain("round", at);
  const floor = Math.floor(number);
  const fraction = number - floor;
  const up = fraction > 0.5 || (fraction === 0.5 && floor % 2 !== 0);
  return checkedInt(up ? floor + 1 : floor, at);
});

const abs: LibraryFunction = plain(([value = none], { range: at }) => {
  const number = numberOf(value);
  if (number === null) return unknownPlain(`NormLens does not follow abs() of ${kindWithArticle(value)}`, at);
  return value.kind === "float" ? float(Math.abs(number)) : int(Math.abs(number));
});

/** `f"block{chr(index + 97)}"`: names of layers. */
const chr: LibraryFunction = plain(([value = none], { range: at }) =>
  value.kind === "int" && value.value >= 0 && value.value <= 0x10ffff
    ? string(String.fromCodePoint(value.value))
    : unknownPlain(`NormLens does not follow chr() of ${kindWithArticle(value)}`, at),
);

const ord: LibraryFunction = plain(([value = none], { range: at }) =>
  value.kind === "string" && [...value.value].length === 1
    ? int(value.value.codePointAt(0) ?? 0)
    : unknownPlain(`NormLens does not follow ord() of ${kindWithArticle(value)}`, at),
);

/** `min` and `max` of several arguments or of one iterable. */
function extreme(operator: "<" | ">"): LibraryFunction {
  return (call) => {
    const { args, range: at } = call;
    if (args.taint !== null) return { ...args.taint, isPlain: true };
    const elements = args.positional.length === 1 ? memberElements(args.positional[0] ?? none, at) : args.positional;
    if (isUnknown(elements)) return { ...elements, isPlain: true };
    const [first, ...rest] = elements;
    if (first === undefined || args.keywords.size > 0)
      return unknownPlain("NormLens does not follow min() or max() of these values", at);
    let best = first;
    for (const element of rest) {
      const better = compareOperation(operator, element, best, at);
      if (better.kind !== "bool") return better;
      if (better.value) best = element;
    }
    return best.kind === "unknown" ? { ...best, isPlain: true } : best;
  };
}

const sum: LibraryFunction = positional(([values = none, start = int(0)], { range: at }) => {
  const elements = memberElements(values, at);
  return isUnknown(elements)
    ? elements
    : elements.reduce((total, element) => binaryOperation("+", total, element, at), start);
});

function columnsOf(
  machine: Machine,
  args: readonly Value[],
  at: SourceRange,
): readonly (readonly Value[])[] | UnknownValue {
  const columns: (readonly Value[])[] = [];
  for (const arg of args) {
    const elements = iterate(machine, arg, at);
    if (isUnknown(elements)) return elements;
    columns.push(elements);
  }
  return columns;
}

const zip: LibraryFunction = positional((args, { machine, range: at }) => {
  const columns = columnsOf(machine, args, at);
  return isUnknown(columns) ? columns : list(zipElements(columns));
});

const enumerate: LibraryFunction = (call) =>
  ofElements((elements) => {
    const start = call.args.positional[1] ?? call.args.keywords.get("start") ?? int(0);
    if (start.kind !== "int") return unknown("the start of this enumerate() is unknown", call.range);
    return list(elements.map((element, index) => tuple([int(start.value + index), element])));
  })(call);

function quantifier(wanted: boolean): LibraryFunction {
  return ofMembers((elements, { range: at }) => {
    let open: UnknownValue | null = null;
    for (const element of elements) {
      const truth = truthOf(element, at);
      if (truth === wanted) return bool(wanted);
      if (typeof truth !== "boolean") open ??= { ...truth, isPlain: true };
    }
    return open ?? bool(!wanted);
  });
}

const sorted: LibraryFunction = ofMembers((elements, { machine, args, range: at }) => {
  const result = sortedElements(machine, elements, args.keywords, at);
  return isUnknown(result) ? result : list([...result]);
});

const map: LibraryFunction = positional(([fn = none, ...values], { machine, range: at }) => {
  const columns = columnsOf(machine, values, at);
  if (isUnknown(columns)) return columns;
  return list(
    zipElements(columns).map((row) =>
      machine.call(fn, { positional: row.elements, keywords: new Map(), taint: null }, at),
    ),
  );
});

const filter: LibraryFunction = positional(([fn = none, values = none], { machine, range: at }) => {
  const elements = elementsOf(values, at);
  if (isUnknown(elements)) return elements;
  const kept: Value[] = [];
  for (const element of elements) {
    const test =
      fn.kind === "none" ? element : machine.call(fn, { positional: [element], keywords: new Map(), taint: null }, at);
    const truth = truthOf(test, at);
    if (typeof truth !== "boolean") return { ...truth, isPlain: false };
    if (truth) kept.push(element);
  }
  return list(kept);
});

const makeDict: LibraryFunction = ({ args, range: at }) => {
  if (args.taint !== null) return args.taint;
  const pairs = pairsOf(args.positional[0] ?? dict(), at);
  if (isUnknown(pairs)) return pairs;
  const entries = pairs;
  const bad = entries.find(([key]) => dictKey(key) === null);
  if (bad !== undefined)
    return bad[0].kind === "unknown" ? bad[0] : unknown("NormLens does not follow a dict key of this kind", at);
  return dict([...entries, ...[...args.keywords].map(([name, value]) => [string(name), value] as const)]);
};

const getattr: LibraryFunction = positional(([object = none, name = none, fallback], { machine, range: at }) => {
  if (name.kind !== "string")
    return name.kind === "unknown" ? { ...name, isPlain: false } : unknown("the name in this getattr() is unknown", at);
  if (object.kind === "open" && fallback !== undefined) return assume(fallback);
  const exists = fallback === undefined ? true : hasAttribute(machine, object, name.value, at);
  if (exists === false) return fallback ?? none;
  return machine.attribute(object, name.value, at);
});

const setattr: LibraryFunction = positional(([object = none, name = none, value = none], { machine, range: at }) => {
  if (name.kind === "string") machine.setAttribute(object, name.value, value, at);
  else if (isModule(object))
    object.module.unknowns.push(name.kind === "unknown" ? name : unknown("the name in this setattr() is unknown", at));
  return none;
});

const hasattr: LibraryFunction = positional(([object = none, name = none], { machine, range: at }) => {
  if (object.kind === "open") return assume(bool(true));
  const exists = name.kind === "string" ? hasAttribute(machine, object, name.value, at) : null;
  return exists === null ? unknownPlain("NormLens can't tell whether the object has this attribute", at) : bool(exists);
});

const type: LibraryFunction = positional(([value = none], { range: at }) => {
  if (value.kind === "instance") return value.cls;
  const names: Partial<Record<Value["kind"], string>> = {
    int: "int",
    float: "float",
    string: "str",
    bool: "bool",
    list: "list",
    tuple: "tuple",
    dict: "dict",
  };
  const name = names[value.kind];
  return name === undefined
    ? unknown(`NormLens does not follow type() of ${kindWithArticle(value)}`, at)
    : library(`builtins.${name}`);
});

const superOf: LibraryFunction = positional(([cls = none, self = none], { range: at }) =>
  cls.kind === "class"
    ? { kind: "super", self, after: cls }
    : unknown("NormLens does not follow super() of a class from outside this file", at),
);

const callable: LibraryFunction = positional(([value = none], { range: at }) => {
  if (value.kind === "unknown") return { ...value, isPlain: true };
  if (value.kind === "open") return assume(bool(true));
  if (["function", "class", "library", "boundMethod", "method", "partial"].includes(value.kind)) return bool(true);
  return value.kind === "instance"
    ? unknownPlain("NormLens can't tell whether the object can be called", at)
    : bool(false);
});

/** A new object is like nothing else: people compare with it by identity. */
const newObject: LibraryFunction = ({ range: at }) => ({
  kind: "instance",
  cls: library("builtins.object"),
  attributes: new Map(),
  module: null,
  range: at,
});

export const builtinFunctions: ReadonlyMap<string, LibraryFunction> = new Map(
  Object.entries({
    abs,
    chr,
    all: quantifier(false),
    any: quantifier(true),
    bool: toBool,
    callable,
    dict: makeDict,
    enumerate,
    filter,
    float: toFloat,
    getattr,
    hasattr,
    int: toInt,
    isinstance: isInstance,
    issubclass: isSubclass,
    len,
    list: ofElements((elements) => list([...elements])),
    map,
    max: extreme(">"),
    min: extreme("<"),
    object: newObject,
    print: () => none,
    range,
    repr: toText(reprOfValue),
    reversed: ofElements((elements) => list([...elements].reverse())),
    ord,
    round,
    set: makeSet,
    frozenset: makeSet,
    setattr,
    sorted,
    str: toText(textOfValue),
    sum,
    super: superOf,
    tuple: ofElements((elements) => tuple(elements)),
    type,
    zip,
  }).map(([name, fn]) => [`builtins.${name}`, fn]),
);
