import { modesOf, possible } from "./modes";
import { modulesIn, type Args, type Site, type TracedValue } from "./tracedValues";
import type { Tracing } from "./tracing";

/** Writes down a call of a library that a rule looks at. */
export function recordCall(tracing: Tracing, path: string, args: Args, result: TracedValue, site: Site): void {
  const [first] = args.positional;
  const [module] = first === undefined ? [] : modulesIn(first);
  const modes = module === undefined ? [] : possible(modesOf(module), tracing.assumptions);
  tracing.trace.calls.push({ path, args, result, modes, place: tracing.place(site) });
}
