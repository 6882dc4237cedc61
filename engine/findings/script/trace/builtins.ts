/** Python's own functions, as far as networks and data pass through them. */
import { combined, elementsIn, subscript } from "./evaluate";
import { elementsOf } from "./iterate";
import type { Machine } from "./machine";
import { typeOf } from "./methods";
import { sizeOf } from "./dataSize";
import { constant, optionsOf, type Args, type Site, type Value } from "./values";

/** Iterators that give what they are given. */
const PASS_THROUGH =
  /^(iter|reversed|sorted|set|frozenset|tqdm(\.\w+)*\.(tqdm|trange)|tqdm|itertools\.(cycle|islice|chain)|rich\.progress\.track|(.*\.)?MpDeviceLoader|progress_bar|track)$/;

/** null when the path is none of them. */
export function callBuiltin(machine: Machine, path: string, args: Args, site: Site): Value | null {
  const [first, second] = args.positional;
  if (PASS_THROUGH.test(path) && first !== undefined) return first;
  switch (path) {
    case "#super":
      return first ?? machine.fresh();
    case "range":
    case "trange":
    case "tqdm.trange":
      return machine.object("range", args, site);
    case "enumerate":
    case "zip":
      return machine.object(path, args, site);
    case "list":
    case "tuple":
      return collection(machine, path, first, site);
    case "dict":
    case "collections.OrderedDict":
    case "collections.defaultdict":
      return machine.list(
        "dict",
        [...(first?.kind === "object" && first.type === "dict" ? first.fields : []), ...args.keyword],
        site,
      );
    case "next":
      return first === undefined
        ? machine.fresh()
        : (elementsOf(machine, first, { site, iterable: first, words: [...namesOf(first)] }).elements[0] ??
            machine.fresh());
    case "getattr":
      return getattr(machine, first, second, args, site);
    case "setattr":
      return setattr(machine, args);
    case "isinstance":
      return isInstance(machine, first, second);
    case "type":
      return first === undefined ? machine.fresh() : typeOf(first);
    case "filter":
    case "map":
      return args.positional.find(({ kind }) => kind === "part") ?? mapped(machine, path, args, site);
    case "functools.partial":
      return first === undefined
        ? machine.fresh()
        : { kind: "partial", callee: first, args: { ...args, positional: args.positional.slice(1) } };
    default:
      return computed(machine, path, args);
  }
}

/** Questions about values, and what computes one from others. */
function computed(machine: Machine, path: string, args: Args): Value | null {
  const [first] = args.positional;
  if (path === "hasattr")
    return first?.kind === "object" &&
      args.positional[1]?.kind === "constant" &&
      first.fields.has(String(args.positional[1].value))
      ? constant(true)
      : machine.fresh();
  if (path === "len") return lengthOf(machine, first);
  if (path === "int" && first?.kind === "constant" && typeof first.value === "number")
    return constant(Math.trunc(first.value));
  if (!/^(int|str|float|bool|print|min|max|sum|abs|round)$/.test(path)) return null;
  return combined(
    machine,
    args.positional.filter(({ kind }) => kind !== "object" || path !== "print"),
  );
}

function lengthOf(machine: Machine, value: Value | undefined): Value {
  if (value === undefined) return machine.fresh();
  const size = value.kind === "tensor" ? value.rows : sizeOf(value);
  return size === null ? machine.fresh([], [value]) : constant(size);
}

const namesOf = (value: Value): Iterable<string> =>
  value.kind === "object" || value.kind === "unknown" ? value.names : [];

function collection(machine: Machine, type: "list" | "tuple", first: Value | undefined, site: Site): Value {
  if (first?.kind === "part") return first;
  if (first?.kind === "object" && !["list", "tuple", "dict"].includes(first.type)) return first;
  return machine.list(
    type,
    (first === undefined ? [] : optionsOf(first).flatMap(elementsIn)).map(
      (value, index) => [String(index), value] as const,
    ),
    site,
  );
}

function getattr(machine: Machine, first: Value | undefined, second: Value | undefined, args: Args, site: Site): Value {
  if (first === undefined || second === undefined) return machine.fresh();
  if (second.kind === "constant" && typeof second.value === "string") {
    const value = machine.attribute(first, second.value, site);
    return value.kind === "method" && first.kind === "object" && !first.isModule && args.positional[2] !== undefined
      ? args.positional[2]
      : value;
  }
  return first.kind === "external" ? subscript(machine, first, second) : machine.fresh([], [first]);
}

function setattr(machine: Machine, { positional: [object, name, value] }: Args): Value {
  if (object?.kind === "object" && value !== undefined)
    machine.store.set(object.fields, name?.kind === "constant" ? String(name.value) : `?${object.fields.size}`, value);
  return constant(null);
}

/** Wrappers are looked through, so a network is never one of them. */
function isInstance(machine: Machine, value: Value | undefined, type: Value | undefined): Value {
  if (value?.kind !== "object" || type === undefined) return machine.fresh();
  const types = type.kind === "object" ? elementsIn(type) : [type];
  const answers = types.map((one) => {
    if (one.kind === "class") return value.cls === one ? true : value.cls === null ? false : null;
    if (one.kind !== "external") return null;
    if (one.path === "torch.nn.Module") return value.isModule;
    if (/DataParallel|DDP/.test(one.path)) return null;
    return value.type === one.path ? true : value.cls === null ? false : null;
  });
  if (answers.includes(true)) return constant(true);
  return answers.every((answer) => answer === false) ? constant(false) : machine.fresh();
}

function mapped(machine: Machine, path: string, args: Args, site: Site): Value {
  const [fn, list] = args.positional;
  if (path === "filter" || fn === undefined || list?.kind !== "object") return list ?? machine.fresh();
  return machine.list(
    "list",
    elementsIn(list).map(
      (value, index) => [String(index), machine.call(fn, { ...args, positional: [value] }, site)] as const,
    ),
    site,
  );
}
