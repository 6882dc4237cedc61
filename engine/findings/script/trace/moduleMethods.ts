/** Methods of networks: modes, parameters, weights that are loaded, layers that are added. */
import { elementsIn } from "./evaluate";
import { forwardOf, markTrained } from "./forwards";
import type { Machine } from "./machine";
import { setGrad, setMode, setModeByFlag, setPartMode } from "./modes";
import { constant, modulesIn, type Args, type ObjectValue, type PartValue, type Site, type Value } from "./values";

export function ofModule(machine: Machine, module: ObjectValue, name: string, args: Args, site: Site): Value {
  const [first] = args.positional;
  switch (name) {
    case "train":
      setModeByFlag(machine, module, args.keyword.get("mode") ?? first ?? constant(true), null, null, site);
      return module;
    case "eval": {
      const own = module.cls === null ? null : machine.member(module.cls, "train");
      if (own?.kind === "function")
        machine.callFunction({ ...own, self: module }, { ...args, positional: [constant(false)] }, site);
      else setMode(machine, module, "eval", site);
      return module;
    }
    case "forward":
      return forwardOf(machine, module, args, site);
    case "apply":
      applyToParts(machine, module, first, site);
      return module;
    case "requires_grad_": {
      const flag = args.keyword.get("requires_grad") ?? first ?? constant(true);
      if (flag.kind === "constant") setGrad(machine, module, flag.value === true, site, false);
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
      return partsOf(machine, module, name, site);
    case "update_parameters":
      for (const source of first === undefined ? [] : modulesIn(first))
        machine.trace.transfers.push({ to: module, from: source, what: "average", place: machine.place(site) });
      return constant(null);
    case "load_state_dict":
      load(machine, module, args, site);
      return module;
    case "add_module":
    case "register_module":
      if (first?.kind === "constant" && args.positional[1] !== undefined)
        machine.store.set(module.fields, String(first.value), args.positional[1]);
      else if (args.positional[1] !== undefined)
        machine.store.set(module.fields, `?${module.fields.size}`, args.positional[1]);
      return module;
    case "append":
    case "extend":
    case "insert":
      for (const value of name === "extend" && first !== undefined ? elementsIn(first) : args.positional)
        machine.store.set(module.fields, String(module.fields.size), value);
      return module;
    case "values":
    case "items":
      return listView(machine, module, name, site);
    default:
      return /^(to|cuda|cpu|half|float|double|bfloat16|type|share_memory|to_empty|compile|requires_grad)$/.test(name)
        ? module
        : unreadableMethod(machine, module, name, args, site);
  }
}

/** A method of a class that is not readable: what it answers comes from the network. */
function unreadableMethod(machine: Machine, module: ObjectValue, name: string, args: Args, site: Site): Value {
  if (
    /^(__|zero_grad|register_|init_|print|summary|save|named_|get_|set_|load_|state|extra_repr|push_|freeze|unfreeze)/.test(
      name,
    )
  )
    return machine.fresh([name], [...args.positional]);
  if (name.endsWith("backward")) {
    markTrained(machine, args.positional, site);
    return machine.fresh();
  }
  return forwardOf(machine, module, args, site);
}

export function listView(machine: Machine, { fields }: ObjectValue, name: string, site: Site): Value {
  const entries = [...fields].filter(([key]) => !key.startsWith("#"));
  const views = entries.map(([key, value]) =>
    name === "values"
      ? value
      : machine.list(
          "tuple",
          [
            ["0", constant(key)],
            ["1", value],
          ],
          site,
        ),
  );
  return machine.list(
    "list",
    views.map((value, index) => [String(index), value] as const),
    site,
  );
}

function partsOf(machine: Machine, module: ObjectValue, name: string, site: Site): Value {
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
    return machine.list(
      "list",
      children.map((value, index) => [String(index), value] as const),
      site,
    );
  const part: PartValue = { kind: "part", of: module, what, isGroup: true, isNorm: null };
  if (!name.startsWith("named_")) return part;
  return machine.object("named", { positional: [part], keyword: new Map(), isComplete: true, nodes: [] }, site);
}

/** `net.apply(fn)` calls it with every layer. */
export function applyToParts(machine: Machine, module: ObjectValue, fn: Value | undefined, site: Site): void {
  const part: PartValue = { kind: "part", of: module, what: "modules", isGroup: false, isNorm: null };
  if (fn?.kind === "function")
    machine.callFunction(fn, { positional: [part], keyword: new Map(), isComplete: true, nodes: [] }, site);
  else if (fn !== undefined && /bn|norm/i.test(nameOf(fn)) && /eval|fix|freez/i.test(nameOf(fn)))
    setPartMode(machine, { ...part, isNorm: true }, "eval", site);
  else if (fn !== undefined && /bn|norm/i.test(nameOf(fn)) && /train/i.test(nameOf(fn)))
    setPartMode(machine, { ...part, isNorm: true }, "train", site);
}

const nameOf = (value: Value): string =>
  value.kind === "external" ? value.path : value.kind === "unknown" ? [...value.names].join(" ") : "";

function load(machine: Machine, module: ObjectValue, args: Args, site: Site): void {
  const source = args.keyword.get("state_dict") ?? args.positional[0];
  const from = source?.kind === "part" ? source.of : null;
  machine.trace.loaded.add(module);
  machine.trace.transfers.push({ to: module, from, what: "state", place: machine.place(site) });
}
