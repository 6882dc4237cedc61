/** Python's own functions, as far as networks and data pass through them. */
import { filtered } from "./chosenParameters";
import { chained, combined, elementsIn, subscript } from "./followExpression";
import { elementsOf } from "./iterate";
import type { Tracing } from "./tracing";
import { importNamed, memberNamed } from "./namedMembers";
import { sizeOf } from "./dataSize";
import { wordsOf } from "./words";
import { ABSENT, constant, external, optionsOf, unionOf, type Args, type Site, type TracedValue } from "./tracedValues";

/** Iterators that give what they are given. */
const PASS_THROUGH = new RegExp(
  "^(iter|reversed|sorted|set|frozenset|tqdm(\\.\\w+)*\\.(tqdm|trange)|tqdm|itertools\\.(cycle|islice|" +
    "chain)|rich\\.progress\\.track|(.*\\.)?MpDeviceLoader|progress_bar|track)$",
);

/** null when the path is none of them. */
export function callBuiltin(tracing: Tracing, path: string, args: Args, site: Site): TracedValue | null {
  const [first, second] = args.positional;
  if (path === "itertools.chain" && args.positional.length > 1) return chained(tracing, args.positional, site);
  if (PASS_THROUGH.test(path) && first !== undefined) return first;
  switch (path) {
    case "range":
    case "trange":
    case "tqdm.trange":
      return tracing.object("range", args, site);
    case "enumerate":
    case "zip":
      return tracing.object(path, args, site);
    case "list":
    case "tuple":
      return collection(tracing, path, first, site);
    case "dict":
    case "collections.OrderedDict":
    case "collections.defaultdict":
      return tracing.list("dict", [...(first === undefined ? [] : pairsIn(first)), ...args.keyword], site);
    case "next":
      return first === undefined
        ? tracing.fresh()
        : (elementsOf(tracing, first, { site, iterable: first, words: [...namesOf(first), ...wordsOf(first)] })
            .elements[0] ?? tracing.fresh());
    case "getattr":
      return getattr(tracing, first, second, args, site);
    case "setattr":
      return setattr(tracing, args);
    case "vars":
      return first?.kind === "file" ? first : tracing.fresh([], args.positional);
    case "isinstance":
      return isInstance(tracing, first, second);
    case "type":
      return first === undefined ? tracing.fresh() : typeOf(first);
    case "filter":
      return second?.kind === "part" ? filtered(tracing, first, second) : (second ?? tracing.fresh());
    case "id":
      return first ?? tracing.fresh();
    case "map":
      return args.positional.find(({ kind }) => kind === "part") ?? mapped(tracing, args, site);
    case "functools.partial":
      return first === undefined
        ? tracing.fresh()
        : { kind: "partial", callee: first, args: { ...args, positional: args.positional.slice(1) } };
    default:
      return importNamed(tracing, path, args, site) ?? computed(tracing, path, args);
  }
}

/** Questions about values, and what computes one from others. */
function computed(tracing: Tracing, path: string, args: Args): TracedValue | null {
  const [first] = args.positional;
  if (path === "hasattr")
    return first?.kind === "object" &&
      args.positional[1]?.kind === "constant" &&
      first.fields.has(String(args.positional[1].value))
      ? constant(true)
      : tracing.fresh();
  if (path === "len") return lengthOf(tracing, first);
  if (path === "int" && first?.kind === "constant" && typeof first.value === "number")
    return constant(Math.trunc(first.value));
  if (!/^(int|str|float|bool|print|min|max|sum|abs|round)$/.test(path)) return null;
  return combined(
    tracing,
    args.positional.filter(({ kind }) => kind !== "object" || path !== "print"),
  );
}

/** What `dict(…)` takes over: another dict, or `net.named_parameters()`. */
function pairsIn(value: TracedValue): Iterable<readonly [string, TracedValue]> {
  if (value.kind !== "object") return [];
  const [part] = value.args.positional;
  if (value.type === "named" && part !== undefined) return [["?0", part]];
  return value.type === "dict" ? value.fields : [];
}

function lengthOf(tracing: Tracing, value: TracedValue | undefined): TracedValue {
  if (value === undefined) return tracing.fresh();
  const size = value.kind === "tensor" ? value.rows : sizeOf(value);
  return size === null ? tracing.fresh([], [value]) : constant(size);
}

const namesOf = (value: TracedValue): Iterable<string> =>
  value.kind === "object" || value.kind === "unknown" ? value.names : [];

function collection(tracing: Tracing, type: "list" | "tuple", first: TracedValue | undefined, site: Site): TracedValue {
  if (first?.kind === "part") return first;
  if (first?.kind === "object" && !["list", "tuple", "dict"].includes(first.type)) return first;
  if (first?.kind === "union" && first.options.some(({ kind }) => kind === "part"))
    return unionOf(first.options.filter((option) => option !== ABSENT));
  return tracing.list(
    type,
    (first === undefined ? [] : optionsOf(first).flatMap(elementsIn)).map(
      (value, index) => [String(index), value] as const,
    ),
    site,
  );
}

function getattr(
  tracing: Tracing,
  first: TracedValue | undefined,
  second: TracedValue | undefined,
  args: Args,
  site: Site,
): TracedValue {
  if (first === undefined || second === undefined) return tracing.fresh();
  if (second.kind === "constant" && typeof second.value === "string") {
    const value = tracing.attribute(first, second.value, site);
    return value.kind === "method" && first.kind === "object" && !first.isModule && args.positional[2] !== undefined
      ? args.positional[2]
      : value;
  }
  if (first.kind === "file") return memberNamed(tracing, first, second, site) ?? tracing.fresh([], [first]);
  return first.kind === "external" ? subscript(tracing, first, second) : tracing.fresh([], [first]);
}

function setattr(tracing: Tracing, { positional: [object, name, value] }: Args): TracedValue {
  if (object?.kind === "object" && value !== undefined)
    tracing.store.set(object.fields, name?.kind === "constant" ? String(name.value) : `?${object.fields.size}`, value);
  return constant(null);
}

/** Wrappers are looked through, so a network is never one of them. */
function isInstance(tracing: Tracing, value: TracedValue | undefined, type: TracedValue | undefined): TracedValue {
  if (value?.kind !== "object" || type === undefined) return tracing.fresh();
  const types = type.kind === "object" ? elementsIn(type) : [type];
  const answers = types.map((one) => {
    if (one.kind === "class") return value.cls === one ? true : value.cls === null ? false : null;
    if (one.kind !== "external") return null;
    if (one.path === "torch.nn.Module") return value.isModule;
    if (/DataParallel|DDP/.test(one.path)) return null;
    return value.type === one.path ? true : value.cls === null ? false : null;
  });
  if (answers.includes(true)) return constant(true);
  return answers.every((answer) => answer === false) ? constant(false) : tracing.fresh();
}

function mapped(tracing: Tracing, args: Args, site: Site): TracedValue {
  const [fn, list] = args.positional;
  if (fn === undefined || list?.kind !== "object") return list ?? tracing.fresh();
  return tracing.list(
    "list",
    elementsIn(list).map(
      (value, index) => [String(index), tracing.call(fn, { ...args, positional: [value] }, site)] as const,
    ),
    site,
  );
}

const typeOf = (value: TracedValue): TracedValue =>
  value.kind === "object" ? (value.cls ?? external(value.type)) : value;
