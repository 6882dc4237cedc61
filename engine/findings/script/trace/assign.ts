/** Assignments to names, attributes and elements. */
import type { Expression } from "../../../source/python/expressions";
import { named } from "./calls";
import { subscript, elementsIn, child } from "./evaluate";
import type { Machine } from "./machine";
import { setGradOfPart, transfer } from "./partMethods";
import { setGrad } from "./modes";
import { NO_ARGS, optionsOf, type Scope, type Site, type Value } from "./values";
import { splitOf } from "./words";

export function assignTo(machine: Machine, target: Expression, value: Value, scope: Scope): void {
  switch (target.kind) {
    case "name":
      machine.store.set(scopeOf(target.name, scope).vars, target.name, called(machine, value, target.name));
      return;
    case "sequence":
      unpack(machine, target.elements, value, scope);
      return;
    case "starred":
      assignTo(machine, target.value, machine.fresh([], [value]), scope);
      return;
    case "attribute":
      for (const object of optionsOf(machine.evaluate(target.object, scope)))
        setAttribute(machine, object, target.name, value, { file: scope.file, from: target.from, to: target.to });
      return;
    case "subscript": {
      const object = machine.evaluate(target.object, scope);
      const index = machine.evaluate(target.index, scope);
      if (object.kind === "part")
        transfer(
          machine,
          object,
          { ...NO_ARGS, positional: [value] },
          { file: scope.file, from: target.from, to: target.to },
        );
      if (object.kind === "object")
        machine.store.set(
          object.fields,
          index.kind === "constant" ? String(index.value) : `?${target.from}`,
          called(machine, value, index.kind === "constant" ? String(index.value) : ""),
        );
      return;
    }
    default:
  }
}

function scopeOf(name: string, scope: Scope): Scope {
  if (!scope.outer.has(name)) return scope;
  for (let outer = scope.parent; outer !== null; outer = outer.parent)
    if (outer.vars.has(name) || outer.parent === null) return outer;
  return scope;
}

/** A value remembers what it was called; a tensor is a value, so a name that says what data it is makes another one. */
function called(machine: Machine, value: Value, name: string): Value {
  named(value, name);
  if (value.kind === "tensor" && value.origins.length === 0 && splitOf([name]) !== null)
    return { ...machine.tensor([value], [name]), joined: value.joined };
  return value;
}

function setAttribute(machine: Machine, object: Value, name: string, value: Value, site: Site): void {
  if (object.kind === "part") {
    if (name === "requires_grad" && object.isNorm === null) setGradOfPart(machine, object, value, site);
    else if (name === "data") transfer(machine, object, { ...NO_ARGS, positional: [value] }, site);
    else if (/^running_(mean|var)$/.test(name))
      transfer(machine, { ...object, what: "buffers" }, { ...NO_ARGS, positional: [value] }, site);
    return;
  }
  if (object.kind === "object") {
    if (name === "requires_grad" && object.isModule) {
      if (value.kind === "constant") setGrad(machine, object, value.value === true, site, true);
      return;
    }
    machine.store.set(object.fields, name, called(machine, value, name));
  } else if (object.kind === "unknown") {
    // What it was before stays possible where only one way sets it.
    child(machine, object, name, [name]);
    machine.store.set(object.children, name, value);
  }
}

function unpack(machine: Machine, targets: readonly Expression[], value: Value, scope: Scope): void {
  const [list] = optionsOf(value).filter(
    (option) => option.kind === "object" && (option.type === "tuple" || option.type === "list"),
  );
  const elements = list === undefined ? [] : elementsIn(list);
  targets.forEach((target, index) => {
    const element = elements.length === targets.length ? elements[index] : undefined;
    assignTo(machine, target, element ?? elementOf(machine, value, index), scope);
  });
}

function elementOf(machine: Machine, value: Value, index: number): Value {
  if (value.kind === "tensor") return machine.tensor([value]);
  if (value.kind === "unknown") return child(machine, value, `[${index}]`, [`#${index}`]);
  if (value.kind === "part") return value;
  return subscript(machine, value, { kind: "constant", value: index });
}
