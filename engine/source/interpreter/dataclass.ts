import type { SourceRange } from "../../protocol/modelGraph";
import type { AttributeExpression, NameExpression, Parameter, Span } from "../../python/expressions";
import type { Statement } from "../../python/statements";
import { noArguments, type CallArguments, type Machine } from "./machine";
import { moduleScope } from "./scope";
import { library, string, unknown } from "./newValues";
import type { ClassValue, DictValue, FunctionValue, InstanceValue, Scope, Value } from "./values";
import { parsePython } from "../../python/parse";

/** Settings of `@dataclass(…)` that do not change its `__init__`. */
const HARMLESS = new Set(["frozen", "eq", "order", "repr", "unsafe_hash", "slots", "kw_only", "match_args"]);

/**
 * What `@dataclass` makes of a class: an `__init__` that takes the annotated names of the class and of the data classes
 * it derives from, with the values they are given as defaults. A class with its own `__init__` keeps it.
 */
export function dataclassOf(value: Value, args: CallArguments, scope: Scope, range: SourceRange): Value {
  const setting = [...args.keywords.keys()].find((name) => !HARMLESS.has(name));
  if (value.kind !== "class" || args.taint !== null)
    return unknown("NormLens does not follow a dataclass of this kind", range);
  if (setting !== undefined) return unknown(`NormLens does not follow the dataclass option ${setting}`, range);
  const fields = fieldsOf(value);
  if (!value.namespace.has("__init__")) value.namespace.set("__init__", initializer(value, fields, scope, range));
  value.namespace.set("__dataclass_fields__", { kind: "tuple", elements: [...fields.keys()].map(string) });
  return value;
}

/** The base of named tuples, which has their methods. */
export const NAMED_TUPLE = library("typing.NamedTuple");

/** What `class Output(NamedTuple)` makes of a class: a tuple whose fields have names. */
export function namedTupleOf(cls: ClassValue, scope: Scope, range: SourceRange): ClassValue {
  cls.namespace.set("__dataclass_fields__", { kind: "tuple", elements: [] });
  return withFields(cls, fieldsOf(cls), scope, range);
}

/** `namedtuple("Output", ["logits", "aux"])`, also with the names in one string; null when they are not known. */
export function namedTuple(name: Value | undefined, fields: Value | undefined, range: SourceRange): ClassValue | null {
  const names = fields === undefined ? null : fieldNames(fields);
  if (name?.kind !== "string" || names === null) return null;
  const cls: ClassValue = { kind: "class", name: name.value, namespace: new Map(), mro: [], range };
  cls.mro = [cls, NAMED_TUPLE];
  return withFields(cls, new Map(names.map((field) => [field, null])), moduleScope(parsePython(range.path, "")), range);
}

function fieldNames(fields: Value): string[] | null {
  if (fields.kind === "string") return fields.value.split(/[\s,]+/).filter((field) => field !== "");
  if (fields.kind !== "tuple" && fields.kind !== "list") return null;
  const names = fields.elements.map((field) =>
    field.kind === "string"
      ? field.value
      : field.kind === "tuple" && field.elements[0]?.kind === "string"
        ? field.elements[0].value
        : null,
  );
  return names.includes(null) || (fields.kind === "list" && fields.taint !== null) ? null : (names as string[]);
}

function withFields(
  cls: ClassValue,
  fields: ReadonlyMap<string, Value | null>,
  scope: Scope,
  range: SourceRange,
): ClassValue {
  cls.namespace.set("__init__", initializer(cls, fields, scope, range));
  cls.namespace.set("_fields", { kind: "tuple", elements: [...fields.keys()].map(string) });
  return cls;
}

/** The names of a named tuple's fields; null for any other class. */
export function tupleFieldsOf(cls: Value): string[] | null {
  const fields = cls.kind === "class" && cls.mro.length > 0 ? cls.namespace.get("_fields") : undefined;
  if (fields?.kind !== "tuple") return null;
  return fields.elements.flatMap((field) => (field.kind === "string" ? [field.value] : []));
}

