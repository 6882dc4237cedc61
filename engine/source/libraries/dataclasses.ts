/** What dataclasses does with instances and fields. */
import { FIELD, fieldNamesOf, tupleFieldsOf } from "../interpreter/dataclass";
import type { LibraryFunction } from "../interpreter/machine";
import { dict, library, list, string, tuple, unknown } from "../interpreter/newValues";
import type { InstanceValue, Value } from "../interpreter/values";

/** The value of every field by its name; null for what is no data class and no named tuple. */
function fieldsOf(value: Value | undefined): (readonly [string, Value])[] | null {
  const names = value?.kind === "instance" ? (tupleFieldsOf(value.cls) ?? fieldNamesOf(value.cls)) : null;
  if (value?.kind !== "instance" || names === null) return null;
  return names.flatMap((name) => {
    const field = value.attributes.get(name);
    return field === undefined ? [] : [[name, field] as const];
  });
}

const noDataclass = (call: Parameters<LibraryFunction>[0]): Value =>
  call.args.positional[0]?.kind === "unknown"
    ? call.args.positional[0]
    : unknown("NormLens does not follow this use of a dataclass", call.range);

/** `replace(config, width=8)` makes a new one. */
const replace: LibraryFunction = (call) => {
  const { machine, args, range } = call;
  const [object] = args.positional;
  const fields = fieldsOf(object);
  if (object?.kind !== "instance" || fields === null || args.taint !== null) return args.taint ?? noDataclass(call);
  return machine.call(
    object.cls,
    { positional: [], keywords: new Map([...fields, ...args.keywords]), taint: null },
    range,
  );
};

/** Data classes inside lists, tuples and dicts become dicts too. */
function asDict(value: Value): Value {
  const fields = fieldsOf(value);
  if (fields !== null) return dict(fields.map(([name, field]) => [string(name), asDict(field)] as const));
  if (value.kind === "list") return { kind: "list", elements: value.elements.map(asDict), taint: value.taint };
  if (value.kind === "tuple") return tuple(value.elements.map(asDict));
  if (value.kind !== "dict") return value;
  const entries = [...value.entries].map(
    ([key, entry]) => [key, { key: entry.key, value: asDict(entry.value) }] as const,
  );
  return { kind: "dict", entries: new Map(entries), taint: value.taint };
}

const fieldObject = (name: string, range: InstanceValue["range"]): Value => ({
  kind: "instance",
  cls: library(FIELD),
  attributes: new Map([["name", string(name)]]),
  module: null,
  range,
});

export const dataclassFunctions: ReadonlyMap<string, LibraryFunction> = new Map<string, LibraryFunction>([
  ["dataclasses.replace", replace],
  ["copy.replace", replace],
  ["typing.NamedTuple._replace", replace],
  ["typing.NamedTuple._asdict", ({ args }) => asDict(args.positional[0] ?? dict())],
  [
    "dataclasses.asdict",
    (call) =>
      fieldsOf(call.args.positional[0]) === null ? noDataclass(call) : asDict(call.args.positional[0] ?? dict()),
  ],
  [
    "dataclasses.astuple",
    (call) => {
      const fields = fieldsOf(call.args.positional[0]);
      return fields === null ? noDataclass(call) : tuple(fields.map(([, value]) => value));
    },
  ],
  [
    "dataclasses.fields",
    (call) => {
      const [object] = call.args.positional;
      const names = object?.kind === "class" ? fieldNamesOf(object) : fieldsOf(object)?.map(([name]) => name);
      return names == null ? noDataclass(call) : list(names.map((name) => fieldObject(name, call.range)));
    },
  ],
  [
    "dataclasses.field",
    ({ args, range }) => ({
      kind: "instance",
      cls: library(FIELD),
      attributes: new Map(args.keywords),
      module: null,
      range,
    }),
  ],
]);
