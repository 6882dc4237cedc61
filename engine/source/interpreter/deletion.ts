/** `del x`, `del x.name`, `del x[index]`. */
import type { SourceRange } from "../../protocol/modelGraph";
import type { Expression } from "../../python/expressions";
import { dictKey } from "./aboutValues";
import type { Machine } from "./machine";
import { method, none, tuple, unknown } from "./newValues";
import { rangeIn } from "./scope";
import { assignItem } from "./subscript";
import type { InstanceValue, Scope, Value } from "./values";

export function deleteTarget(machine: Machine, target: Expression, scope: Scope): void {
  const range = rangeIn(scope, target);
  if (target.kind === "name") {
    machine.journal.deleteVariable((scope.redirected.get(target.name) ?? scope).variables, target.name);
    return;
  }
  const isFollowed =
    target.kind === "attribute"
      ? deleteAttribute(machine, machine.evaluate(target.object, scope), target.name, range)
      : target.kind === "subscript" &&
        deleteItem(machine, machine.evaluate(target.object, scope), machine.evaluate(target.index, scope), range);
  if (!isFollowed) machine.report(unknown("NormLens does not follow this del statement", range));
}

function deleteAttribute(machine: Machine, object: Value, name: string, range: SourceRange): boolean {
  if (object.kind !== "instance") return false;
  const isOfLayer = object.module?.layer != null && (name === "weight" || name === "bias");
  // A layer without its bias is another one, as after `layer.bias = None`.
  if (isOfLayer) machine.setAttribute(object, name, none, range);
  else removeAttribute(machine, object, name);
  return true;
}

function removeAttribute({ journal }: Machine, { attributes, module }: InstanceValue, name: string): void {
  journal.deleteVariable(attributes, name);
  if (module === null) return;
  if (module.parameters.has(name)) journal.setParameter(module, name, 0);
  journal.deleteChild(module, name);
}

function deleteItem(machine: Machine, object: Value, index: Value, range: SourceRange): boolean {
  const key = dictKey(index);
  if (object.kind === "dict" && key !== null) {
    machine.journal.beforeDict(object);
    object.entries.delete(key);
    return true;
  }
  if (object.kind === "list" && index.kind === "slice") {
    assignItem(machine, object, index, tuple([]), range);
    return true;
  }
  const hasPop = object.kind === "list" || (object.kind === "instance" && object.module?.container != null);
  if (hasPop) machine.call(method(object, "pop"), { positional: [index], keywords: new Map(), taint: null }, range);
  return hasPop || object.kind === "unknown";
}
