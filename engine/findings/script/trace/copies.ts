import type { Machine } from "./machine";
import { unionOf, type Site, type Value } from "./values";

/** `copy.deepcopy(net)`: another network in the same mode, made of copies. */
export function copyOf(machine: Machine, value: Value, site: Site, depth = 12): Value {
  if (value.kind === "union") return unionOf(value.options.map((option) => copyOf(machine, option, site, depth)));
  if (value.kind !== "object" || depth === 0) return value;
  const copy = machine.object(value.type, value.args, site, {
    cls: value.cls,
    isModule: value.isModule,
    copyOf: value.isModule ? value : null,
  });
  for (const [name, field] of value.fields) copy.fields.set(name, copyOf(machine, field, site, depth - 1));
  return copy;
}
