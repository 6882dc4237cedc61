/** Python's operators on known values. Anything not understood gives an unknown with the place of the expression. */
import type { SourceRange } from "../../protocol/modelGraph";
import type { BinaryOperator, CompareOperator } from "../../python/expressions";
import { formatPercent } from "./formatValue";
import { MAX_ELEMENTS, describeKind, kindWithArticle } from "./truth";
import { joinPaths, pathText, pathValue } from "./paths";
import { assume, assumedLike, compareOpen, operandsOf, settled } from "./openValues";
import { dictKey, numberOf, sameValue } from "./aboutValues";
import { dictOf } from "./dictObject";
import { tensorsOf } from "./tensorContainers";
import { bool, checkedInt, float, list, string, tuple, unknown, unknownPlain } from "./newValues";
import type { SetValue, Value } from "./values";
import { floorQuotient, pythonModulo } from "../../python/pythonArithmetic";

export function binaryOperation(operator: BinaryOperator, left: Value, right: Value, range: SourceRange): Value {
  const [a, b] = operandsOf(operator, left, right);
  return assumedLike(operationOn(operator, a, b, range), left, right);
}

function operationOn(operator: BinaryOperator, left: Value, right: Value, range: SourceRange): Value {
  if (left.kind === "unknown") return arithmeticUnknown(left, operator, right);
  if (right.kind === "unknown") return arithmeticUnknown(right, operator, left);
  if (left.kind === "string" && operator === "%") return formatPercent(left.value, right, range);
  if (left.kind === "batchSize" || right.kind === "batchSize")
    return batchArithmetic(operator, left, right) ?? unknownPlain("it depends on the batch size", range);
  const a = numberOf(left);
  const b = numberOf(right);
  if (a !== null && b !== null)
    return numberOperation(operator, { a, b, isFloat: left.kind === "float" || right.kind === "float" }, range);
  return sequenceOperation(operator, left, right, range);
}

/** A number with something unknown makes a number; `[1] + unknown` may contain layers. */
function arithmeticUnknown(cause: Extract<Value, { kind: "unknown" }>, operator: BinaryOperator, other: Value): Value {
  if (cause.isPlain) return cause;
  const isNumeric = numberOf(other) !== null && operator !== "*";
  return isNumeric ? { ...cause, isPlain: true } : cause;
}

/** A number of rows times or divided by a whole number; null for anything else. */
function batchArithmetic(operator: BinaryOperator, left: Value, right: Value): Value | null {
  const [rows, factor] = left.kind === "batchSize" ? [left, right] : [right, left];
  if (rows.kind !== "batchSize" || factor.kind !== "int" || factor.value < 1) return null;
  const before = rows.rows ?? 1;
  const isDivision = (operator === "//" || operator === "/") && rows === left;
  const after = operator === "*" ? before * factor.value : isDivision ? before / factor.value : NaN;
  return Number.isInteger(after) && after >= 1 ? { kind: "batchSize", rows: after } : null;
}

interface Operands {
  readonly a: number;
  readonly b: number;
  readonly isFloat: boolean;
}

function numberOperation(operator: BinaryOperator, { a, b, isFloat }: Operands, range: SourceRange): Value {
  const make = (value: number): Value => (isFloat ? float(value) : checkedInt(value, range));
  switch (operator) {
    case "+":
      return make(a + b);
    case "-":
      return make(a - b);
    case "*":
      return make(a * b);
    case "/":
      return b === 0 ? unknownPlain("this divides by zero", range) : float(a / b);
    case "//":
      return b === 0 ? unknownPlain("this divides by zero", range) : make(floorQuotient(a, b));
    case "%":
      return b === 0 ? unknownPlain("this divides by zero", range) : make(pythonModulo(a, b));
    case "**":
      return power(a, b, isFloat, range);
    case "<<":
    case ">>":
    case "&":
    case "|":
    case "^":
      return isFloat
        ? unknownPlain(`NormLens does not follow ${operator} on floats`, range)
        : bitOperation(operator, a, b, range);
    case "@":
      return unknown("numbers have no matrix product", range);
  }
}

function power(a: number, b: number, isFloat: boolean, range: SourceRange): Value {
  if (a === 0 && b < 0) return unknownPlain("this divides by zero", range);
  if (a < 0 && !Number.isInteger(b)) return unknownPlain("NormLens does not follow complex numbers", range);
  return isFloat || b < 0 ? float(a ** b) : checkedInt(a ** b, range);
}

function bitOperation(operator: "<<" | ">>" | "&" | "|" | "^", a: number, b: number, range: SourceRange): Value {
  if ((operator === "<<" || operator === ">>") && (b < 0 || b > 64))
    return unknownPlain("NormLens does not follow a shift by this amount", range);
  const left = BigInt(a);
  const right = BigInt(b);
  const results = {
    "<<": () => left << right,
    ">>": () => left >> right,
    "&": () => left & right,
    "|": () => left | right,
    "^": () => left ^ right,
  };
  return checkedInt(Number(results[operator]()), range);
}

