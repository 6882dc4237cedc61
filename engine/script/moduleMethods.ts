/** Methods of networks: modes, parameters, weights that are loaded, layers that are added. */
import { elementsIn } from "./followExpression";
import { heldBy, numbered } from "./containers";
import { foreignBases } from "./tracedClasses";
import { forwardOf, markTrained } from "./forwards";
import type { Tracing } from "./tracing";
import { precisionSaid, setPrecision } from "./precision";
import { partsInside, written } from "./weights";
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
    case "__init__":
      return made(tracing, module, args);
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
        written(tracing, { to: module, from: source, what: "average", held: null }, site);
      return constant(null);
    case "load_state_dict":
      load(tracing, module, args, site);
      return module;
    case "add_module":
    case "register_module":
    case "append":
    case "extend":
    case "insert":
      addLayers(tracing, module, name, args);
      return module;
    case "values":
    case "items":
      return listView(tracing, module, name, site);
    default:
      if (CONVERTS.test(name)) setPrecision(tracing, module, precisionSaid(name, args), site);
      return CONVERTS.test(name) || /^(cuda|cpu|share_memory|to_empty|compile|requires_grad)$/.test(name)
        ? module
        : unreadableMethod(tracing, module, name, args, site);
  }
}

const CONVERTS = /^(half|bfloat16|float|double|to|type)$/;

/** `super().__init__(nn.Conv2d(…), nn.BatchNorm2d(…))` in a class that is an `nn.Sequential`. */
function made(tracing: Tracing, module: ObjectValue, args: Args): TracedValue {
  for (const base of module.cls === null ? [] : foreignBases(module.cls))
    for (const [key, value] of heldBy(base, args)) tracing.store.set(module.fields, key, value);
  return constant(null);
}

function addLayers(tracing: Tracing, module: ObjectValue, name: string, { positional }: Args): void {
  const [first, second] = positional;
  if (name === "add_module" || name === "register_module") {
    const key = first?.kind === "constant" ? String(first.value) : `?${module.fields.size}`;
    if (second !== undefined) tracing.store.set(module.fields, key, second);
    return;
  }
  for (const value of name === "extend" && first !== undefined ? elementsIn(first) : positional)
    tracing.store.set(module.fields, String(module.fields.size), value);
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
  return tracing.list("list", numbered(views), site);
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
    return tracing.list("list", numbered(children), site);
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
  const parts = source === undefined ? [] : partsInside(source);
  const what = parts.length > 0 && parts.every((part) => part.what === "parameters") ? "parameters" : "state";
  tracing.trace.loaded.add(module);
  const [first] = parts;
  if (first === undefined) written(tracing, { to: module, from: null, what, held: null }, site);
  for (const { of, held = null } of parts) written(tracing, { to: module, from: of, what, held }, site);
}
