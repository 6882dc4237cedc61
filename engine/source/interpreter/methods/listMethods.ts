import type { SourceRange } from "../../../protocol/modelGraph";
import { isUnknown } from "../aboutValues";
import { int, list, none, unknown } from "../newValues";
import { equals } from "../operators";
import { MAX_ELEMENTS, elementsOf } from "../truth";
import { sortedElements } from "../sorting";
import type { ListValue, UnknownValue, Value } from "../values";
import { countOf, positionOf, type Method, type MethodCall, type Methods } from "./methodCall";

/** A method that changes a list; one that is already uncertain stays as it is. */
function changing(change: (list: ListValue, call: MethodCall<ListValue>) => Value | null): Method<ListValue> {
  return (call) => {
    const { machine, receiver, args } = call;
    if (receiver.taint !== null) return receiver.taint;
    machine.journal.beforeList(receiver);
    if (args.taint !== null) return (receiver.taint = args.taint);
    const failure = change(receiver, call);
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
    return (receiver.taint = index.kind === "unknown" ? index : unknown("the index of this pop() is unknown", range));
  const position = index.value < 0 ? index.value + receiver.elements.length : index.value;
  const [item] = position < 0 ? [] : receiver.elements.splice(position, 1);
  return item ?? unknown("the list has no element to pop here (Python raises an IndexError)", range);
}

/** Removes the first element that equals the value. */
function remove(receiver: ListValue, { args, range }: MethodCall<ListValue>): UnknownValue | null {
  const [wanted] = args.positional;
  for (const [index, element] of receiver.elements.entries()) {
    const same = wanted === undefined ? null : equals(element, wanted);
    if (same === null) return unknown("it is unknown which element this removes", range);
    if (!same) continue;
    receiver.elements.splice(index, 1);
    return null;
  }
  return unknown("the value is not in the list (Python raises a ValueError)", range);
}

function sort(receiver: ListValue, { machine, args, range }: MethodCall<ListValue>): UnknownValue | null {
  const sorted = sortedElements(machine, receiver.elements, args.keywords, range);
  if (isUnknown(sorted)) return sorted;
  receiver.elements = [...sorted];
  return null;
}

export const listMethods: Methods<ListValue> = {
  append: changing((receiver, { args, range }) => {
    const [value] = args.positional;
    if (value === undefined) return unknown("this append() has no value", range);
    receiver.elements.push(value);
    return null;
  }),
  extend: changing((receiver, { args, range }) => {
    const elements = elementsOf(args.positional[0] ?? none, range);
    return isUnknown(elements) ? elements : extendList(receiver, elements, range);
  }),
  insert: changing((receiver, { args, range }) => {
    const [index, value] = args.positional;
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
  remove: changing(remove),
  sort: changing(sort),
  reverse: changing((receiver) => {
    receiver.elements.reverse();
    return null;
  }),
  clear: changing((receiver) => {
    receiver.elements = [];
    return null;
  }),
  copy: ({ receiver }) => receiver.taint ?? list([...receiver.elements]),
  index: ({ receiver, args, range }) => positionOf(receiver.taint ?? receiver.elements, args, range),
  count: ({ receiver, args, range }) => countOf(receiver.taint ?? receiver.elements, args, range),
};