function sequenceOperation(operator: BinaryOperator, left: Value, right: Value, range: SourceRange): Value {
  if (operator === "+") {
    if (left.kind === "string" && right.kind === "string") return joinedText(left.value, right.value, range);
    if (lengthOf(left) + lengthOf(right) > MAX_ELEMENTS) return unknown("the list is too long to follow", range);
    if (left.kind === "tuple" && right.kind === "tuple") return tuple([...left.elements, ...right.elements]);
    if (left.kind === "list" && right.kind === "list") {
      return left.taint ?? right.taint ?? list([...left.elements, ...right.elements]);
    }
  }
  if (operator === "/" && (left.kind === "path" || right.kind === "path")) {
    const parts = [pathText(left), pathText(right)];
    if (!parts.includes(null)) return pathValue(joinPaths(parts as string[]));
  }
  if (operator === "*") {
    if (left.kind === "int" || left.kind === "bool") return repeat(right, Number(left.value), range);
    if (right.kind === "int" || right.kind === "bool") return repeat(left, Number(right.value), range);
  }
  return unknown(`NormLens does not follow ${describeKind(left)} ${operator} ${describeKind(right)}`, range);
}

function joinedText(left: string, right: string, range: SourceRange): Value {
  return left.length + right.length > MAX_ELEMENTS
    ? unknownPlain("the string is too long to follow", range)
    : string(left + right);
}

function lengthOf(value: Value): number {
  return value.kind === "list" || value.kind === "tuple" ? value.elements.length : 0;
}

function repeat(value: Value, times: number, range: SourceRange): Value {
  const count = Math.max(0, times);
  if (value.kind === "string") {
    return value.value.length * count > MAX_ELEMENTS
      ? unknownPlain("the string is too long to follow", range)
      : string(value.value.repeat(count));
  }
  if (value.kind !== "list" && value.kind !== "tuple") return unknown(`${describeKind(value)} * number`, range);
  if (value.kind === "list" && value.taint !== null) return value.taint;
  if (value.elements.length * count > MAX_ELEMENTS) return unknown("the list is too long to follow", range);
  const elements = Array.from({ length: count }, () => value.elements).flat();
  return value.kind === "list" ? list(elements) : tuple(elements);
}

export function compareOperation(operator: CompareOperator, left: Value, right: Value, range: SourceRange): Value {
  const open = compareOpen(operator, left, right);
  if (open !== null) return assume(bool(open));
  return assumedLike(comparison(operator, settled(left), settled(right), range), left, right);
}

function comparison(operator: CompareOperator, left: Value, right: Value, range: SourceRange): Value {
  switch (operator) {
    case "is":
    case "is not":
      return identity(left, right, operator === "is");
    case "==":
    case "!=":
      return equality(left, right, operator === "==", range);
    case "in":
    case "not in":
      return membership(left, right, operator === "in", range);
    case "<":
    case "<=":
    case ">":
    case ">=":
      return ordering(operator, left, right, range);
  }
}

function identity(left: Value, right: Value, positive: boolean): Value {
  if (left.kind === "unknown") return { ...left, isPlain: true };
  if (right.kind === "unknown") return { ...right, isPlain: true };
  const same = left === right || (left.kind === right.kind && dictKey(left) !== null && sameValue(left, right));
  return bool(same === positive);
}

/** A member of an enum of strings or numbers equals its value. */
function plainValue(value: Value): Value {
  return value.kind === "instance" ? (value.attributes.get("\0plain") ?? value) : value;
}

/** Kinds of values whose comparisons are not known. */
const OPEN = new Set<Value["kind"]>(["batchSize", "tensor", "unknown"]);

/** `==` on known values; null when it cannot be decided. */
export function equals(left: Value, right: Value): boolean | null {
  const a = numberOf(left);
  const b = numberOf(right);
  if (a !== null && b !== null) return a === b;
  if (OPEN.has(left.kind) || OPEN.has(right.kind)) return null;
  const [one, other] = [plainValue(left), plainValue(right)];
  if (one !== left || other !== right) return equals(one, other);
  if ((left.kind === "tuple" || left.kind === "list") && left.kind === right.kind) return sequencesEqual(left, right);
  if (left.kind === "set" && right.kind === "set") return setsEqual(left, right);
  if (left.kind === "dict" && right.kind === "dict") return left === right ? true : null;
  if (left.kind === "instance" || right.kind === "instance") return instancesEqual(left, right);
  if (left === right) return true;
  return dictKey(left) !== null && dictKey(left) === dictKey(right) && left.kind === right.kind;
}