/** The elements of an instance of a named tuple; null for any other instance. */
export function namedTupleElements({ cls, attributes }: InstanceValue): readonly Value[] | null {
  const elements = tupleFieldsOf(cls)?.map((field) => attributes.get(field));
  return elements === undefined || elements.includes(undefined) ? null : (elements as Value[]);
}

/** What `dataclasses.field(…)` gives. */
export const FIELD = "dataclasses.Field";

const isField = (value: Value | null): value is InstanceValue =>
  value?.kind === "instance" && value.cls.kind === "library" && value.cls.path === FIELD;

/** The default of a field; one that is made anew for each instance stays a description of how. */
function defaultOf(value: Value | null): Value | null {
  if (!isField(value)) return value;
  return value.attributes.get("default") ?? (value.attributes.has("default_factory") ? value : null);
}

/** What a parameter starts with, where its default says how it is made. */
export function startValue(machine: Machine, value: Value, range: SourceRange): Value {
  const factory = isField(value) ? value.attributes.get("default_factory") : undefined;
  return factory === undefined ? value : machine.call(factory, noArguments, range);
}

/** The names of a data class's fields in order; null for any other class. */
export function fieldNamesOf(cls: Value): string[] | null {
  const found = cls.kind === "class" ? cls.namespace.get("__dataclass_fields__") : undefined;
  if (found?.kind !== "tuple") return null;
  return found.elements.flatMap((name) => (name.kind === "string" ? [name.value] : []));
}

/** Names and defaults in the order of their first definition, base classes first. */
function fieldsOf(cls: ClassValue): Map<string, Value | null> {
  const fields = new Map<string, Value | null>();
  for (const entry of [...cls.mro].reverse()) {
    if (entry.kind !== "class" || (entry !== cls && !entry.namespace.has("__dataclass_fields__"))) continue;
    const annotations = entry.namespace.get("__annotations__");
    for (const name of annotations?.kind === "dict" ? namesIn(annotations) : [])
      fields.set(name, entry.namespace.get(name) ?? null);
  }
  return fields;
}

function namesIn({ entries }: DictValue): string[] {
  return [...entries.values()].flatMap(({ key }) => (key.kind === "string" ? [key.value] : []));
}

function initializer(
  cls: ClassValue,
  fields: ReadonlyMap<string, Value | null>,
  scope: Scope,
  range: SourceRange,
): FunctionValue {
  const at: Span = { from: 0, to: 0 };
  const name = (text: string): NameExpression => ({ kind: "name", name: text, ...at });
  const member = (text: string): AttributeExpression => ({
    kind: "attribute",
    object: name("self"),
    name: text,
    ...at,
  });
  const parameter = (text: string): Parameter => ({ kind: "normal", name: text, defaultValue: null, ...at });
  const body: Statement[] = [...fields.keys()].map((field) => ({
    kind: "assign",
    targets: [member(field)],
    value: name(field),
    ...at,
  }));
  const own = (field: string): Value | null => defaultOf(fields.get(field) ?? null);
  const hasHook = cls.mro.some((entry) => entry.kind === "class" && entry.namespace.has("__post_init__"));
  if (hasHook)
    body.push({
      kind: "expression",
      value: { kind: "call", callee: member("__post_init__"), arguments: [], ...at },
      ...at,
    });
  const defaults = new Map(
    [...fields.keys()].flatMap((field) => {
      const value = own(field);
      return value === null ? [] : [[field, value] as const];
    }),
  );
  const parameters = ["self", ...fields.keys()].map(parameter);
  return {
    kind: "function",
    name: "__init__",
    parameters,
    defaults,
    body,
    closure: scope,
    owner: cls,
    binding: "instance",
    isAsync: false,
    range,
  };
}
