import { elementsOfOpen } from "./openValues";
import type { SourceRange } from "../../protocol/modelGraph";
import { namedTupleElements } from "./dataclass";
import { isNumeric, numericElements } from "./numericContent";
import { isUnknown, isModule } from "./aboutValues";
import { dictOf } from "./dictObject";
import { orderedElements } from "./sets";
import { tensorsOf } from "./tensorContainers";
import { int, string, tuple, unknown, unknownPlain, unknownSize } from "./newValues";
import type { RangeValue, TupleValue, UnknownValue, Value } from "./values";

/** Python's truth value, or the unknown that keeps it from being known. */
export function truthOf(value: Value, range: SourceRange): boolean | UnknownValue {
  switch (value.kind) {
    case "unknown":
      return value;
    case "bool":
      return value.value;
    case "int":
    case "float":
      return value.value !== 0;
    case "string":
      return value.value !== "";
    case "none":
      return false;
    case "tuple":
      return value.elements.length > 0;
    case "list":
    case "set":
      return value.taint ?? value.elements.length > 0;
    case "dict":
      return value.taint ?? value.entries.size > 0;
    case "range":
      return rangeLength(value) > 0;
    case "tensor":
      return unknownPlain("it depends on a tensor's value", range);
    case "batchSize":
      return true;
    case "library":
      return libraryTruth(value.path, range);
    case "instance":
      return instanceTruth(value, range);
    default:
      return true;
  }
}

/**
 * The classes and functions of PyTorch and Python are true; what another module contains under a name may be a flag.
 */
function libraryTruth(path: string, range: SourceRange): boolean | UnknownValue {
  return /^(torch|keras|tensorflow|builtins)(\.|$)/.test(path)
    ? true
    : unknownPlain(`NormLens does not read the file that ${path} comes from`, range);
}

/** An nn.ModuleList is false when it is empty, as everything with a length is. */
function instanceTruth(value: Extract<Value, { kind: "instance" }>, range: SourceRange): boolean | UnknownValue {
  const lacksLength = value.cls.kind === "library" || !definesLength(value.cls.mro);
  if (!lacksLength) return unknownPlain("the truth of this object depends on its own length", range);
  const inner = tensorsOf(value) ?? dictOf(value);
  if (inner !== null) return truthOf(inner, range);
  return isModule(value) && value.module.container !== null && value.module.container !== "wrapper"
    ? (value.module.unknowns[0] ?? value.module.children.size > 0)
    : true;
}

function definesLength(mro: readonly Value[]): boolean {
  return mro.some((cls) => cls.kind === "class" && (cls.namespace.has("__len__") || cls.namespace.has("__bool__")));
}

export function rangeLength(range: RangeValue): number {
  return Math.max(0, Math.ceil((range.stop - range.start) / range.step));
}

/** A loop over more elements than this is not followed. */
export const MAX_ELEMENTS = 100_000;

/** The elements a `for` loop would see, or the unknown that keeps them from being known. */
export function elementsOf(value: Value, range: SourceRange): readonly Value[] | UnknownValue {
  switch (value.kind) {
    case "unknown":
      return value;
    case "tuple":
      return value.elements;
    case "set":
      return orderedElements(value, range);
    case "list":
      return value.taint ?? [...value.elements];
    case "dict":
      return value.taint ?? [...value.entries.values()].map((entry) => entry.key);
    case "string":
      return [...value.value].map(string);
    case "range":
      return rangeElements(value, range);
    case "instance":
      return instanceElements(value, range);
    case "class": {
      const members = value.namespace.get("\0members");
      if (members?.kind === "tuple") return members.elements;
      return unknown(`NormLens does not follow a loop over ${kindWithArticle(value)}`, range);
    }
    case "sizes":
      return unknownSize(range);
    case "open":
      return elementsOfOpen(value);
    case "tensor":
      return (
        (isNumeric(value) ? numericElements(value) : null) ??
        unknown("NormLens does not follow a loop over a tensor", range)
      );
    default:
      return unknown(`NormLens does not follow a loop over ${kindWithArticle(value)}`, range);
  }
}

