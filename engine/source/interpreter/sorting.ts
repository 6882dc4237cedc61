/** Python's stable sort, for `sorted` and `list.sort`. */
import type { SourceRange } from "../../protocol/modelGraph";
import { isUnknown } from "./aboutValues";
import type { Machine } from "./machine";
import { none, unknown } from "./newValues";
import { compareOperation } from "./operators";
import { truthOf } from "./truth";
import type { UnknownValue, Value } from "./values";

export function sortedElements(
  machine: Machine,
  elements: readonly Value[],
  keywords: ReadonlyMap<string, Value>,
  range: SourceRange,
): readonly Value[] | UnknownValue {
  const reverse = truthOf(keywords.get("reverse") ?? none, range);
  if (typeof reverse !== "boolean") return reverse;
  if ([...keywords.keys()].some((name) => name !== "key" && name !== "reverse"))
    return unknown("NormLens does not follow this sorting", range);
  const key = keywords.get("key") ?? none;
  const items = elements.map((value) => ({
    value,
    key:
      key.kind === "none" ? value : machine.call(key, { positional: [value], keywords: new Map(), taint: null }, range),
  }));
  return inOrder(items, reverse, range);
}

interface Item {
  readonly key: Value;
  readonly value: Value;
}

/** A merge sort: elements with equal keys keep their order, also in reverse. */
function inOrder(items: readonly Item[], reverse: boolean, range: SourceRange): readonly Value[] | UnknownValue {
  const merged = mergeSort(items, reverse, range);
  return isUnknown(merged) ? merged : merged.map(({ value }) => value);
}

function mergeSort(items: readonly Item[], reverse: boolean, range: SourceRange): readonly Item[] | UnknownValue {
  if (items.length < 2) return items;
  const middle = Math.floor(items.length / 2);
  const left = mergeSort(items.slice(0, middle), reverse, range);
  const right = mergeSort(items.slice(middle), reverse, range);
  if (isUnknown(left)) return left;
  if (isUnknown(right)) return right;
  const result: Item[] = [];
  let [a, b] = [0, 0];
  for (;;) {
    const [first, second] = [left[a], right[b]];
    if (first === undefined || second === undefined) return [...result, ...left.slice(a), ...right.slice(b)];
    const later = isLess(reverse ? first.key : second.key, reverse ? second.key : first.key, range);
    if (typeof later !== "boolean") return later;
    result.push(later ? second : first);
    if (later) b++;
    else a++;
  }
}

/** `a < b` of numbers, strings and tuples of them. */
function isLess(a: Value, b: Value, range: SourceRange): boolean | UnknownValue {
  const isSequence = (value: Value): value is Extract<Value, { kind: "tuple" | "list" }> =>
    value.kind === "tuple" || (value.kind === "list" && value.taint === null);
  if (isSequence(a) && isSequence(b)) {
    for (const [index, element] of a.elements.entries()) {
      const other = b.elements[index];
      if (other === undefined) return false;
      const less = isLess(element, other, range);
      if (less !== false) return less;
      const greater = isLess(other, element, range);
      if (greater !== false) return greater === true ? false : greater;
    }
    return a.elements.length < b.elements.length;
  }
  const result = compareOperation("<", a, b, range);
  if (result.kind === "bool") return result.value;
  return result.kind === "unknown" ? result : unknown("NormLens does not follow this comparison", range);
}
