/** The methods of Python's own types, by the kind of value. */
import { int } from "../newValues";
import type { LibraryFunction } from "../machine";
import type { TupleValue, Value } from "../values";
import { dictMethods } from "./dictMethods";
import { listMethods } from "./listMethods";
import { countOf, positionOf, type Methods } from "./methodCall";
import { setMethods } from "./setMethods";
import { stringMethods } from "./stringMethods";

const tupleMethods: Methods<TupleValue> = {
  index: ({ receiver, args, range }) => positionOf(receiver.elements, args, range),
  count: ({ receiver, args, range }) => countOf(receiver.elements, args, range),
  // `x.shape.numel()`.
  numel: ({ receiver }) => product(receiver.elements),
};

const methods = {
  string: stringMethods,
  list: listMethods,
  dict: dictMethods,
  set: setMethods,
  tuple: tupleMethods,
} as const;

/** A method of a string, list, dict, set or tuple; null for other receivers and names. */
export function builtinMethod(receiver: Value, name: string): LibraryFunction | null {
  const own = (methods as Partial<Record<Value["kind"], Methods<never>>>)[receiver.kind];
  const apply = own !== undefined && Object.hasOwn(own, name) ? own[name] : undefined;
  return apply === undefined
    ? null
    : ({ machine, args, range }) => apply({ machine, receiver: receiver as never, args, range });
}

function product(elements: readonly Value[]): Value {
  let total = 1;
  for (const element of elements) {
    if (element.kind !== "int") return element.kind === "unknown" ? element : { kind: "batchSize" };
    total *= element.value;
  }
  return int(total);
}
