/** Methods of strings, lists and dicts. */
import type { SourceRange } from "../../protocol/modelGraph";
import { formatTemplate } from "./formatValue";
import type { CallArguments, LibraryFunction, Machine } from "./machine";
import { equals } from "./operators";
import { MAX_ELEMENTS, elementsOf, pairsOf } from "./truth";
import { isUnknown, dictKey } from "./aboutValues";
import { bool, dict, int, list, none, string, tuple, unknown, unknownPlain } from "./newValues";
import type { DictValue, ListValue, StringValue, UnknownValue, Value } from "./values";

interface MethodCall<T> {
  readonly machine: Machine;
  readonly receiver: T;
  readonly args: CallArguments;
  readonly range: SourceRange;
}

type Methods<T> = Readonly<Record<string, (call: MethodCall<T>) => Value>>;

function textArguments(args: CallArguments): string[] | null {
  const texts = args.positional.map((arg) => (arg.kind === "string" ? arg.value : null));
  return args.keywords.size > 0 || texts.includes(null) ? null : (texts as string[]);
}

/** A method whose arguments are all strings. */
function onText(apply: (text: string, args: readonly string[]) => Value): (call: MethodCall<StringValue>) => Value {
  return ({ receiver, args, range }) => {
    const texts = textArguments(args);
    return texts === null
      ? unknownPlain("this string is made from unknown values", range)
      : apply(receiver.value, texts);
  };
}

function strip(text: string, characters: string | undefined, sides: "both" | "left" | "right"): string {
  const isStripped = (character: string): boolean =>
    characters === undefined ? /\s/.test(character) : characters.includes(character);
  let start = 0;
  let end = text.length;
  while (sides !== "right" && start < end && isStripped(text.charAt(start))) start++;
  while (sides !== "left" && end > start && isStripped(text.charAt(end - 1))) end--;
  return text.slice(start, end);
}

export const stringMethods: Methods<StringValue> = {
  lower: onText((text) => string(text.toLowerCase())),
  upper: onText((text) => string(text.toUpperCase())),
  strip: onText((text, [characters]) => string(strip(text, characters, "both"))),
  lstrip: onText((text, [characters]) => string(strip(text, characters, "left"))),
  rstrip: onText((text, [characters]) => string(strip(text, characters, "right"))),
  startswith: onText((text, [prefix = ""]) => bool(text.startsWith(prefix))),
  endswith: onText((text, [suffix = ""]) => bool(text.endsWith(suffix))),
  find: onText((text, [part = ""]) => int(text.indexOf(part))),
  replace: onText((text, [from = "", to = ""]) => string(text.split(from).join(to))),
  isdigit: onText((text) => bool(/^\d+$/.test(text))),
  split: onText((text, [separator]) =>
    list((separator === undefined ? text.split(/\s+/).filter(Boolean) : text.split(separator)).map(string)),
  ),
  join: ({ receiver, args, range }) => {
    const elements = elementsOf(args.positional[0] ?? none, range);
    if (isUnknown(elements)) return elements;
    const texts = elements.map((element) => (element.kind === "string" ? element.value : null));
    return texts.includes(null)
      ? unknownPlain("this string is made from unknown values", range)
      : string(texts.join(receiver.value));
  },
  format: ({ receiver, args, range }) => formatTemplate(receiver.value, args.positional, args.keywords, range),
};

/** A method that changes a list; one that is already uncertain stays as it is. */
function changing(
  change: (list: ListValue, args: readonly Value[], range: SourceRange) => Value | null,
): (call: MethodCall<ListValue>) => Value {
  return ({ machine, receiver, args, range }) => {
    if (receiver.taint !== null) return receiver.taint;
    machine.journal.beforeList(receiver);
    if (args.taint !== null) return (receiver.taint = args.taint);
    const failure = change(receiver, args.positional, range);
    if (failure?.kind === "unknown") receiver.taint = failure;
    return failure ?? none;
  };
}

/** Adds elements at the end; the unknown that the list becomes when it grows out of all proportion. */
export function extendList(receiver: ListValue, elements: readonly Value[], range: SourceRange): UnknownValue | null {
  if (receiver.elements.length + elements.length > MAX_ELEMENTS)
    return unknown("the list is too long to follow", range);
  for (const element of elements) receiver.elements.push(element);
  return null;
}

function popItem(receiver: ListValue, [index = int(-1)]: readonly Value[], range: SourceRange): Value {
  if (index.kind !== "int")
    return index.kind === "unknown" ? index : unknown("NormLens does not follow an index of this kind", range);
  const position = index.value < 0 ? index.value + receiver.elements.length : index.value;
  const [item] = position < 0 ? [] : receiver.elements.splice(position, 1);
  return item ?? unknown("the list has no element to pop here (Python raises an IndexError)", range);
}

