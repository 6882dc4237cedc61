/** What all of torch.nn's module classes do with their own state. */
import type { SourceRange } from "../../protocol/modelGraph";
import type { CallArguments, Machine, ModuleConstructor } from "../interpreter/machine";
import { isModule } from "../interpreter/aboutValues";
import { nameOfOpen } from "../interpreter/openValues";
import { unknown } from "../interpreter/newValues";
import type { InstanceValue, ModuleState, UnknownValue, Value } from "../interpreter/values";

export type Module = InstanceValue & { readonly module: ModuleState };

export type ModuleMethod = (machine: Machine, self: Module, args: CallArguments, range: SourceRange) => Value;

/** Registers a child, as `nn.Module.add_module` does. */
export function addChild(machine: Machine, parent: Module, name: string, child: Value, range: SourceRange): void {
  if (isModule(child) || child.kind === "unknown") machine.journal.setChild(parent.module, name, child);
  else if (child.kind === "open")
    machine.journal.setChild(parent.module, name, unknown(`${nameOfOpen(child)} is not given`, range));
  else if (child.kind !== "none")
    note(machine, parent, unknown("something that is not a layer is added as one", range));
}

/**
 * Registers a child whose name is not known, under its number: which layers there are, and in which order, does not
 * depend on their names. How often a branch that may not run adds one is not known.
 */
export function addUnnamed(
  machine: Machine,
  parent: Module,
  name: Value | undefined,
  child: Value | undefined,
  range: SourceRange,
): void {
  note(machine, parent, name?.kind === "unknown" ? name : unknown("the name of a child is unknown", range));
  if (child !== undefined && !machine.journal.isUncertain)
    addChild(machine, parent, String(parent.module.children.size), child, range);
}

/** Remembers on the module itself what is not known about it, except in a branch that may not run. */
export function note(machine: Machine, module: Module, reason: UnknownValue): void {
  machine.journal.beforeModule(module);
  module.module.unknowns.push(reason);
}

export const initializeModule: ModuleConstructor = (machine, instance) => {
  machine.journal.setVariable(instance.attributes, "training", { kind: "bool", value: true, isTrainingMode: true });
};
