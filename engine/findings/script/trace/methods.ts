/** Methods of networks, of their parts, of lists and of tensors. */
import { combined, elementsIn } from "./evaluate";
import { detached, forwardOf, markTrained } from "./forwards";
import type { Machine } from "./machine";
import { setGrad, setMode, setModeByFlag, setPartMode } from "./modes";
import { callFunctions, unreadableCall } from "./unreadable";
import { constant, external, modulesIn, optionsOf, unionOf, type Args, type ClassValue, type ObjectValue, type PartValue, type Site, type Value } from "./values";

export function callMethod(machine: Machine, self: Value, name: string, args: Args, site: Site): Value {
  switch (self.kind) {
    case "object":
      return self.isModule ? ofModule(machine, self, name, args, site) : ofObject(machine, self, name, args, site);
    case "part":
      return ofPart(machine, self, name, args, site);
    case "tensor":
      return ofTensor(machine, self, name, args, site);
    case "class":
      return ofClass(machine, self, name, args, site);
    case "constant":
      return machine.fresh([], [self, ...args.positional]);
    default:
      return unreadableCall(machine, self, name, args, site);
  }
}

function ofModule(machine: Machine, module: ObjectValue, name: string, args: Args, site: Site): Value {
  const [first] = args.positional;
  switch (name) {
    case "train":
      setModeByFlag(machine, module, args.keyword.get("mode") ?? first ?? constant(true), null, null, site);
      return module;
    case "eval": {
      const own = module.cls === null ? null : machine.member(module.cls, "train");
      if (own?.kind === "function") machine.callFunction({ ...own, self: module }, { ...args, positional: [constant(false)] }, site);
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
      for (const source of first === undefined ? [] : modulesIn(first)) machine.trace.transfers.push({ to: module, from: source, what: "average", place: machine.place(site) });
      return constant(null);
    case "load_state_dict":
      load(machine, module, args, site);
      return module;
    case "add_module":
    case "register_module":
      if (first?.kind === "constant" && args.positional[1] !== undefined) machine.store.set(module.fields, String(first.value), args.positional[1]);
      else if (args.positional[1] !== undefined) machine.store.set(module.fields, `?${module.fields.size}`, args.positional[1]);
      return module;
    case "append":
    case "extend":
    case "insert":
      for (const value of name === "extend" && first !== undefined ? elementsIn(first) : args.positional) machine.store.set(module.fields, String(module.fields.size), value);
      return module;
    case "values":
    case "items":
      return listView(machine, module, name, site);
    default:
      return /^(to|cuda|cpu|half|float|double|bfloat16|type|share_memory|to_empty|compile|requires_grad)$/.test(name) ? module : unreadableMethod(machine, module, name, args, site);
  }
}

/** A method of a class that is not readable: what it answers comes from the network. */
function unreadableMethod(machine: Machine, module: ObjectValue, name: string, args: Args, site: Site): Value {
  if (/^(__|zero_grad|register_|init_|print|summary|save|named_|get_|set_|load_|state|extra_repr|push_|freeze|unfreeze)/.test(name)) return machine.fresh([name], [...args.positional]);
  if (name.endsWith("backward")) {
    markTrained(machine, args.positional, site);
    return machine.fresh();
  }
  return forwardOf(machine, module, args, site);
}

function listView(machine: Machine, { fields }: ObjectValue, name: string, site: Site): Value {
  const entries = [...fields].filter(([key]) => !key.startsWith("#"));
  const views = entries.map(([key, value]) => (name === "values" ? value : machine.list("tuple", [["0", constant(key)], ["1", value]], site)));
  return machine.list("list", views.map((value, index) => [String(index), value] as const), site);
}

function partsOf(machine: Machine, module: ObjectValue, name: string, site: Site): Value {
  const plain = name.replace("named_", "");
  const what = plain === "children" || plain === "modules" ? "modules" : plain === "state_dict" ? "state" : (plain as "parameters" | "buffers");
  const children = elementsIn(module).filter(({ kind }) => kind === "object");
  // The direct children of a network that was read are what they are; of others, some part.
  if (name === "children" && module.cls !== null && children.length > 0) return machine.list("list", children.map((value, index) => [String(index), value] as const), site);
  const part: PartValue = { kind: "part", of: module, what, isGroup: true, isNorm: null };
  if (!name.startsWith("named_")) return part;
  return machine.object("named", { positional: [part], keyword: new Map(), isComplete: true, nodes: [] }, site);
}

/** `net.apply(fn)` calls it with every layer. */
export function applyToParts(machine: Machine, module: ObjectValue, fn: Value | undefined, site: Site): void {
  const part: PartValue = { kind: "part", of: module, what: "modules", isGroup: false, isNorm: null };
  if (fn?.kind === "function") machine.callFunction(fn, { positional: [part], keyword: new Map(), isComplete: true, nodes: [] }, site);
  else if (fn !== undefined && /bn|norm/i.test(nameOf(fn)) && /eval|fix|freez/i.test(nameOf(fn))) setPartMode(machine, { ...part, isNorm: true }, "eval", site);
  else if (fn !== undefined && /bn|norm/i.test(nameOf(fn)) && /train/i.test(nameOf(fn))) setPartMode(machine, { ...part, isNorm: true }, "train", site);
}

const nameOf = (value: Value): string => (value.kind === "external" ? value.path : value.kind === "unknown" ? [...value.names].join(" ") : "");

function load(machine: Machine, module: ObjectValue, args: Args, site: Site): void {
  const source = args.keyword.get("state_dict") ?? args.positional[0];
  const from = source?.kind === "part" ? source.of : null;
  machine.trace.loaded.add(module);
  machine.trace.transfers.push({ to: module, from, what: "state", place: machine.place(site) });
}

function ofPart(machine: Machine, part: PartValue, name: string, args: Args, site: Site): Value {
  const [first] = args.positional;
  switch (name) {
    case "eval":
      setPartMode(machine, part, "eval", site);
      return part;
    case "train": {
      const flag = first ?? args.keyword.get("mode");
      setPartMode(machine, part, flag === undefined || (flag.kind === "constant" && flag.value === true) ? "train" : flag.kind === "constant" ? "eval" : "unknown", site);
      return part;
    }
    case "requires_grad_":
      if (part.isNorm === null) setGradOfPart(machine, part, first ?? args.keyword.get("requires_grad") ?? constant(true), site);
      return part;
    case "parameters":
    case "buffers":
      return { ...part, what: name, isGroup: true };
    case "named_parameters":
      return machine.object("named", { ...args, positional: [{ ...part, what: "parameters", isGroup: true }] }, site);
    case "modules":
    case "children":
      return { ...part, isGroup: true };
    case "apply":
      if (part.isNorm === null) applyToParts(machine, part.of, first, site);
      return part;
    case "copy_":
    case "mul_":
    case "add_":
    case "lerp_":
    case "__setitem__":
      transfer(machine, part, args, site);
      return part;
    case "items":
      return machine.object("named", { ...args, positional: [{ ...part, isGroup: true }] }, site);
    case "values":
      return { ...part, isGroup: true };
    case "detach":
    case "clone":
    case "cpu":
    case "to":
    case "float":
      return part;
    default:
      return machine.fresh([], [part, ...args.positional]);
  }
}

/** One network's parameters or buffers written from another's. */
export function transfer(machine: Machine, part: PartValue, args: Args, site: Site): void {
  const sources = args.positional.flatMap((value) => partsInside(value)).filter((source) => source.of !== part.of);
  const what = part.what === "buffers" ? "buffers" : part.what === "state" ? "state" : "parameters";
  for (const source of sources) machine.trace.transfers.push({ to: part.of, from: source.of, what, place: machine.place(site) });
}

function partsInside(value: Value, depth = 4): PartValue[] {
  if (value.kind === "part") return [value];
  if (depth === 0) return [];
  return value.kind === "unknown" ? value.inputs.flatMap((input) => partsInside(input, depth - 1)) : optionsOf(value).flatMap((option) => (option === value ? [] : partsInside(option, depth - 1)));
}

/** `requires_grad = False` where a name decides which parameters it meets: only the head may stay out of it. */
export function setGradOfPart(machine: Machine, part: PartValue, flag: Value, site: Site): void {
  const test = machine.tests.at(-1);
  const text = test?.sorts === true ? test.file.text.slice(test.test.from, test.test.to) : "";
  const isPartial = text !== "" && /name|part|\bn\b|\bk\b|\bi\b|idx|key/i.test(text) && !/fc|head|classif|last|linear|logit|output/i.test(text);
  if (flag.kind === "constant") setGrad(machine, part.of, flag.value === true, site, isPartial);
  else setGrad(machine, part.of, true, site, true);
}

function ofTensor(machine: Machine, tensor: Extract<Value, { kind: "tensor" }>, name: string, args: Args, site: Site): Value {
  if (name === "backward") {
    markTrained(machine, [tensor], site);
    return constant(null);
  }
  if (name === "item" || name === "tolist") return machine.fresh([], [detached(tensor)]);
  const result = machine.tensor([tensor, ...args.positional, ...args.keyword.values()]);
  return /^(detach|detach_|numpy|data|argmax)$/.test(name) ? detached(result) : result;
}

function ofClass(machine: Machine, cls: ClassValue, name: string, args: Args, site: Site): Value {
  return /^(from_|load|create|build)/.test(name) ? machine.call(cls, { ...args, positional: [], isComplete: false }, site) : unreadableCall(machine, cls, name, args, site);
}

function ofObject(machine: Machine, object: ObjectValue, name: string, args: Args, site: Site): Value {
  const [first] = args.positional;
  if (object.type === "argparse.ArgumentParser") return ofParser(machine, object, name, args);
  if (object.type === "list" || object.type === "dict" || object.type === "tuple") return ofCollection(machine, object, name, args, site);
  if (object.type === "named") return object;
  if (name === "step" && isOptimizer(object, args)) {
    machine.trace.steps.push({ optimizer: object, place: machine.place(site) });
    callFunctions(machine, args.positional, site);
    return machine.fresh();
  }
  if (name === "prepare" || (name.startsWith("setup") && object.type.endsWith("Fabric"))) return args.positional.length === 1 ? (first ?? machine.fresh()) : machine.list("tuple", args.positional.map((value, index) => [String(index), value] as const), site);
  if (name.endsWith("backward")) {
    markTrained(machine, args.positional, site);
    return machine.fresh();
  }
  if (/^(scale|scale_loss|unscale|to|cuda)$/.test(name) && first !== undefined) return name === "to" ? object : combined(machine, [first]);
  return unreadableCall(machine, object, name, args, site);
}

function isOptimizer({ type, names }: ObjectValue, args: Args): boolean {
  if (type.includes('lr_scheduler')) return false;
  return /^torch\.optim\.|optim|Scaler/i.test(type) || [...names].some((name) => /optim/i.test(name)) || args.positional.some((value) => value.kind === "object" && /optim/i.test(value.type));
}

/** `add_argument("--arch", default="resnet18")`: the option's value is unknown, its default is a hint. */
function ofParser(machine: Machine, parser: ObjectValue, name: string, args: Args): Value {
  if (name === "add_argument") {
    const flags = args.positional.flatMap((value) => (value.kind === "constant" && typeof value.value === "string" ? [value.value] : []));
    const destination = args.keyword.get("dest");
    const flag = destination?.kind === "constant" ? String(destination.value) : (flags.find((text) => text.startsWith("--")) ?? flags[0] ?? "");
    const action = args.keyword.get("action");
    const given = args.keyword.get("default");
    const fallback = action?.kind === "constant" && action.value === "store_true" ? false : action?.kind === "constant" && action.value === "store_false" ? true : null;
    const hint = given === undefined ? fallback : given.kind === "constant" ? given.value : undefined;
    parser.fields.set(flag.replace(/^-+/, "").replace(/-/g, "_"), machine.fresh([], given === undefined ? [] : [given], hint));
    return machine.fresh();
  }
  if (name === "add_argument_group" || name === "add_mutually_exclusive_group") return parser;
  if (!name.startsWith("parse")) return machine.fresh();
  const options = machine.fresh();
  for (const [key, value] of parser.fields) options.children.set(key, value);
  if (name !== "parse_known_args") return options;
  return machine.list("tuple", [["0", options], ["1", machine.fresh()]], parser.site);
}

function ofCollection(machine: Machine, object: ObjectValue, name: string, args: Args, site: Site): Value {
  const [first] = args.positional;
  switch (name) {
    case "append":
    case "insert":
    case "add":
      if (first !== undefined) machine.store.set(object.fields, String(object.fields.size), args.positional.at(-1) ?? first);
      return constant(null);
    case "extend":
      for (const value of first === undefined ? [] : optionsOf(first).flatMap(elementsIn)) machine.store.set(object.fields, String(object.fields.size), value);
      return constant(null);
    case "update":
      for (const [key, value] of first?.kind === "object" ? first.fields : []) machine.store.set(object.fields, key, value);
      for (const [key, value] of args.keyword) machine.store.set(object.fields, key, value);
      return constant(null);
    case "values":
    case "items":
      return object.type === "dict" ? listView(machine, object, name, site) : machine.fresh();
    case "keys":
      return object;
    case "get":
    case "pop":
      return first?.kind === "constant" ? (object.fields.get(String(first.value)) ?? args.positional[1] ?? machine.fresh()) : unionOf([...elementsIn(object), machine.fresh()]);
    case "copy":
      return object;
    default:
      return machine.fresh([], [object, ...args.positional]);
  }
}

export const typeOf = (value: Value): Value => (value.kind === "object" ? (value.cls ?? external(value.type)) : value);