export const listMethods: Methods<ListValue> = {
  append: changing((receiver, [value], range) => {
    if (value === undefined) return unknown("this append() has no value", range);
    receiver.elements.push(value);
    return null;
  }),
  extend: changing((receiver, [value = none], range) => {
    const elements = elementsOf(value, range);
    return isUnknown(elements) ? elements : extendList(receiver, elements, range);
  }),
  insert: changing((receiver, [index, value], range) => {
    if (index?.kind !== "int" || value === undefined) return unknown("the index of this insert() is unknown", range);
    receiver.elements.splice(index.value, 0, value);
    return null;
  }),
  // `pop` returns what it removed; an unknown element must not make the whole list unknown.
  pop: ({ machine, receiver, args, range }) => {
    if (receiver.taint !== null) return receiver.taint;
    machine.journal.beforeList(receiver);
    return popItem(receiver, args.positional, range);
  },
  reverse: changing((receiver) => {
    receiver.elements.reverse();
    return null;
  }),
  clear: changing((receiver) => {
    receiver.elements = [];
    return null;
  }),
  copy: ({ receiver }) => receiver.taint ?? list([...receiver.elements]),
  index: ({ receiver, args, range }) =>
    positionOf(receiver.taint ?? receiver.elements, args.positional[0] ?? none, range),
  count: ({ receiver, args, range }) => countOf(receiver.taint ?? receiver.elements, args.positional[0] ?? none, range),
};

function positionOf(elements: readonly Value[] | UnknownValue, wanted: Value, range: SourceRange): Value {
  if ("kind" in elements) return elements;
  for (const [index, element] of elements.entries()) {
    const same = equals(element, wanted);
    if (same === null) return unknownPlain("this comparison depends on unknown values", range);
    if (same) return int(index);
  }
  return unknownPlain("the value is not in the list (Python raises a ValueError)", range);
}

function countOf(elements: readonly Value[] | UnknownValue, wanted: Value, range: SourceRange): Value {
  if ("kind" in elements) return elements;
  const results = elements.map((element) => equals(element, wanted));
  return results.includes(null)
    ? unknownPlain("this comparison depends on unknown values", range)
    : int(results.filter(Boolean).length);
}

function entryOf(receiver: DictValue, key: Value): Value | null {
  const text = dictKey(key);
  return text === null ? null : (receiver.entries.get(text)?.value ?? null);
}

function keyProblem({ receiver, args, range }: MethodCall<DictValue>): UnknownValue | null {
  const [key = none] = args.positional;
  if (receiver.taint !== null) return receiver.taint;
  if (args.taint !== null) return args.taint;
  if (dictKey(key) !== null) return null;
  return key.kind === "unknown"
    ? { ...key, isPlain: false }
    : unknown("NormLens does not follow a dict key of this kind", range);
}

export const dictMethods: Methods<DictValue> = {
  keys: ({ receiver }) => receiver.taint ?? list([...receiver.entries.values()].map((entry) => entry.key)),
  values: ({ receiver }) => receiver.taint ?? list([...receiver.entries.values()].map((entry) => entry.value)),
  items: ({ receiver }) =>
    receiver.taint ?? list([...receiver.entries.values()].map((entry) => tuple([entry.key, entry.value]))),
  copy: ({ receiver }) => receiver.taint ?? { kind: "dict", entries: new Map(receiver.entries), taint: null },
  get: (call) =>
    keyProblem(call) ?? entryOf(call.receiver, call.args.positional[0] ?? none) ?? call.args.positional[1] ?? none,
  pop: (call) => {
    const problem = keyProblem(call);
    if (problem !== null) return problem;
    call.machine.journal.beforeDict(call.receiver);
    const [key = none, fallback] = call.args.positional;
    const value = entryOf(call.receiver, key);
    call.receiver.entries.delete(dictKey(key) ?? "");
    return value ?? fallback ?? unknown("the dict does not have this key (Python raises a KeyError)", call.range);
  },
  setdefault: (call) => {
    const problem = keyProblem(call);
    if (problem !== null) return problem;
    const [key = none, fallback = none] = call.args.positional;
    const value = entryOf(call.receiver, key);
    if (value !== null) return value;
    call.machine.journal.beforeDict(call.receiver);
    call.receiver.entries.set(dictKey(key) ?? "", { key, value: fallback });
    return fallback;
  },
  update: ({ machine, receiver, args, range }) => {
    machine.journal.beforeDict(receiver);
    const pairs = args.taint ?? pairsOf(args.positional[0] ?? dict(), range);
    if (isUnknown(pairs)) return (receiver.taint ??= pairs);
    const named = [...args.keywords].map(([name, value]) => [string(name), value] as const);
    for (const [key, value] of [...pairs, ...named]) {
      const text = dictKey(key);
      if (text === null) receiver.taint ??= unknown("NormLens does not follow a dict key of this kind", range);
      else receiver.entries.set(text, { key, value });
    }
    return none;
  },
};

/** A method of a string, list, dict or tuple; null for other receivers and names. */
export function builtinMethod(receiver: Value, name: string): LibraryFunction | null {
  switch (receiver.kind) {
    case "string":
      return adapt(stringMethods[name], receiver);
    case "list":
      return adapt(listMethods[name], receiver);
    case "dict":
      return adapt(dictMethods[name], receiver);
    case "tuple":
      if (name === "numel") return () => product(receiver.elements);
      return name === "index"
        ? ({ args, range }) => positionOf(receiver.elements, args.positional[0] ?? none, range)
        : ({ args, range }) => countOf(receiver.elements, args.positional[0] ?? none, range);
    default:
      return null;
  }
}

/** `x.shape.numel()`. */
function product(elements: readonly Value[]): Value {
  let total = 1;
  for (const element of elements) {
    if (element.kind !== "int") return element.kind === "unknown" ? element : { kind: "batchSize" };
    total *= element.value;
  }
  return int(total);
}

function adapt<T>(apply: ((call: MethodCall<T>) => Value) | undefined, receiver: T): LibraryFunction | null {
  return apply === undefined ? null : ({ machine, args, range }) => apply({ machine, receiver, args, range });
}
