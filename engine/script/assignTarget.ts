/** Assignments to names, attributes and elements. */
import { numbered } from "./containers";
import type { Expression } from "../python/expressions";
import { named } from "./followCall";
import { subscript, elementsIn, child } from "./followExpression";
import type { Tracing } from "./tracing";
import { setGradOfPart } from "./partMethods";
import { transfer } from "./weights";
import { setGrad } from "./modes";
import { NO_ARGS, optionsOf, unionOf, type TracedScope, type Site, type TracedValue } from "./tracedValues";
import { splitOf } from "./words";

export function assignTo(tracing: Tracing, target: Expression, value: TracedValue, scope: TracedScope): void {
  switch (target.kind) {
    case "name":
      tracing.store.set(scopeOf(target.name, scope).vars, target.name, called(tracing, value, target.name));
      return;
    case "sequence":
      unpack(tracing, target.elements, value, scope);
      return;
    case "starred":
      assignTo(tracing, target.value, tracing.fresh([], [value]), scope);
      return;
    case "attribute":
      for (const object of optionsOf(tracing.evaluate(target.object, scope)))
        setAttribute(tracing, object, target.name, value, { file: scope.file, from: target.from, to: target.to });
      return;
    case "subscript": {
      const object = tracing.evaluate(target.object, scope);
      const index = tracing.evaluate(target.index, scope);
      if (object.kind === "part")
        transfer(
          tracing,
          object,
          { ...NO_ARGS, positional: [value] },
          { file: scope.file, from: target.from, to: target.to },
        );
      if (object.kind === "object")
        tracing.store.set(
          object.fields,
          index.kind === "constant" ? String(index.value) : `?${target.from}`,
          called(tracing, value, index.kind === "constant" ? String(index.value) : ""),
        );
      return;
    }
    default:
  }
}

function scopeOf(name: string, scope: TracedScope): TracedScope {
  if (!scope.outer.has(name)) return scope;
  for (let outer = scope.parent; outer !== null; outer = outer.parent)
    if (outer.vars.has(name) || outer.parent === null) return outer;
  return scope;
}

/** A value remembers what it was called; a tensor is a value, so a name that says what data it is makes another one. */
function called(tracing: Tracing, value: TracedValue, name: string): TracedValue {
  named(value, name);
  if (value.kind === "tensor" && value.origins.length === 0 && splitOf([name]) !== null)
    return { ...tracing.tensor([value], [name]), joined: value.joined };
  return value;
}

function setAttribute(tracing: Tracing, object: TracedValue, name: string, value: TracedValue, site: Site): void {
  if (object.kind === "part") {
    if (name === "requires_grad" && object.isNorm === null) setGradOfPart(tracing, object, value, site);
    else if (name === "data") transfer(tracing, object, { ...NO_ARGS, positional: [value] }, site);
    else if (/^running_(mean|var)$/.test(name))
      transfer(tracing, { ...object, what: "buffers" }, { ...NO_ARGS, positional: [value] }, site);
    return;
  }
  if (object.kind === "object") {
    if (name === "requires_grad" && object.isModule) {
      if (value.kind === "constant") setGrad(tracing, object, value.value === true, site, true);
      return;
    }
    tracing.store.set(object.fields, name, called(tracing, value, name));
  } else if (object.kind === "unknown") {
    // What it was before stays possible where only one way sets it.
    child(tracing, object, name, [name]);
    tracing.store.set(object.children, name, value);
  }
}

function unpack(tracing: Tracing, targets: readonly Expression[], value: TracedValue, scope: TracedScope): void {
  const lists = optionsOf(value)
    .filter((option) => option.kind === "object" && (option.type === "tuple" || option.type === "list"))
    .map(elementsIn);
  const [first = []] = lists;
  const areAlike = lists.every(({ length }) => length === first.length);
  const elements = areAlike
    ? first.map((_, index) => unionOf(lists.flatMap((list) => list.slice(index, index + 1))))
    : first;
  const star = targets.findIndex(({ kind }) => kind === "starred");
  if (star >= 0 && elements.length >= targets.length - 1) return unpackStarred(tracing, targets, elements, star, scope);
  targets.forEach((target, index) => {
    const element = elements.length === targets.length ? elements[index] : undefined;
    assignTo(tracing, target, element ?? elementOf(tracing, value, index), scope);
  });
}

/** `first, *rest = values` */
function unpackStarred(
  tracing: Tracing,
  targets: readonly Expression[],
  elements: readonly TracedValue[],
  star: number,
  scope: TracedScope,
): void {
  const after = targets.length - star - 1;
  const rest = numbered(elements.slice(star, elements.length - after));
  targets.forEach((target, index) => {
    if (target.kind !== "starred") {
      const element = elements[index < star ? index : elements.length - (targets.length - index)];
      assignTo(tracing, target, element ?? tracing.fresh(), scope);
      return;
    }
    const site = { file: scope.file, from: target.from, to: target.to };
    assignTo(tracing, target.value, tracing.list("list", rest, site), scope);
  });
}

function elementOf(tracing: Tracing, value: TracedValue, index: number): TracedValue {
  if (value.kind === "tensor") return tracing.tensor([value]);
  if (value.kind === "unknown") return child(tracing, value, `[${index}]`, [`#${index}`]);
  if (value.kind === "part") return value;
  return subscript(tracing, value, { kind: "constant", value: index });
}
