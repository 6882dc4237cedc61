/** What becomes unknown with a call that cannot be followed. */
import { isModule } from "./aboutValues";
import type { Machine } from "./machine";
import { forgetNumbers } from "./numericContent";
import type { UnknownValue, Value } from "./values";

/** Says that a list, dict, set or module, or what a tuple has of them, may have been changed. */
export function taintContents(machine: Machine, value: Value, reason: UnknownValue): void {
  if (value.kind === "list" && value.taint === null) {
    machine.journal.beforeList(value);
    value.taint = reason;
  } else if (value.kind === "set" && value.taint === null) {
    machine.journal.beforeSet(value);
    value.taint = reason;
  } else if (value.kind === "dict" && value.taint === null) {
    machine.journal.beforeDict(value);
    value.taint = reason;
  } else if (isModule(value)) {
    machine.journal.beforeModule(value);
    value.module.unknowns.push({ ...reason, reason: `it is passed to code that may change it: ${reason.reason}` });
  } else if (value.kind === "tensor") {
    forgetNumbers(value);
  } else if (value.kind === "tuple") {
    for (const element of value.elements) taintContents(machine, element, reason);
  }
}
