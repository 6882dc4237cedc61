/** What can be asked of the values of values.ts: keys, numbers, sameness, certainty. */
import { numberOfOpen } from "./openNumbers";
import type { InstanceValue, ModuleState, TensorValue, UnknownValue, Value } from "./values";

/** A string that is equal for equal keys, as Python's hash and == are; null for what cannot be a key here. */
export function dictKey(key: Value): string | null {
  switch (key.kind) {
    case "string":
      return `s:${key.value}`;
    case "int":
    case "float":
      return `n:${key.value}`;
    case "bool":
      return `n:${key.value ? 1 : 0}`;
    case "none":
      return "none";
    case "library":
      return `l:${key.path}`;
    case "tuple": {
      const parts = key.elements.map(dictKey);
      return parts.includes(null) ? null : `t:(${parts.map((part) => `${part?.length ?? 0}:${part ?? ""}`).join(",")})`;
    }
    case "instance":
      return memberKey(key);
    default:
      return null;
  }
}

/** Members of enums: those of strings and numbers are the same keys as their values. */
function memberKey({ cls, attributes }: InstanceValue): string | null {
  const plain = attributes.get("\0plain");
  if (plain !== undefined) return dictKey(plain);
  const name = attributes.get("name");
  const isMember = cls.kind === "class" && cls.namespace.has("\0members");
  if (!isMember || name?.kind !== "string") return null;
  return `e:${cls.range.path}:${cls.range.startLine}:${cls.name}.${name.value}`;
}

/** The number a value counts as in arithmetic (`True` is 1), or null. */
export function numberOf(value: Value): number | null {
  if (value.kind === "int" || value.kind === "float") return value.value;
  if (value.kind === "open") return numberOfOpen(value);
  return value.kind === "bool" ? Number(value.value) : null;
}

export function isModule(value: Value): value is InstanceValue & { readonly module: ModuleState } {
  return value.kind === "instance" && value.module !== null;
}

/** Tells the unknown from the elements or arguments that were looked for. */
export function isUnknown(result: readonly unknown[] | UnknownValue): result is UnknownValue {
  return "kind" in result;
}

/** The first unknown among values, looked for inside tuples and lists too. */
export function firstUnknown(values: Iterable<Value>): UnknownValue | null {
  for (const value of values) {
    if (value.kind === "unknown") return value;
    if (value.kind === "list" && value.taint !== null) return value.taint;
    if (value.kind === "tuple" || value.kind === "list") {
      const inner = firstUnknown(value.elements);
      if (inner !== null) return inner;
    }
  }
  return null;
}

/** Whether a value certainly contains no layer and no parameter, and nothing that could make one. */
export function isPlainValue(value: Value): boolean {
  if (value.kind === "unknown") return value.isPlain;
  if (value.kind === "tuple") return value.elements.every(isPlainValue);
  return value.kind !== "library" && dictKey(value) !== null;
}

/**
 * Tensors that do not come from the input are equal in everything that is known about them, except that parameters
 * differ from others.
 */
function sameTensor(a: TensorValue, b: TensorValue): boolean {
  // Keras's come from a call, which says what they are.
  if (a.keras !== undefined || b.keras !== undefined)
    return a.keras?.call === b.keras?.call && a.keras?.index === b.keras?.index;
  if (a.node !== b.node || a.storage !== b.storage || a.numbers !== b.numbers) return false;
  return a.node !== null || (!a.isParameter && !b.isParameter && a.shape?.join() === b.shape?.join());
}

/** Whether two values are certainly the same after two branches; mutable things are compared by identity. */
export function sameValue(a: Value, b: Value): boolean {
  if (a === b) return true;
  if (a.kind === "tuple" && b.kind === "tuple") {
    return (
      a.elements.length === b.elements.length &&
      a.elements.every((element, index) => sameElement(element, b.elements[index]))
    );
  }
  if (a.kind === "unknown" && b.kind === "unknown") return a.isPlain === b.isPlain;
  if (a.kind === "deferred" && b.kind === "deferred") return sameValue(a.load(), b.load());
  if (a.kind === "tensor" && b.kind === "tensor") return sameTensor(a, b);
  if (a.kind === "float" && b.kind === "float") return Object.is(a.value, b.value);
  return a.kind === b.kind && dictKey(a) !== null && dictKey(a) === dictKey(b);
}

function sameElement(a: Value, b: Value | undefined): boolean {
  return b !== undefined && sameValue(a, b);
}
