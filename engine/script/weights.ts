/** Weights that leave a network, are kept outside of it or averaged, and are written into one. */
import type { Tracing, Transfer } from "./tracing";
import type { Args, PartValue, Site, TracedValue } from "./tracedValues";

/** Values that no longer change with the network. */
export function heldCopy(tracing: Tracing, part: PartValue, site: Site): PartValue {
  const what = part.what === "modules" ? "parameters" : part.what;
  return { ...part, what, held: { site, passes: tracing.trace.forwards.length } };
}

/** Parameters or buffers of a network, or values kept outside of it, written from others. */
export function transfer(tracing: Tracing, part: PartValue, args: Args, site: Site): void {
  const given = args.positional.flatMap((value) => partsInside(value)).filter(({ named }) => named === undefined);
  const sources = given.filter((source) => source.of !== part.of || source.held !== part.held);
  if (part.held !== undefined) {
    if (sources.some(({ held }) => held === undefined)) tracing.trace.averages.add(part.held);
    return;
  }
  const isMixed = given.some(({ held }) => held === undefined);
  const what = part.what === "buffers" ? "buffers" : part.what === "state" ? "state" : "parameters";
  for (const { of, held } of sources) {
    if (held !== undefined && isMixed) tracing.trace.averages.add(held);
    written(tracing, { to: part.of, from: of, what, held: held ?? null }, site);
  }
}

export function written(tracing: Tracing, what: Pick<Transfer, "to" | "from" | "what" | "held">, site: Site): void {
  tracing.trace.transfers.push({ ...what, place: tracing.place(site), passes: tracing.trace.forwards.length });
}

/** What a value was computed from, as far as it is parts of networks. */
export function partsInside(value: TracedValue, depth = 8, seen = new Set<TracedValue>()): PartValue[] {
  if (value.kind === "part") return [value];
  if (depth === 0 || seen.has(value)) return [];
  seen.add(value);
  return insides(value).flatMap((inner) => partsInside(inner, depth - 1, seen));
}

function insides(value: TracedValue): readonly TracedValue[] {
  switch (value.kind) {
    case "unknown":
      return value.owner === undefined ? value.inputs : [...value.inputs, value.owner];
    case "union":
      return value.options;
    case "object":
      return isPlain(value.type) ? [...value.fields.values()] : [];
    default:
      return [];
  }
}

const isPlain = (type: string): boolean => ["list", "tuple", "dict"].includes(type);
