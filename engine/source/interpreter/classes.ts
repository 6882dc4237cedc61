import type { SourceRange } from "../../protocol/modelGraph";
import { classOrder } from "../../python/classOrder";
import type { ClassStatement } from "../../python/statements";
import { NAMED_TUPLE, namedTupleOf } from "./dataclass";
import { becomeDict, isDictPath } from "./dictObject";
import { isEnum, makeMembers, memberByValue, membersOfEnum } from "./enums";
import type { CallArguments, Machine } from "./machine";
import { memberOf } from "./members";
import { createScope, rangeIn } from "./scope";
import { evaluateArguments } from "./spread";
import { isUnknown } from "./aboutValues";
import { library, unknown } from "./newValues";
import type { Scope, ClassValue, InstanceValue, LibraryValue, ModuleState, UnknownValue, Value } from "./values";

const OBJECT = library("builtins.object");

/**
 * Runs a class statement; null bases or decorators that the reader cannot follow give an unknown instead of a class.
 */
export function defineClass(machine: Machine, statement: ClassStatement, scope: Scope): Value {
  const range = rangeIn(scope, statement);
  const args = evaluateArguments(machine, statement.arguments, scope);
  const cls: ClassValue = { kind: "class", name: statement.name, namespace: new Map(), mro: [], range };
  const mro = methodResolutionOrder(cls, args.positional, range);
  if (isUnknown(mro)) return mro;
  cls.mro = mro;
  // The body's names are the class's attributes.
  const body: Scope = {
    ...createScope("class", scope, scope.file, { owner: cls, self: null }),
    variables: cls.namespace,
  };
  const completion = machine.execute(statement.body, body);
  if (completion.kind === "raise") return completion.reason;
  if (args.taint !== null) return args.taint;
  if (args.positional.some((base) => base.kind === "library" && base.path === NAMED_TUPLE.path)) {
    cls.mro = [...mro.filter((base) => base.kind === "class"), NAMED_TUPLE];
    return namedTupleOf(cls, scope, range);
  }
  if (isEnum(cls)) makeMembers(cls, range);
  const metaclass = args.keywords.get("metaclass");
  const isPlainMetaclass =
    metaclass === undefined || (metaclass.kind === "library" && HARMLESS_METACLASSES.has(metaclass.path));
  return isPlainMetaclass ? cls : unknown(`NormLens does not follow the metaclass of ${cls.name}`, range);
}

const HARMLESS_METACLASSES = new Set(["abc.ABCMeta", "enum.EnumMeta", "enum.EnumType", "builtins.type"]);

function methodResolutionOrder(cls: ClassValue, bases: readonly Value[], range: SourceRange): Value[] | UnknownValue {
  const order = classOrder<Value>(cls, bases, {
    orderOf: (base) => (base.kind === "class" ? base.mro : [base]),
    isSame: sameClass,
  });
  if (order === null)
    return unknown(`the bases of ${cls.name} have no consistent order (Python raises a TypeError)`, range);
  return order.some((entry) => sameClass(entry, OBJECT)) ? order : [...order, OBJECT];
}

function sameClass(a: Value, b: Value): boolean {
  return a === b || (a.kind === "library" && b.kind === "library" && a.path === b.path);
}

/** The bases that are not classes of this file or known ones; what they do is not known. */
export function unknownBase(machine: Machine, cls: ClassValue): UnknownValue | null {
  for (const entry of cls.mro) {
    if (entry.kind === "unknown") return entry;
    if (entry.kind === "library" && !isKnownBase(machine, entry) && !isPartOfEnum(cls, entry)) {
      return unknown(`${cls.name} derives from ${entry.path}, which NormLens does not read`, cls.range);
    }
  }
  return null;
}

function isKnownBase(machine: Machine, base: LibraryValue): boolean {
  return (
    isDictPath(base.path) ||
    machine.library.plainClass(base.path) ||
    HARMLESS_BASES.has(base.path) ||
    machine.library.moduleClass(base.path) !== null
  );
}

/** `class Norm(str, Enum)`: what its members are is known. */
const isPartOfEnum = (cls: ClassValue, base: LibraryValue): boolean =>
  isEnum(cls) && /^(enum\.|builtins\.(str|int|float)$)/.test(base.path);

/** Bases that add nothing a model file could see. */
const HARMLESS_BASES = new Set([
  NAMED_TUPLE.path,
  "builtins.object",
  "abc.ABC",
  "typing.Generic",
  "builtins.Exception",
  "builtins.ValueError",
  "typing.Protocol",
]);

export function isModuleClass(machine: Machine, cls: Value): boolean {
  if (cls.kind === "library") return machine.library.moduleClass(cls.path) !== null;
  if (cls.kind !== "class") return false;
  return (
    cls.mro.some((entry) => entry.kind === "library" && machine.library.moduleClass(entry.path) !== null) ||
    (machine.choices !== null && isLikelyModule(machine, cls))
  );
}

/** A class with a forward pass whose base is in code that is not read: all that is known of it is what it adds. */
function isLikelyModule(machine: Machine, cls: ClassValue): boolean {
  return (
    unknownBase(machine, cls) !== null &&
    cls.mro.some((entry) => entry.kind === "class" && entry.namespace.has("forward"))
  );
}

export function newModuleState(): ModuleState {
  return { children: new Map(), parameters: new Map(), layer: null, container: null, unknowns: [] };
}

/** Hooks that would make attributes mean something else than the reader thinks. */
const UNFOLLOWED_METHODS = ["__new__", "__setattr__", "__getattr__", "__getattribute__"];

/** Calls a class: makes an instance and runs its `__init__`. */
export function instantiate(machine: Machine, cls: ClassValue, args: CallArguments, range: SourceRange): Value {
  const members = membersOfEnum(cls);
  if (members !== null) return memberByValue(members, args.positional[0], range);
  const instance: InstanceValue = {
    kind: "instance",
    cls,
    attributes: new Map(),
    module: isModuleClass(machine, cls) ? newModuleState() : null,
    range,
    madeIn: machine.frame,
  };
  machine.journal.createdInstance(instance);
  if (instance.module !== null) machine.made?.push(instance);
  becomeDict(instance);
  const unfollowed = instance.module === null ? ["__new__", "__getattribute__"] : UNFOLLOWED_METHODS;
  const hook = unfollowed.find((name) => cls.mro.some((entry) => entry.kind === "class" && entry.namespace.has(name)));
  const obstacle =
    unknownBase(machine, cls) ??
    (hook === undefined ? null : unknown(`NormLens does not follow ${hook}, which ${cls.name} defines`, cls.range));
  if (instance.module === null) {
    if (obstacle !== null) return obstacle;
    initialize(machine, instance, cls, args, range);
    return instance;
  }
  if (obstacle !== null) instance.module.unknowns.push(obstacle);
  machine.collecting(instance.module.unknowns, () => {
    initialize(machine, instance, cls, args, range);
  });
  return instance;
}

function initialize(
  machine: Machine,
  instance: InstanceValue,
  cls: ClassValue,
  args: CallArguments,
  range: SourceRange,
): void {
  const init = memberOf(machine, cls.mro, instance, "__init__");
  // What a constructor that is not known does to the instance is not known.
  if (init?.kind === "unknown") machine.report(init);
  if (init !== null) machine.call(init, args, range);
}
