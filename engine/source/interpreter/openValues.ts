/**
 * Arguments that nobody gave. What such a value is used as decides what it is: a number by its name, a sequence of two,
 * a configuration with parts. Whatever follows from it is marked as assumed; a branch on it is a choice (`choices.ts`).
 */
import type { SourceRange } from "../../protocol/modelGraph";
import type { BinaryOperator, CompareOperator } from "../../python/expressions";
import { bool, int, list, none, string, tuple, unknown } from "./newValues";
import { numberOfOpen } from "./openNumbers";
import type { OpenValue, Value } from "./values";

/** A loop over an open value has so many rounds: enough to show what a second one does. */
export const OPEN_LENGTH = 2;

export const openValue = (name: string, range: SourceRange, whole: OpenValue | null = null): OpenValue => ({
  kind: "open",
  name,
  range,
  whole,
  parts: new Map(),
});

export function isAssumed(value: Value): boolean {
  return value.kind === "open" || ("assumed" in value && value.assumed === true);
}

/** The same value, marked; others than numbers, strings and truth values carry no mark. */
export function assume<V extends Value>(value: V): V {
  return value.kind === "int" || value.kind === "float" || value.kind === "string" || value.kind === "bool"
    ? { ...value, assumed: true }
    : value;
}

/** What was made of some values is assumed as soon as one of them is. */
export function assumedLike(result: Value, ...sources: readonly Value[]): Value {
  return sources.some(isAssumed) ? assume(result) : result;
}

/** A value to compute with: an open one is its number. */
export function settled(value: Value): Value {
  return value.kind === "open" ? assume(int(numberOfOpen(value))) : value;
}

/** Height, width and channels, where a shape is wanted. */
const IMAGE = [64, 64, 3];

/** Names that are usually on or off. */
const FLAGS = [
  /^(is|use|with|has|do|enable|add|apply|return|need|learn|no|not|without)_/i,
  /^(bias|bn|batch_?norm|residual|pretrained|bidirectional|affine|causal|inplace|training|last|first|debug|verbose)$/i,
  /_(flag|bias|bn)$/i,
];

/** What an attribute or an item of an open value is. The items of one without names are like it. */
export function partOf(value: OpenValue, key: string | number, range: SourceRange): Value {
  const place = String(key);
  const known = value.parts.get(place);
  if (known !== undefined) return known;
  const made = typeof key === "number" ? openValue(value.name, range, value) : likely(key, range, value);
  value.parts.set(place, made);
  return made;
}

/** What an argument of this name likely is. */
export function likely(name: string, range: SourceRange, whole: OpenValue | null = null): Value {
  if (/(^|_)shape$/i.test(name)) return tuple(IMAGE.map((size) => assume(int(size))));
  // A class, by its capital: `BatchNorm`.
  const isFlag = !/^[A-Z][a-z]/.test(name) && FLAGS.some((words) => words.test(name));
  return isFlag ? assume(bool(true)) : openValue(name, range, whole);
}

/** The elements that a loop or an assignment to so many names sees. */
export function elementsOfOpen(value: OpenValue, count = OPEN_LENGTH): readonly Value[] {
  return Array.from({ length: count }, (_, index) => partOf(value, index, value.range));
}

/** Operands of arithmetic: an open one is what goes with the other. */
export function operandsOf(operator: BinaryOperator, left: Value, right: Value): readonly [Value, Value] {
  return [operandBeside(left, right, operator), operandBeside(right, left, operator)];
}

function operandBeside(value: Value, other: Value, operator: BinaryOperator): Value {
  if (value.kind !== "open") return value;
  if (operator === "+" && other.kind === "list") return list([...elementsOfOpen(value)]);
  if (operator === "+" && other.kind === "tuple") return tuple(elementsOfOpen(value));
  return operator === "+" && other.kind === "string" ? assume(string(value.name)) : settled(value);
}

/**
 * A comparison with an open value. An argument that is given is not None, is one of those that a check allows, and is
 * no particular string; two numbers are compared.
 */
export function compareOpen(operator: CompareOperator, left: Value, right: Value): boolean | null {
  if (left.kind !== "open" && right.kind !== "open") return null;
  const other = left.kind === "open" ? right : left;
  switch (operator) {
    case "is":
    case "==":
      return isNumber(other) ? null : other.kind === "bool" && other.value;
    case "is not":
    case "!=":
      return isNumber(other) ? null : !(other.kind === "bool" && other.value);
    case "in":
      return true;
    case "not in":
      return false;
    default:
      return null;
  }
}

const isNumber = (value: Value): boolean => value.kind === "int" || value.kind === "float";

/** Methods that people call on configurations and strings. What anything else gives is unknown. */
export function callOpen(callee: OpenValue, args: readonly Value[], range: SourceRange): Value {
  const { whole, name } = callee;
  if (whole !== null) {
    const [first, fallback] = args;
    if (["get", "pop", "setdefault"].includes(name) && first?.kind === "string")
      return fallback === undefined || fallback.kind === "none" ? partOf(whole, first.value, range) : assume(fallback);
    if (["copy", "lower", "upper", "strip", "clone"].includes(name)) return whole;
    if (["values", "children"].includes(name)) return list([...elementsOfOpen(whole)]);
    if (name === "keys") return list(elementsOfOpen(whole).map((_, index) => assume(string(`key${index}`))));
    if (name === "items")
      return list(elementsOfOpen(whole).map((part, index) => tuple([assume(string(`key${index}`)), part])));
    if (name === "update") return none;
  }
  return unknown(`${nameOfOpen(callee)} is not given, so what its call makes is not known`, range);
}

/** `cfg.model.norm`. */
export function nameOfOpen({ whole, name }: OpenValue): string {
  return whole === null ? name : `${nameOfOpen(whole)}.${name}`;
}
