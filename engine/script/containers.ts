import { argument, type Args, type Fields, type TracedValue } from "./tracedValues";

const WRAPPER = /^torch\.nn\.(parallel\.)?(DataParallel|DistributedDataParallel)$/;

/** The layers that a container of torch.nn is given, and the network that a wrapper is: `nn.Sequential(…)`. */
export function heldBy(path: string, args: Args): Fields {
  const { positional } = args;
  const [first] = positional;
  const isDict = first?.kind === "object" && (first.type === "dict" || first.type === "collections.OrderedDict");
  if (path === "torch.nn.Sequential" && !isDict) return new Map(numbered(positional));
  if (WRAPPER.test(path)) {
    const module = argument(args, "module", 0);
    return new Map(module === null ? [] : [["module", module]]);
  }
  if (!/^torch\.nn\.(ModuleList|ModuleDict|Sequential)$/.test(path) || first === undefined) return new Map();
  if (first.kind === "object") return new Map(first.fields);
  return path === "torch.nn.ModuleDict" ? new Map() : new Map([["0", first]]);
}

/** Elements under their numbers. */
export const numbered = (values: readonly TracedValue[]): (readonly [string, TracedValue])[] =>
  values.map((value, index) => [String(index), value] as const);

/** `elements[lower:upper]`; null where the bounds are not known, or it has a step. */
export function sliceOf(
  elements: readonly TracedValue[],
  [lower, upper, step]: readonly TracedValue[],
): readonly TracedValue[] | null {
  const start = boundOf(lower);
  const end = boundOf(upper);
  return start === undefined || end === undefined || boundOf(step) !== null
    ? null
    : elements.slice(start ?? 0, end ?? elements.length);
}

/** null for no bound, undefined for one that is not known. */
function boundOf(value: TracedValue | undefined): number | null | undefined {
  if (value?.kind !== "constant") return undefined;
  return value.value === null || typeof value.value === "number" ? value.value : undefined;
}