function sequencesEqual(
  left: { readonly elements: readonly Value[] },
  right: { readonly elements: readonly Value[] },
): boolean | null {
  if ("taint" in left && left.taint !== null) return null;
  if ("taint" in right && right.taint !== null) return null;
  if (left.elements.length !== right.elements.length) return false;
  const results = left.elements.map((element, index) => equals(element, right.elements[index] ?? element));
  if (results.includes(false)) return false;
  return results.includes(null) ? null : true;
}

function setsEqual(left: SetValue, right: SetValue): boolean | null {
  if (left.taint !== null || right.taint !== null) return null;
  if (left.elements.length !== right.elements.length) return false;
  const found = left.elements.map((element) => right.elements.map((other) => equals(element, other)));
  if (found.every((results) => results.includes(true))) return true;
  return found.some((results) => results.includes(null)) ? null : false;
}

function instancesEqual(left: Value, right: Value): boolean | null {
  const definesEquality = [left, right].some(
    (value) =>
      value.kind === "instance" &&
      value.cls.kind === "class" &&
      value.cls.mro.some((cls) => cls.kind === "class" && cls.namespace.has("__eq__")),
  );
  return definesEquality ? null : left === right;
}

function equality(left: Value, right: Value, positive: boolean, range: SourceRange): Value {
  if (left.kind === "unknown") return { ...left, isPlain: true };
  if (right.kind === "unknown") return { ...right, isPlain: true };
  const result = equals(left, right);
  return result === null ? unknownPlain("this comparison depends on unknown values", range) : bool(result === positive);
}

function membership(left: Value, right: Value, positive: boolean, range: SourceRange): Value {
  if (left.kind === "unknown") return { ...left, isPlain: true };
  if (right.kind === "unknown") return { ...right, isPlain: true };
  if (right.kind === "string" && left.kind === "string") return bool(right.value.includes(left.value) === positive);
  const candidates = membersOf(right);
  if (candidates === null)
    return unknownPlain(`NormLens does not follow a membership test in ${kindWithArticle(right)}`, range);
  let isOpen = false;
  for (const candidate of candidates) {
    const isSame =
      left.kind === "string" && candidate.kind === "string" ? left.value === candidate.value : equals(left, candidate);
    if (isSame === true) return bool(positive);
    isOpen ||= isSame === null;
  }
  return isOpen ? unknownPlain("this comparison depends on unknown values", range) : bool(!positive);
}

/** So many elements are compared in the time of a step. */
const COMPARED_IN_A_STEP = 16;

/** Steps of a comparison beyond its first: large tables are searched element by element. */
export function comparisonSteps(operator: CompareOperator, left: Value, right: Value): number {
  if (operator === "is" || operator === "is not") return 0;
  const compared = left.kind === "set" && right.kind === "set" ? sizeOf(left) * sizeOf(right) : sizeOf(right);
  return Math.floor(compared / COMPARED_IN_A_STEP);
}

function sizeOf(value: Value): number {
  if (value.kind === "list" || value.kind === "tuple" || value.kind === "set") return value.elements.length;
  return value.kind === "dict" ? value.entries.size : 0;
}

function membersOf(value: Value): readonly Value[] | null {
  if (value.kind === "tuple") return value.elements;
  if ((value.kind === "list" || value.kind === "set") && value.taint === null) return value.elements;
  if (value.kind === "dict" && value.taint === null) return [...value.entries.values()].map((entry) => entry.key);
  const inner = value.kind === "instance" ? (tensorsOf(value) ?? dictOf(value)) : null;
  if (inner !== null) return membersOf(inner);
  if (value.kind === "instance" && value.module?.container === "dict" && value.module.unknowns.length === 0) {
    return [...value.module.children.keys()].map(string);
  }
  return null;
}

function ordering(operator: "<" | "<=" | ">" | ">=", left: Value, right: Value, range: SourceRange): Value {
  if (left.kind === "unknown") return { ...left, isPlain: true };
  if (right.kind === "unknown") return { ...right, isPlain: true };
  const a = numberOf(left) ?? (left.kind === "string" && right.kind === "string" ? left.value : null);
  const b = numberOf(right) ?? (left.kind === "string" && right.kind === "string" ? right.value : null);
  if (a === null || b === null)
    return unknownPlain(`NormLens does not follow ${describeKind(left)} ${operator} ${describeKind(right)}`, range);
  const results = { "<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b };
  return bool(results[operator]);
}

export function unaryOperation(operator: "-" | "+" | "~", given: Value, range: SourceRange): Value {
  const operand = settled(given);
  if (operand.kind === "unknown") return operand;
  const value = numberOf(operand);
  if (value === null) return unknown(`NormLens does not follow ${operator} on ${kindWithArticle(operand)}`, range);
  if (operator === "~")
    return operand.kind === "float"
      ? unknownPlain("NormLens does not follow ~ on a float", range)
      : checkedInt(-value - 1, range);
  const result = operator === "-" ? -value : value;
  return assumedLike(operand.kind === "float" ? float(result) : checkedInt(result + 0, range), operand);
}
