/** Calls of what cannot be read: the result is unknown, and so is the mode of networks that were handed over. */
import { combined } from "./followExpression";
import type { Tracing } from "./tracing";
import { markTrained } from "./forwards";
import { forgetModes } from "./modes";
import { modulesIn, optionsOf, type Args, type Site, type TracedValue } from "./tracedValues";

/** Functions that may well set a mode, by their names. */
const MAY_SET_MODE = new RegExp(
  "train|eval|valid|test|fit|run|epoch|freez|infer|predict|mode|step|score|bn|learn|extract|" +
    "generate|sample|collect|benchmark|process|loop",
  "i",
);

/** `name` is the method's, for calls on an object of an unreadable class. */
export function unreadableCall(
  tracing: Tracing,
  callee: TracedValue,
  name: string | null,
  args: Args,
  site: Site,
): TracedValue {
  const values = [...args.positional, ...args.keyword.values()];
  const names = name !== null ? [name] : callee.kind === "unknown" || callee.kind === "object" ? [...callee.names] : [];
  const captured = [...values, ...capturedBy(callee)].flatMap(modulesIn);
  if (name?.endsWith("backward") === true) markTrained(tracing, values, site);
  if (names.some((known) => MAY_SET_MODE.test(known)))
    for (const module of new Set(captured)) forgetModes(tracing, module);
  callFunctions(tracing, values, site);
  const result = combined(tracing, [callee, ...values]);
  if (result.kind === "unknown") for (const known of names) result.names.add(known);
  return result;
}

function capturedBy(value: TracedValue): readonly TracedValue[] {
  if (value.kind === "unknown")
    return value.inputs.flatMap((input) => (input.kind === "unknown" ? input.inputs : [input]));
  return value.kind === "object" ? [...value.args.positional, ...value.args.keyword.values()] : [];
}

/** A function that is handed over is called some time: `mp.spawn(main_worker, ...)`, `optimizer.step(closure)`. */
export function callFunctions(tracing: Tracing, values: readonly TracedValue[], site: Site): void {
  for (const value of values.flatMap(optionsOf)) {
    if (value.kind !== "function" || value.node.kind !== "function" || tracing.trace.reached.has(value.node)) continue;
    tracing.call(value, { positional: [], keyword: new Map(), isComplete: false, nodes: [] }, site);
  }
}