/** The same for what does not depend on their order. */
export function memberElements(value: Value, range: SourceRange): readonly Value[] | UnknownValue {
  return value.kind === "set" ? (value.taint ?? value.elements) : elementsOf(value, range);
}

function rangeElements(value: RangeValue, range: SourceRange): readonly Value[] | UnknownValue {
  const length = rangeLength(value);
  if (length > MAX_ELEMENTS) return unknownPlain(`a range of ${length} numbers is too long to follow`, range);
  return Array.from({ length }, (_, index) => int(value.start + index * value.step));
}

function instanceElements(
  value: Extract<Value, { kind: "instance" }>,
  range: SourceRange,
): readonly Value[] | UnknownValue {
  const fields = namedTupleElements(value);
  if (fields !== null) return fields;
  const inner = tensorsOf(value) ?? dictOf(value);
  if (inner !== null) return elementsOf(inner, range);
  const container = value.module?.container;
  const overridden =
    value.cls.kind === "class" && value.cls.mro.some((cls) => cls.kind === "class" && cls.namespace.has("__iter__"));
  if (value.module === null || overridden || container === null || container === undefined || container === "wrapper") {
    return unknown(`NormLens does not follow a loop over ${kindWithArticle(value)}`, range);
  }
  const [taint] = value.module.unknowns;
  if (taint !== undefined) return taint;
  return container === "dict" ? [...value.module.children.keys()].map(string) : [...value.module.children.values()];
}

/** The pairs of a mapping, for `**kwargs` and `dict(mapping)`. */
export function pairsOf(value: Value, range: SourceRange): readonly (readonly [Value, Value])[] | UnknownValue {
  if (value.kind === "unknown") return value;
  // What else a configuration contains is not known, and what it is spread into has its own defaults.
  if (value.kind === "open") return [];
  const content = dictOf(value);
  if (content !== null)
    return content.taint ?? [...content.entries.values()].map((entry) => [entry.key, entry.value] as const);
  if (value.kind === "instance" && value.module?.container === "dict")
    return (
      value.module.unknowns[0] ?? [...value.module.children].map(([name, child]) => [string(name), child] as const)
    );
  const elements = elementsOf(value, range);
  if (isUnknown(elements)) return elements;
  const pairs: (readonly [Value, Value])[] = [];
  for (const element of elements) {
    if (element.kind !== "tuple" && element.kind !== "list")
      return unknown("NormLens does not follow a mapping made of anything but pairs", range);
    const [key, item] = element.elements;
    if (key === undefined || item === undefined)
      return unknown("NormLens does not follow a mapping made of anything but pairs", range);
    pairs.push([key, item]);
  }
  return pairs;
}

/** What a person would call a value of this kind. */
export function describeKind(value: Value): string {
  switch (value.kind) {
    case "instance":
      return value.cls.kind === "class" ? value.cls.name : (value.cls.path.split(".").at(-1) ?? value.cls.path);
    case "library":
      return value.path.replace(/^builtins\./, "");
    case "int":
    case "float":
      return "number";
    case "boundMethod":
    case "method":
      return "method";
    case "batchSize":
      return "batch size";
    case "namespace":
      return "Python module";
    case "open":
      return "argument that is not given";
    default:
      return value.kind;
  }
}

/** `a tensor`, `an iterator`. */
export const kindWithArticle = (value: Value): string => withArticle(describeKind(value));

export const withArticle = (noun: string): string => `${/^[aeiou]/i.test(noun) ? "an" : "a"} ${noun}`;

export function zipElements(columns: readonly (readonly Value[])[]): TupleValue[] {
  const length = Math.min(...columns.map((column) => column.length));
  if (!Number.isFinite(length)) return [];
  return Array.from({ length }, (_, row) => tuple(columns.map((column) => column[row] ?? int(0))));
}
