import type { Tracing } from "./tracing";
import { heldCopy } from "./weights";
import { unionOf, type Site, type TracedValue } from "./tracedValues";

/** `copy.deepcopy(net)`: another network in the same mode, made of copies. */
export function copyOf(tracing: Tracing, value: TracedValue, site: Site, depth = 12): TracedValue {
  if (value.kind === "union") return unionOf(value.options.map((option) => copyOf(tracing, option, site, depth)));
  if (value.kind === "part") return heldCopy(tracing, value, site);
  if (value.kind !== "object" || depth === 0) return value;
  const { cls, isModule, facts, traits } = value;
  const fields = new Map([...value.fields].map(([name, field]) => [name, copyOf(tracing, field, site, depth - 1)]));
  return tracing.object(value.type, value.args, site, {
    cls,
    isModule,
    facts,
    traits,
    fields,
    copyOf: isModule ? value : null,
  });
}
