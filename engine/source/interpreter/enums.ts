/** Classes that derive from enum.Enum: their names are members, each made once. */
import type { SourceRange } from "../../protocol/modelGraph";
import { int, string, tuple, unknown } from "./newValues";
import { equals } from "./operators";
import type { ClassValue, InstanceValue, Value } from "./values";

const BASES = new Set(["enum.Enum", "enum.IntEnum", "enum.StrEnum", "enum.Flag", "enum.IntFlag"]);

/** Bases whose members equal their values. */
const PLAIN_BASES = new Set(["builtins.str", "builtins.int", "builtins.float", "enum.IntEnum", "enum.StrEnum"]);

const MEMBERS = "\0members";

const hasBase = (cls: ClassValue, bases: ReadonlySet<string>): boolean =>
  cls.mro.some((base) => base.kind === "library" && bases.has(base.path));

export const isEnum = (cls: ClassValue): boolean => hasBase(cls, BASES);

/** Turns the values that a class body has given to names into members; methods stay what they are. */
export function makeMembers(cls: ClassValue, range: SourceRange): void {
  const members: Value[] = [];
  const isPlain = hasBase(cls, PLAIN_BASES);
  for (const [name, given] of [...cls.namespace]) {
    if (name.startsWith("_") || given.kind === "function" || given.kind === "boundMethod") continue;
    const isAuto = given.kind === "library" && given.path === "enum.auto()";
    const text = cls.mro.some((base) => base.kind === "library" && base.path === "enum.StrEnum");
    const value = isAuto ? (text ? string(name.toLowerCase()) : int(members.length + 1)) : given;
    const member: InstanceValue = {
      kind: "instance",
      cls,
      attributes: new Map([["name", string(name)], ["value", value], ...(isPlain ? [[PLAIN, value] as const] : [])]),
      module: null,
      range,
    };
    cls.namespace.set(name, member);
    members.push(member);
  }
  cls.namespace.set(MEMBERS, tuple(members));
}

/** The attribute with the value that a member equals. */
export const PLAIN = "\0plain";

/** The members of an enum in the order of their definition; null for any other class. */
export function membersOfEnum(value: Value): readonly Value[] | null {
  const members = value.kind === "class" ? value.namespace.get(MEMBERS) : undefined;
  return members?.kind === "tuple" ? members.elements : null;
}

const attribute = (member: Value, name: string): Value | undefined =>
  member.kind === "instance" ? member.attributes.get(name) : undefined;

/** `Norm("batch")`. */
export function memberByValue(members: readonly Value[], wanted: Value | undefined, range: SourceRange): Value {
  if (wanted?.kind === "unknown") return { ...wanted, isPlain: false };
  const found = members.find((member) => {
    const value = attribute(member, "value");
    return member === wanted || (value !== undefined && wanted !== undefined && equals(value, wanted) === true);
  });
  return found ?? unknown("the enum has no member of this value (Python raises a ValueError)", range);
}

/** `Norm["batch"]`. */
export function memberByName(members: readonly Value[], wanted: Value, range: SourceRange): Value {
  if (wanted.kind === "unknown") return { ...wanted, isPlain: false };
  const found = members.find((member) => {
    const name = attribute(member, "name");
    return name?.kind === "string" && wanted.kind === "string" && name.value === wanted.value;
  });
  return found ?? unknown("the enum has no member of this name (Python raises a KeyError)", range);
}
