/** Methods of whatever a script has: networks, their parts, tensors, lists, optimizers, parsers. */
import { numbered } from "./containers";
import { impliedDefault, type OptionDescription, optionName } from "../python/commandLineOption";
import { combined, elementsIn, textFrom } from "./followExpression";
import { detached, markTrained } from "./forwards";
import type { Tracing } from "./tracing";
import { GENERATOR, arrayMade } from "./numpyArrays";
import { callBuiltin } from "./pythonBuiltins";
import { isLoader } from "./dataSize";
import { recordCall } from "./recordCall";
import { factsAfter } from "./tensorFacts";
import { isPipeline, pipelineAfter } from "./tfData";
import { listView, ofModule } from "./moduleMethods";
import { ofPart } from "./partMethods";
import { callFunctions, unreadableCall } from "./unreadable";
import {
  constant,
  optionsOf,
  unionOf,
  type Args,
  type TracedClass,
  type ObjectValue,
  type Site,
  type TracedValue,
} from "./tracedValues";

export function callMethod(tracing: Tracing, self: TracedValue, name: string, args: Args, site: Site): TracedValue {
  switch (self.kind) {
    case "object":
      return self.isModule ? ofModule(tracing, self, name, args, site) : ofObject(tracing, self, name, args, site);
    case "part":
      return ofPart(tracing, self, name, args, site);
    case "tensor":
      return ofTensor(tracing, self, name, args, site);
    case "class":
      return ofClass(tracing, self, name, args, site);
    case "constant":
      return ofConstant(tracing, self, name, args);
    default:
      return unreadableCall(tracing, self, name, args, site);
  }
}

/** `"models.{}".format(args.arch)` */
function ofConstant(
  tracing: Tracing,
  self: Extract<TracedValue, { kind: "constant" }>,
  name: string,
  { positional, keyword }: Args,
): TracedValue {
  const pieces = typeof self.value === "string" ? self.value.split("{}") : [];
  if (name !== "format" || keyword.size > 0 || pieces.length !== positional.length + 1)
    return tracing.fresh([], [self, ...positional]);
  return textFrom(
    tracing,
    pieces.flatMap((piece, index) => [constant(piece), ...positional.slice(index, index + 1)]),
  );
}

function ofTensor(
  tracing: Tracing,
  tensor: Extract<TracedValue, { kind: "tensor" }>,
  name: string,
  args: Args,
  site: Site,
): TracedValue {
  if (name === "backward") {
    markTrained(tracing, [tensor], site);
    return constant(null);
  }
  if (name === "item" || name === "tolist") return tracing.fresh([], [detached(tensor)]);
  if (/^(isfinite|isnan|isinf)$/.test(name)) noteCheck(tracing, tensor, name, args, site);
  const result = {
    ...tracing.tensor([tensor, ...args.positional, ...args.keyword.values()]),
    ...factsAfter(tensor, name, args),
  };
  return /^(detach|detach_|numpy|data|argmax)$/.test(name) ? detached(result) : result;
}

/** `loss.isfinite()`, like `torch.isfinite(loss)`. */
function noteCheck(tracing: Tracing, tensor: TracedValue, name: string, args: Args, site: Site): void {
  recordCall(tracing, `torch.${name}`, { ...args, positional: [tensor] }, tensor, site);
}

function ofClass(tracing: Tracing, cls: TracedClass, name: string, args: Args, site: Site): TracedValue {
  return /^(from_|load|create|build)/.test(name)
    ? tracing.call(cls, { ...args, positional: [], isComplete: false }, site)
    : unreadableCall(tracing, cls, name, args, site);
}

function ofObject(tracing: Tracing, object: ObjectValue, name: string, args: Args, site: Site): TracedValue {
  const [first] = args.positional;
  if (object.type === "argparse.ArgumentParser") return ofParser(tracing, object, name, args);
  if (object.type === "list" || object.type === "dict" || object.type === "tuple")
    return ofCollection(tracing, object, name, args, site);
  if (object.type === "named") return object;
  const data = ofData(tracing, object, name, args, site);
  if (data !== null) return data;
  const array = GENERATOR.test(object.type) ? arrayMade(tracing, name, args) : null;
  if (array !== null) return array;
  if (name === "step" && isOptimizer(object, args)) {
    tracing.trace.steps.push({ optimizer: object, place: tracing.place(site) });
    callFunctions(tracing, args.positional, site);
    return tracing.fresh();
  }
  if (name === "prepare" || (name.startsWith("setup") && object.type.endsWith("Fabric")))
    return args.positional.length === 1
      ? (first ?? tracing.fresh())
      : tracing.list("tuple", numbered(args.positional), site);
  if (name.endsWith("backward")) {
    markTrained(tracing, args.positional, site);
    return tracing.fresh();
  }
  if (/^(scale|scale_loss|unscale|to|cuda)$/.test(name) && first !== undefined)
    return name === "to" ? object : combined(tracing, [first]);
  return unreadableCall(tracing, object, name, args, site);
}

