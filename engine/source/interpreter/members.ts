import { classesAfter } from "../../python/classOrder";
import { isDictPath } from "./dictObject";
import type { Machine } from "./machine";
import { builtinMethod } from "./methods/builtinMethod";
import { dict } from "./newValues";
import type { ClassValue, Value } from "./values";

/**
 * Looks a name up in classes in their resolution order and binds it to `self` (an instance, or a class for class
 * methods); null when no class has it, the unknown when a class that is not read might.
 */
export function memberOf(machine: Machine, mro: readonly Value[], self: Value, name: string): Value | null {
  for (const entry of mro) {
    if (entry.kind === "unknown") return entry;
    if (entry.kind === "class") {
      const value = entry.namespace.get(name);
      if (value !== undefined) return bindMember(machine, value, self);
    }
    if (entry.kind === "library") {
      const inherited = libraryMember(machine, entry.path, self, name);
      if (inherited !== null) return inherited;
    }
  }
  return null;
}

function libraryMember(machine: Machine, path: string, self: Value, name: string): Value | null {
  const isModule = machine.library.moduleClass(path) !== null;
  const isFunction = machine.library.function(`${path}.${name}`) !== null;
  const ofDict = isDictPath(path) && builtinMethod(dict(), name) !== null;
  const has =
    name === "__init__" ||
    ofDict ||
    (name === "__setattr__" && path === "builtins.object") ||
    isFunction ||
    (isModule && machine.library.moduleMethod(name, path) !== null);
  return has ? { kind: "method", receiver: self, name, owner: path } : null;
}

function bindMember(machine: Machine, value: Value, self: Value): Value {
  if (value.kind === "partial" && value.isMethod === true && self.kind === "instance")
    return { ...value, positional: [self, ...value.positional] };
  if (value.kind !== "function") return value;
  switch (value.binding) {
    case "static":
      return value;
    case "class":
      return { kind: "boundMethod", self: self.kind === "instance" ? self.cls : self, function: value };
    case "instance":
      return self.kind === "instance" ? { kind: "boundMethod", self, function: value } : value;
    case "property":
      return self.kind === "instance"
        ? machine.call(
            { kind: "boundMethod", self, function: value },
            { positional: [], keywords: new Map(), taint: null },
            value.range,
          )
        : value;
  }
}

/** Where `super()` looks: what comes after `owner` in the order of the instance's class. */
export function classesAfterOwner(self: Value, owner: ClassValue): readonly Value[] {
  const cls = self.kind === "instance" ? self.cls : self;
  return cls.kind === "class" ? classesAfter<Value>(cls.mro, owner) : [];
}
