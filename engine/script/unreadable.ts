/** Calls of what cannot be read: the result is unknown, and so is the mode of networks that were handed over. */
import { combined, elementsIn } from "./followExpression";
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

/** A function that is handed over is called some time: `optimizer.step(closure)`. */
export function callFunctions(tracing: Tracing, values: readonly TracedValue[], site: Site): void {
  callWith(tracing, values, { positional: [], keyword: new Map(), isComplete: false, nodes: [] }, site);
}

/** `mp.spawn(worker, args=(options,))`, `Process(target=worker, args=(0, options))`: with what the function gets. */
export function startProcesses(tracing: Tracing, path: string, args: Args, site: Site): void {
  const functions = [args.keyword.get("target") ?? args.keyword.get("fn") ?? args.positional[0]];
  const getsRank = /spawn|start_processes/.test(path);
  const given = args.keyword.get("args") ?? (getsRank ? args.positional[1] : undefined);
  const named = args.keyword.get("kwargs");
  const rank = getsRank ? [tracing.fresh(["rank"])] : [];
  const handed: Args = {
    positional: [...rank, ...(given === undefined ? [] : elementsIn(given))],
    keyword: named?.kind === "object" ? named.fields : new Map(),
    isComplete: given?.kind === "object",
    nodes: [],
  };
  callWith(
    tracing,
    functions.filter((value) => value !== undefined),
    handed,
    site,
  );
}

function callWith(tracing: Tracing, values: readonly TracedValue[], args: Args, site: Site): void {
  for (const value of values.flatMap(optionsOf)) {
    if (value.kind !== "function" || value.node.kind !== "function" || tracing.trace.reached.has(value.node)) continue;
    tracing.call(value, args, site);
  }
}
