/** Methods of networks: modes, parameters, weights that are loaded, layers that are added. */
import { elementsIn } from "./followExpression";
import { forwardOf, markTrained } from "./forwards";
import type { Tracing } from "./tracing";
import { setGrad, setMode, setModeByFlag, setPartMode } from "./modes";
import {
  constant,
  modulesIn,
  type Args,
  type ObjectValue,
  type PartValue,
  type Site,
  type TracedValue,
} from "./tracedValues";

export function ofModule(tracing: Tracing, module: ObjectValue, name: string, args: Args, site: Site): TracedValue {
  const [first] = args.positional;
  switch (name) {
    case "train":
      setModeByFlag(tracing, module, args.keyword.get("mode") ?? first ?? constant(true), null, null, site);
      return module;
    case "eval": {
      const own = module.cls === null ? null : tracing.member(module.cls, "train");
      if (own?.kind === "function")
        tracing.callFunction({ ...own, self: module }, { ...args, positional: [constant(false)] }, site);
      else setMode(tracing, module, "eval", site);
      return module;
    }
    case "forward":
      return forwardOf(tracing, module, args, site);
    case "apply":
      applyToParts(tracing, module, first, site);
      return module;
    case "requires_grad_": {
      const flag = args.keyword.get("requires_grad") ?? first ?? constant(true);
      if (flag.kind === "constant") setGrad(tracing, module, flag.value === true, site, false);
      return module;
    }
    case "parameters":
    case "named_parameters":
    case "modules":
    case "named_modules":
    case "children":
    case "named_children":
    case "buffers":
    case "named_buffers":
    case "state_dict":
      return partsOf(tracing, module, name, site);
    case "update_parameters":
      for (const source of first === undefined ? [] : modulesIn(first))
        tracing.trace.transfers.push({ to: module, from: source, what: "average", place: tracing.place(site) });
      return constant(null);
    case "load_state_dict":
      load(tracing, module, args, site);
      return module;
    case "add_module":
    case "register_module":
      if (first?.kind === "constant" && args.positional[1] !== undefined)
        tracing.store.set(module.fields, String(first.value), args.positional[1]);
      else if (args.positional[1] !== undefined)
        tracing.store.set(module.fields, `?${module.fields.size}`, args.positional[1]);
      return module;
    case "append":
    case "extend":
    case "insert":
      for (const value of name === "extend" && first !== undefined ? elementsIn(first) : args.positional)
        tracing.store.set(module.fields, String(module.fields.size), value);
      return module;
    case "values":
    case "items":
      return listView(tracing, module, name, site);
    default:
      return /^(to|cuda|cpu|half|float|double|bfloat16|type|share_memory|to_empty|compile|requires_grad)$/.test(name)
        ? module
        : unreadableMethod(tracing, module, name, args, site);
  }
}

/** Methods that certainly run no forward pass. */
const ADMINISTRATIVE = new RegExp(
  "^(__|zero_grad|register_|init_|print|summary|save|named_|get_|set_|load_|state|extra_repr|push_|" +
    "freeze|unfreeze)",
);

/** A method of a class that is not readable: what it answers comes from the network. */
function unreadableMethod(tracing: Tracing, module: ObjectValue, name: string, args: Args, site: Site): TracedValue {
  if (ADMINISTRATIVE.test(name)) return tracing.fresh([name], [...args.positional]);
  if (name.endsWith("backward")) {
    markTrained(tracing, args.positional, site);
    return tracing.fresh();
  }
  return forwardOf(tracing, module, args, site);
}

export function listView(tracing: Tracing, { fields }: ObjectValue, name: string, site: Site): TracedValue {
  const views = [...fields].map(([key, value]) =>
    name === "values"
      ? value
      : tracing.list(
          "tuple",
          [
            ["0", constant(key)],
            ["1", value],
          ],
          site,
        ),
  );
  return tracing.list(
    "list",
    views.map((value, index) => [String(index), value] as const),
    site,
  );
}

function partsOf(tracing: Tracing, module: ObjectValue, name: string, site: Site): TracedValue {
  const plain = name.replace("named_", "");
  const what =
    plain === "children" || plain === "modules"
      ? "modules"
      : plain === "state_dict"
        ? "state"
        : (plain as "parameters" | "buffers");
  const children = elementsIn(module).filter(({ kind }) => kind === "object");
  // The direct children of a network that was read are what they are; of others, some part.
  if (name === "children" && module.cls !== null && children.length > 0)
    return tracing.list(
      "list",
      children.map((value, index) => [String(index), value] as const),
      site,
    );
  const part: PartValue = { kind: "part", of: module, what, isGroup: true, isNorm: null };
  if (!name.startsWith("named_")) return part;
  return tracing.object("named", { positional: [part], keyword: new Map(), isComplete: true, nodes: [] }, site);
}

/** `net.apply(fn)` calls it with every layer. */
export function applyToParts(tracing: Tracing, module: ObjectValue, fn: TracedValue | undefined, site: Site): void {
  const part: PartValue = { kind: "part", of: module, what: "modules", isGroup: false, isNorm: null };
  if (fn?.kind === "function")
    tracing.callFunction(fn, { positional: [part], keyword: new Map(), isComplete: true, nodes: [] }, site);
  else if (fn !== undefined && /bn|norm/i.test(nameOf(fn)) && /eval|fix|freez/i.test(nameOf(fn)))
    setPartMode(tracing, { ...part, isNorm: true }, "eval", site);
  else if (fn !== undefined && /bn|norm/i.test(nameOf(fn)) && /train/i.test(nameOf(fn)))
    setPartMode(tracing, { ...part, isNorm: true }, "train", site);
}

const nameOf = (value: TracedValue): string =>
  value.kind === "external" ? value.path : value.kind === "unknown" ? [...value.names].join(" ") : "";

function load(tracing: Tracing, module: ObjectValue, args: Args, site: Site): void {
  const source = args.keyword.get("state_dict") ?? args.positional[0];
  const from = source?.kind === "part" ? source.of : null;
  tracing.trace.loaded.add(module);
  tracing.trace.transfers.push({ to: module, from, what: "state", place: tracing.place(site) });
}