/** Pipelines, loaders and their iterators: `iterator.next()` is how Python 2 has it, and PyTorch up to 1.12. */
function ofData(tracing: Tracing, object: ObjectValue, name: string, args: Args, site: Site): TracedValue | null {
  if (isPipeline(object)) return pipelineAfter(tracing, object, name, args, site);
  if (!isLoader(object) && object.type !== "enumerate" && object.type !== "zip") return null;
  if (name === "__iter__") return object;
  return name === "next" || name === "__next__"
    ? callBuiltin(tracing, "next", { ...args, positional: [object] }, site)
    : null;
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
function ofParser(tracing: Tracing, parser: ObjectValue, name: string, args: Args): TracedValue {
  if (name === "add_argument") {
    const given = args.keyword.get("default");
    const option = optionOf(args);
    const hint = given === undefined ? impliedDefault(option) : given.kind === "constant" ? given.value : undefined;
    const value = tracing.fresh([], given === undefined ? [] : [given], hint);
    tracing.store.reveal(parser.fields, optionName(option) ?? "", value);
    return tracing.fresh();
  }
  if (name === "add_argument_group" || name === "add_mutually_exclusive_group") return parser;
  if (!name.startsWith("parse")) return tracing.fresh();
  const options = { ...tracing.fresh(), children: new Map(parser.fields) };
  if (name !== "parse_known_args") return options;
  return tracing.list(
    "tuple",
    [
      ["0", options],
      ["1", tracing.fresh()],
    ],
    parser.site,
  );
}

function optionOf({ positional, keyword }: Args): OptionDescription {
  const text = (value: TracedValue | undefined): string | null =>
    value?.kind === "constant" && typeof value.value === "string" ? value.value : null;
  const flags = positional.map(text).filter((flag) => flag !== null);
  return { flags, dest: text(keyword.get("dest")), action: text(keyword.get("action")) };
}

function ofCollection(tracing: Tracing, object: ObjectValue, name: string, args: Args, site: Site): TracedValue {
  const [first] = args.positional;
  switch (name) {
    case "append":
    case "insert":
    case "add":
      if (first !== undefined)
        tracing.store.set(
          object.fields,
          String(object.fields.size),
          pickedHere(tracing, args.positional.at(-1) ?? first),
        );
      return constant(null);
    case "extend":
      for (const value of first === undefined ? [] : optionsOf(first).flatMap(elementsIn))
        tracing.store.set(object.fields, String(object.fields.size), value);
      return constant(null);
    case "update":
      for (const [key, value] of first?.kind === "object" ? first.fields : [])
        tracing.store.set(object.fields, key, value);
      for (const [key, value] of args.keyword) tracing.store.set(object.fields, key, value);
      return constant(null);
    case "values":
    case "items":
      return object.type === "dict" ? listView(tracing, object, name, site) : tracing.fresh();
    case "keys":
      return object;
    case "get":
    case "pop":
      return first?.kind === "constant"
        ? (object.fields.get(String(first.value)) ?? args.positional[1] ?? tracing.fresh())
        : unionOf([...elementsIn(object), tracing.fresh()]);
    case "copy":
      return object;
    default:
      return tracing.fresh([], [object, ...args.positional]);
  }
}

/** A branch on something else than the parameter itself may leave some out of a list. */
function pickedHere({ tests, loops }: Tracing, value: TracedValue): TracedValue {
  if (value.kind !== "part" || value.isGroup || value.what !== "parameters") return value;
  const isOpen = tests.some((test) => !test.sorts && test.isOpen && test.loops === loops.length);
  return isOpen ? { ...value, picked: "unknown" } : value;
}
