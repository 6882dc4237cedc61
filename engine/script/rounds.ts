/** How often a loop runs, where the script fixes it. */
import { isLoader, numberOf, sizeOf } from "./dataSize";
import { argument, type Forward, type ObjectValue, type TracedValue } from "./tracedValues";

/** How often a pass runs in all its loops; null when one of them is not known. */
export function timesRun({ loops }: Pick<Forward, "loops">): number | null {
  return loops.reduce<number | null>((product, { loop }) => {
    const rounds = loop.iterable === null ? null : roundsOf(loop.iterable);
    return product === null || rounds === null ? null : product * rounds;
  }, 1);
}

/** Each round of a literal list is followed by itself. */
export const isLiteral = (value: TracedValue | null): boolean =>
  value?.kind === "object" && ["list", "tuple", "dict"].includes(value.type);

function roundsOf(value: TracedValue): number | null {
  if (isLiteral(value)) return 1;
  if (value.kind === "tensor") return value.pieces;
  if (value.kind !== "object") return null;
  const { positional } = value.args;
  switch (value.type) {
    case "range":
      return rangeLength(positional);
    case "enumerate":
      return positional[0] === undefined ? null : roundsOf(positional[0]);
    case "zip": {
      const columns = positional.map(roundsOf);
      return columns.includes(null) || columns.length === 0 ? null : Math.min(...columns.map((count) => count ?? 0));
    }
    default:
      return isLoader(value) ? batchesOf(value) : (value.facts.elements ?? null);
  }
}

function rangeLength(bounds: readonly TracedValue[]): number | null {
  const [first, second] = bounds.map(numberOf);
  if (first === undefined || first === null || bounds.length > 2) return null;
  if (bounds.length === 1) return first;
  return second === undefined || second === null ? null : second - first;
}

function batchesOf({ args }: ObjectValue): number | null {
  const data = argument(args, "dataset", 0);
  const size = data === null ? null : sizeOf(data);
  const batch = numberOf(argument(args, "batch_size", 1)) ?? 1;
  const isChosen = args.keyword.has("batch_sampler") || args.keyword.has("sampler") || !args.isComplete;
  if (size === null || batch < 1 || isChosen) return null;
  const dropsLast = argument(args, "drop_last", 8);
  return dropsLast?.kind === "constant" && dropsLast.value === true
    ? Math.floor(size / batch)
    : Math.ceil(size / batch);
}
