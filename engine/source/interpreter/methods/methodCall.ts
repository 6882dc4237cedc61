/** What the methods of strings, lists, dicts and sets have in common. */
import type { SourceRange } from "../../../protocol/modelGraph";
import { equals } from "../operators";
import { int, unknownPlain } from "../newValues";
import type { CallArguments, Machine } from "../machine";
import type { UnknownValue, Value } from "../values";

export interface MethodCall<T> {
  readonly machine: Machine;
  readonly receiver: T;
  readonly args: CallArguments;
  readonly range: SourceRange;
}

export type Method<T> = (call: MethodCall<T>) => Value;
export type Methods<T> = Readonly<Record<string, Method<T>>>;

/** `sequence.index(value, start, stop)`. */
export function positionOf(elements: readonly Value[] | UnknownValue, args: CallArguments, range: SourceRange): Value {
  if ("kind" in elements) return elements;
  const [wanted, ...bounds] = args.positional;
  if (wanted === undefined || bounds.some(({ kind }) => kind !== "int"))
    return unknownPlain("NormLens does not follow an index() of this kind", range);
  const [start, stop] = bounds.map((bound) => bounded(bound, elements.length));
  for (const [index, element] of elements.entries()) {
    if (index < (start ?? 0) || index >= (stop ?? elements.length)) continue;
    const same = equals(element, wanted);
    if (same === null) return unknownPlain("this comparison depends on unknown values", range);
    if (same) return int(index);
  }
  return unknownPlain("the value is not in it (Python raises a ValueError)", range);
}

/** A bound of a slice of this length. */
function bounded(bound: Value, length: number): number {
  const value = bound.kind === "int" ? bound.value : 0;
  return value < 0 ? Math.max(0, value + length) : value;
}

export function countOf(elements: readonly Value[] | UnknownValue, args: CallArguments, range: SourceRange): Value {
  if ("kind" in elements) return elements;
  const [wanted] = args.positional;
  const results = elements.map((element) => (wanted === undefined ? null : equals(element, wanted)));
  return results.includes(null)
    ? unknownPlain("this comparison depends on unknown values", range)
    : int(results.filter(Boolean).length);
}
