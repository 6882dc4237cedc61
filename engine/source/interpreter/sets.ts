/** Sets: each element once, in an order that Python does not promise. */
import type { SourceRange } from "../../protocol/modelGraph";
import { dictKey } from "./aboutValues";
import { unknown } from "./newValues";
import type { SetValue, UnknownValue, Value } from "./values";

/** Values that are equal only to themselves. */
const BY_IDENTITY = new Set<Value["kind"]>(["class", "function"]);

/** Each element once; an unknown when it can't be told which are the same. */
export function distinctElements(elements: readonly Value[]): Value[] | UnknownValue {
  const found = new Map<unknown, Value>();
  for (const element of elements) {
    const key = dictKey(element) ?? (BY_IDENTITY.has(element.kind) ? element : null);
    if (key === null)
      return element.kind === "unknown"
        ? element
        : unknown("NormLens does not follow a set with an element of this kind", NOWHERE);
    if (!found.has(key)) found.set(key, element);
  }
  return [...found.values()];
}

const NOWHERE: SourceRange = { path: "", startLine: 1, startColumn: 0, endLine: 1, endColumn: 0 };

export function setOf(elements: readonly Value[], range: SourceRange): SetValue | UnknownValue {
  const distinct = distinctElements(elements);
  if (!("kind" in distinct)) return { kind: "set", elements: distinct, taint: null };
  return distinct.range === NOWHERE ? { ...distinct, range } : distinct;
}

/**
 * The elements in the order of a loop. CPython's table has at least eight places, so whole numbers below eight come in
 * ascending order; any other order is not known.
 */
export function orderedElements({ elements, taint }: SetValue, range: SourceRange): readonly Value[] | UnknownValue {
  if (taint !== null) return taint;
  if (elements.length < 2) return elements;
  const numbers = elements.map((element) => (element.kind === "int" ? element.value : NaN));
  return numbers.every((number) => number >= 0 && number < 8)
    ? [...elements].sort((a, b) => (a.kind === "int" && b.kind === "int" ? a.value - b.value : 0))
    : unknown("the order of the elements of a set is unknown", range);
}
