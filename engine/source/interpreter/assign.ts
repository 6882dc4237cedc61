import { elementsOfOpen } from "./openValues";
import type { SourceRange } from "../../protocol/modelGraph";
import type { Expression } from "../../python/expressions";
import { noArguments, type Machine } from "./machine";
import { rangeIn } from "./scope";
import { assignItem } from "./subscript";
import { iterate } from "./iterate";
import { isUnknown } from "./aboutValues";
import { batchSize, list, unknown, unknownSize } from "./newValues";
import type { Scope, UnknownValue, Value } from "./values";

/** Assigns to a name, an attribute, a subscript, or to several of them. */
export function assignTo(machine: Machine, target: Expression, value: Value, scope: Scope): void {
  const range = rangeIn(scope, target);
  switch (target.kind) {
    case "name":
      setName(machine, target.name, value, scope);
      return;
    case "attribute":
      machine.setAttribute(machine.evaluate(target.object, scope), target.name, value, range);
      return;
    case "subscript":
      assignItem(machine, machine.evaluate(target.object, scope), machine.evaluate(target.index, scope), value, range);
      return;
    case "sequence":
      assignSequence(machine, target.elements, value, scope, range);
      return;
    case "starred":
      assignTo(machine, target.value, value, scope);
      return;
    default:
      machine.report(unknown("NormLens does not follow an assignment to this target", range));
  }
}

export function setName(machine: Machine, name: string, value: Value, scope: Scope): void {
  machine.journal.setVariable((scope.redirected.get(name) ?? scope).variables, name, value);
}

/** A Keras tensor gives several values where a call made it that is not followed, or `tf.split`. */
function partOfTensor(machine: Machine, tensor: Value, range: SourceRange): Value {
  const reason = unknown("NormLens does not follow which part of a tensor this is", range);
  const args = { ...noArguments, positional: [tensor] };
  return machine.library.unfollowedCall(machine, "getitem", args, reason, range) ?? reason;
}

function assignSequence(
  machine: Machine,
  targets: readonly Expression[],
  value: Value,
  scope: Scope,
  range: SourceRange,
): void {
  const elements =
    value.kind === "sizes"
      ? sizesFor(targets, range)
      : value.kind === "open"
        ? elementsOfOpen(value, targets.length)
        : value.kind === "tensor" && value.keras !== undefined
          ? targets.map(() => partOfTensor(machine, value, range))
          : iterate(machine, value, range);
  const parts = isUnknown(elements) ? elements : distribute(targets, elements, range);
  targets.forEach((target, index) => {
    assignTo(
      machine,
      target,
      isUnknown(parts) ? parts : (parts[index] ?? unknown("this element is missing", range)),
      scope,
    );
  });
}

/** `batch, channels, height, width = x.shape` where only the first is known. */
function sizesFor(targets: readonly Expression[], range: SourceRange): readonly Value[] {
  const isPlain = targets.every((target) => target.kind === "name");
  return targets.map((_, index) => (index === 0 && isPlain ? batchSize : unknownSize(range)));
}

/** One value per target; a starred target takes what the others leave. */
function distribute(
  targets: readonly Expression[],
  elements: readonly Value[],
  range: SourceRange,
): Value[] | UnknownValue {
  const star = targets.findIndex((target) => target.kind === "starred");
  if (star < 0) {
    return elements.length === targets.length
      ? [...elements]
      : unknown(`there are ${targets.length} names for ${elements.length} values (Python raises a ValueError)`, range);
  }
  const after = targets.length - star - 1;
  if (elements.length < star + after)
    return unknown("there are too few values for these names (Python raises a ValueError)", range);
  const end = elements.length - after;
  return [...elements.slice(0, star), list(elements.slice(star, end)), ...elements.slice(end)];
}
