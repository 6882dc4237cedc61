import type { SourceRange } from "../../../protocol/modelGraph";
import { isUnknown } from "../aboutValues";
import { bool, none, unknown } from "../newValues";
import { distinctElements, setOf } from "../sets";
import { memberElements } from "../truth";
import { equals } from "../operators";
import type { SetValue, UnknownValue, Value } from "../values";
import type { Method, MethodCall, Methods } from "./methodCall";

/** Whether a value is among others; null when that is not known. */
function has(elements: readonly Value[], wanted: Value): boolean | null {
  const results = elements.map((element) => equals(element, wanted));
  return results.includes(true) ? true : results.includes(null) ? null : false;
}

/** Those elements that are (or are not) among the others. */
function chosen(elements: readonly Value[], others: readonly Value[], wanted: boolean): Value[] | null {
  const results = elements.map((element) => has(others, element));
  return results.includes(null) ? null : elements.filter((_, index) => results[index] === wanted);
}

type Combine = (a: readonly Value[], b: readonly Value[]) => readonly Value[] | null;

const union: Combine = (a, b) => {
  const all = distinctElements([...a, ...b]);
  return "kind" in all ? null : all;
};
const intersection: Combine = (a, b) => chosen(a, b, true);
const difference: Combine = (a, b) => chosen(a, b, false);
const symmetric: Combine = (a, b) => {
  const left = chosen(a, b, false);
  const right = chosen(b, a, false);
  return left === null || right === null ? null : [...left, ...right];
};

/** `a | b` and the like; null for other operators. */
export function setOperator(operator: string, a: SetValue, b: SetValue, range: SourceRange): Value | null {
  const combine = { "|": union, "&": intersection, "-": difference, "^": symmetric }[operator];
  if (combine === undefined) return null;
  return a.taint ?? b.taint ?? made(combine(a.elements, b.elements), range);
}

function made(elements: readonly Value[] | null, range: SourceRange): Value {
  return elements === null ? unknown("the elements of this set are unknown", range) : setOf(elements, range);
}

/** The elements that `combine` makes of the set and of each of the arguments in turn. */
function combined({ receiver, args, range }: MethodCall<SetValue>, combine: Combine): readonly Value[] | UnknownValue {
  let elements: readonly Value[] = receiver.elements;
  const failure = receiver.taint ?? args.taint;
  if (failure !== null) return failure;
  for (const arg of args.positional) {
    const others = memberElements(arg, range);
    if (isUnknown(others)) return others;
    const next = combine(elements, others);
    if (next === null) return unknown("the elements of this set are unknown", range);
    elements = next;
  }
  return elements;
}

const giving =
  (combine: Combine): Method<SetValue> =>
  (call) => {
    const elements = combined(call, combine);
    return isUnknown(elements) ? elements : setOf(elements, call.range);
  };

/** The same, into the set itself. */
const changing =
  (combine: Combine, asElements = false): Method<SetValue> =>
  (call) => {
    const { machine, receiver } = call;
    machine.journal.beforeSet(receiver);
    const positional = asElements ? [{ kind: "tuple", elements: call.args.positional } as const] : call.args.positional;
    const elements = combined({ ...call, args: { ...call.args, positional } }, combine);
    if (isUnknown(elements)) return (receiver.taint ??= elements);
    receiver.elements = [...elements];
    return none;
  };

const comparing =
  (test: (own: readonly Value[], others: readonly Value[]) => Value[] | null): Method<SetValue> =>
  ({ receiver, args, range }) => {
    const others = receiver.taint ?? memberElements(args.positional[0] ?? none, range);
    if (isUnknown(others)) return { ...others, isPlain: true };
    const missing = test(receiver.elements, others);
    return missing === null
      ? { ...unknown("the elements of this set are unknown", range), isPlain: true }
      : bool(missing.length === 0);
  };

export const setMethods: Methods<SetValue> = {
  add: changing(union, true),
  discard: changing(difference, true),
  remove: changing(difference, true),
  update: changing(union),
  difference_update: changing(difference),
  intersection_update: changing(intersection),
  symmetric_difference_update: changing(symmetric),
  clear: ({ machine, receiver }) => {
    machine.journal.beforeSet(receiver);
    receiver.elements = [];
    receiver.taint = null;
    return none;
  },
  union: giving(union),
  intersection: giving(intersection),
  difference: giving(difference),
  symmetric_difference: giving(symmetric),
  copy: ({ receiver, range }) => receiver.taint ?? setOf(receiver.elements, range),
  issubset: comparing((own, others) => chosen(own, others, false)),
  issuperset: comparing((own, others) => chosen(others, own, false)),
  isdisjoint: comparing((own, others) => chosen(own, others, true)),
  pop: ({ machine, receiver, range }) => {
    const [only, ...others] = receiver.elements;
    machine.journal.beforeSet(receiver);
    if (receiver.taint === null && only !== undefined && others.length === 0) {
      receiver.elements = [];
      return only;
    }
    return (receiver.taint ??= unknown("which element of a set pop() takes is unknown", range));
  },
};
