/** Methods of whatever a script has: networks, their parts, tensors, lists, optimizers, parsers. */
import { combined, elementsIn } from "./evaluate";
import { detached, markTrained } from "./forwards";
import type { Machine } from "./machine";
import { listView, ofModule } from "./moduleMethods";
import { ofPart } from "./partMethods";
import { callFunctions, unreadableCall } from "./unreadable";
import {
  constant,
  external,
  optionsOf,
  unionOf,
  type Args,
  type ClassValue,
  type ObjectValue,
  type Site,
  type Value,
} from "./values";

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

function ofTensor(
  machine: Machine,
  tensor: Extract<Value, { kind: "tensor" }>,
  name: string,
  args: Args,
  site: Site,
): Value {
  if (name === "backward") {
    markTrained(machine, [tensor], site);
    return constant(null);
  }
  if (name === "item" || name === "tolist") return machine.fresh([], [detached(tensor)]);
  const result = machine.tensor([tensor, ...args.positional, ...args.keyword.values()]);
  return /^(detach|detach_|numpy|data|argmax)$/.test(name) ? detached(result) : result;
}

function ofClass(machine: Machine, cls: ClassValue, name: string, args: Args, site: Site): Value {
  return /^(from_|load|create|build)/.test(name)
    ? machine.call(cls, { ...args, positional: [], isComplete: false }, site)
    : unreadableCall(machine, cls, name, args, site);
}

function ofObject(machine: Machine, object: ObjectValue, name: string, args: Args, site: Site): Value {
  const [first] = args.positional;
  if (object.type === "argparse.ArgumentParser") return ofParser(machine, object, name, args);
  if (object.type === "list" || object.type === "dict" || object.type === "tuple")
    return ofCollection(machine, object, name, args, site);
  if (object.type === "named") return object;
  if (name === "step" && isOptimizer(object, args)) {
    machine.trace.steps.push({ optimizer: object, place: machine.place(site) });
    callFunctions(machine, args.positional, site);
    return machine.fresh();
  }
  if (name === "prepare" || (name.startsWith("setup") && object.type.endsWith("Fabric")))
    return args.positional.length === 1
      ? (first ?? machine.fresh())
      : machine.list(
          "tuple",
          args.positional.map((value, index) => [String(index), value] as const),
          site,
        );
  if (name.endsWith("backward")) {
    markTrained(machine, args.positional, site);
    return machine.fresh();
  }
  if (/^(scale|scale_loss|unscale|to|cuda)$/.test(name) && first !== undefined)
    return name === "to" ? object : combined(machine, [first]);
  return unreadableCall(machine, object, name, args, site);
}

function isOptimizer({ type, names }: ObjectValue, args: Args): boolean {
  if (type.includes("lr_scheduler")) return false;
  return (
    /^torch\.optim\.|optim|Scaler/i.test(type) ||
    [...names].some((name) => /optim/i.test(name)) ||
    args.positional.some((value) => value.kind === "object" && /optim/i.test(value.type))
  );
}

/** `add_argument("--arch", default="resnet18")`: the option's value is unknown, its default is a hint. */
function ofParser(machine: Machine, parser: ObjectValue, name: string, args: Args): Value {
  if (name === "add_argument") {
    const flags = args.positional.flatMap((value) =>
      value.kind === "constant" && typeof value.value === "string" ? [value.value] : [],
    );
    const destination = args.keyword.get("dest");
    const flag =
      destination?.kind === "constant"
        ? String(destination.value)
        : (flags.find((text) => text.startsWith("--")) ?? flags[0] ?? "");
    const action = args.keyword.get("action");
    const given = args.keyword.get("default");
    const fallback =
      action?.kind === "constant" && action.value === "store_true"
        ? false
        : action?.kind === "constant" && action.value === "store_false"
          ? true
          : null;
    const hint = given === undefined ? fallback : given.kind === "constant" ? given.value : undefined;
    parser.fields.set(
      flag.replace(/^-+/, "").replace(/-/g, "_"),
      machine.fresh([], given === undefined ? [] : [given], hint),
    );
    return machine.fresh();
  }
  if (name === "add_argument_group" || name === "add_mutually_exclusive_group") return parser;
  if (!name.startsWith("parse")) return machine.fresh();
  const options = machine.fresh();
  for (const [key, value] of parser.fields) options.children.set(key, value);
  if (name !== "parse_known_args") return options;
  return machine.list(
    "tuple",
    [
      ["0", options],
      ["1", machine.fresh()],
    ],
    parser.site,
  );
}

function ofCollection(machine: Machine, object: ObjectValue, name: string, args: Args, site: Site): Value {
  const [first] = args.positional;
  switch (name) {
    case "append":
    case "insert":
    case "add":
      if (first !== undefined)
        machine.store.set(object.fields, String(object.fields.size), args.positional.at(-1) ?? first);
      return constant(null);
    case "extend":
      for (const value of first === undefined ? [] : optionsOf(first).flatMap(elementsIn))
        machine.store.set(object.fields, String(object.fields.size), value);
      return constant(null);
    case "update":
      for (const [key, value] of first?.kind === "object" ? first.fields : [])
        machine.store.set(object.fields, key, value);
      for (const [key, value] of args.keyword) machine.store.set(object.fields, key, value);
      return constant(null);
    case "values":
    case "items":
      return object.type === "dict" ? listView(machine, object, name, site) : machine.fresh();
    case "keys":
      return object;
    case "get":
    case "pop":
      return first?.kind === "constant"
        ? (object.fields.get(String(first.value)) ?? args.positional[1] ?? machine.fresh())
        : unionOf([...elementsIn(object), machine.fresh()]);
    case "copy":
      return object;
    default:
      return machine.fresh([], [object, ...args.positional]);
  }
}

export const typeOf = (value: Value): Value => (value.kind === "object" ? (value.cls ?? external(value.type)) : value);
