/** torch.nn.Sequential, ModuleList and ModuleDict: what their constructors and methods do to their children. */
import type { SourceRange } from "../../protocol/modelGraph";
import type { CallArguments, Machine, ModuleConstructor } from "../interpreter/machine";
import { elementsOf, pairsOf } from "../interpreter/truth";
import { isModule, isUnknown } from "../interpreter/aboutValues";
import { list, none, string, tuple, unknown } from "../interpreter/newValues";
import type { UnknownValue, Value } from "../interpreter/values";
import { tensorsOf } from "../interpreter/tensorContainers";
import { parameterConstructors, tensorContainerMethods } from "./parameterContainers";
import { MODEL_METHODS } from "../libraries/transformersMethods";
import { addChild, initializeModule, note, type Module, type ModuleMethod } from "./moduleState";

/** torch.nn.Sequential: modules as arguments, or one OrderedDict of them. */
const initializeSequential: ModuleConstructor = (machine, instance, args, range) => {
  initializeModule(machine, instance, args, range);
  instance.module.container = "sequential";
  if (args.taint !== null) note(machine, instance, args.taint);
  const [only] = args.positional;
  if (only?.kind === "dict" && args.positional.length === 1) addMapping(machine, instance, only, range);
  else args.positional.forEach((child, index) => addChild(machine, instance, String(index), child, range));
};

function addMapping(machine: Machine, instance: Module, mapping: Value, range: SourceRange): void {
  const pairs = pairsOf(mapping, range);
  if (isUnknown(pairs)) {
    note(machine, instance, pairs);
    return;
  }
  for (const [key, child] of pairs) {
    if (key.kind === "string") addChild(machine, instance, key.value, child, range);
    else note(machine, instance, unknown("the name of a child is unknown", range));
  }
}

function addList(machine: Machine, instance: Module, values: Value, range: SourceRange): void {
  const elements = elementsOf(values, range);
  if (isUnknown(elements)) {
    note(machine, instance, elements);
    return;
  }
  const first = instance.module.children.size;
  elements.forEach((child, index) => {
    addChild(machine, instance, String(first + index), child, range);
  });
}

function containerOf(
  container: "list" | "dict",
  add: (machine: Machine, instance: Module, values: Value, range: SourceRange) => void,
): ModuleConstructor {
  return (machine, instance, args, range) => {
    initializeModule(machine, instance, args, range);
    instance.module.container = container;
    const modules = args.positional[0] ?? args.keywords.get("modules") ?? none;
    if (args.taint !== null) note(machine, instance, args.taint);
    else if (modules.kind !== "none") add(machine, instance, modules, range);
  };
}

/** torch.nn.DataParallel and DistributedDataParallel keep the model as their child `module`. */
const initializeWrapper: ModuleConstructor = (machine, instance, args, range) => {
  initializeModule(machine, instance, args, range);
  instance.module.container = "wrapper";
  addChild(
    machine,
    instance,
    "module",
    args.positional[0] ?? args.keywords.get("module") ?? unknown("no module is given to wrap", range),
    range,
  );
};

export const containerConstructors: readonly (readonly [string, ModuleConstructor])[] = [
  ...parameterConstructors,
  ["torch.nn.Sequential", initializeSequential],
  ["torch.nn.ModuleList", containerOf("list", addList)],
  ["torch.nn.ModuleDict", containerOf("dict", addMapping)],
  ["torch.nn.DataParallel", initializeWrapper],
  ["torch.nn.parallel.DistributedDataParallel", initializeWrapper],
];

/** Puts these children in the place of all there were. */
function replaceChildren(machine: Machine, { module }: Module, children: readonly (readonly [string, Value])[]): void {
  for (const name of [...module.children.keys()]) machine.journal.deleteChild(module, name);
  for (const [name, child] of children) machine.journal.setChild(module, name, child);
}

const numbered = (children: readonly Value[]): (readonly [string, Value])[] =>
  children.map((child, index) => [String(index), child] as const);

/** Whether the children have the names that a list gives them. */
const isNumbered = ({ module }: Module): boolean =>
  [...module.children.keys()].every((name, index) => name === String(index));

/** Says that which children the module has is not known from here on. */
function uncertain(machine: Machine, self: Module, cause: Value | undefined, reason: UnknownValue): UnknownValue {
  const result = cause?.kind === "unknown" ? { ...cause, isPlain: false } : reason;
  note(machine, self, result);
  return result;
}

const append: ModuleMethod = (machine, self, args, range) => {
  const [child = none] = args.positional;
  addChild(machine, self, String(self.module.children.size), child, range);
  return self;
};

const extend: ModuleMethod = (machine, self, args, range) => {
  addList(machine, self, args.positional[0] ?? none, range);
  return self;
};

/** The children after it get the next names. */
const insert: ModuleMethod = (machine, self, args, range) => {
  const index = args.positional[0] ?? args.keywords.get("index");
  const child = args.positional[1] ?? args.keywords.get("module");
  const count = self.module.children.size;
  const least = self.module.container === "sequential" ? -count : 0;
  if (index?.kind !== "int" || child === undefined || !isNumbered(self) || index.value < least || index.value > count)
    return uncertain(machine, self, index, unknown("it is unknown where this insert() puts the layer", range));
  const position = index.value < 0 ? index.value + count : index.value;
  if (!isModule(child) && child.kind !== "unknown")
    return append(machine, self, { ...args, positional: [child] }, range);
  replaceChildren(machine, self, numbered([...self.module.children.values()].toSpliced(position, 0, child)));
  return self;
};

/** Of a ModuleDict by key; of a list by index, and the children after it get the names before theirs. */
const pop: ModuleMethod = (machine, self, args, range) => {
  const key = args.positional[0] ?? args.keywords.get("key");
  const [taint] = self.module.unknowns;
  if (taint !== undefined) return taint;
  if (self.module.container === "dict") {
    const child = key?.kind === "string" ? self.module.children.get(key.value) : undefined;
    if (key?.kind !== "string" || (child === undefined && args.positional.length < 2))
      return uncertain(machine, self, key, unknown("it is unknown which child this removes", range));
    if (child !== undefined) machine.journal.deleteChild(self.module, key.value);
    return child ?? args.positional[1] ?? none;
  }
  const children = [...self.module.children.values()];
  const index = key?.kind === "int" ? (key.value < 0 ? key.value + children.length : key.value) : NaN;
  const child = children[index];
  if (child === undefined)
    return uncertain(machine, self, key, unknown("it is unknown which child this removes", range));
  replaceChildren(machine, self, numbered(children.toSpliced(index, 1)));
  return child;
};

const update: ModuleMethod = (machine, self, args, range) => {
  const [mapping] = args.positional;
  if (mapping !== undefined) addMapping(machine, self, mapping, range);
  for (const [name, child] of args.keywords) addChild(machine, self, name, child, range);
  if (args.taint !== null) note(machine, self, args.taint);
  return none;
};

const clear: ModuleMethod = (machine, self) => {
  replaceChildren(machine, self, []);
  return none;
};

const known =
  (give: (self: Module, args: CallArguments) => Value): ModuleMethod =>
  (_machine, self, args) =>
    self.module.unknowns[0] ?? give(self, args);

export const namedChildren = known((self) =>
  list([...self.module.children].map(([name, child]) => tuple([string(name), child]))),
);

/** `_modules.get("bn")`. */
const get = known((self, { positional: [key, fallback = none] }) =>
  key?.kind === "string"
    ? (self.module.children.get(key.value) ?? fallback)
    : key?.kind === "unknown"
      ? { ...key, isPlain: false }
      : fallback,
);

const moduleContainerMethods: Readonly<Record<string, ModuleMethod>> = {
  append,
  clear,
  extend,
  get,
  insert,
  items: namedChildren,
  keys: known((self) => list([...self.module.children.keys()].map(string))),
  pop,
  update,
  values: known((self) => list([...self.module.children.values()])),
};

/** The same names for containers of tensors; what only reads goes to the list or dict inside. */
export const containerMethods: Readonly<Record<string, ModuleMethod>> = Object.fromEntries(
  Object.entries(moduleContainerMethods).map(([name, ofModules]): [string, ModuleMethod] => [
    name,
    (machine, self, args, range) => {
      const tensors = tensorsOf(self);
      if (tensors === null) return ofModules(machine, self, args, range);
      const change = tensorContainerMethods[name];
      if (change !== undefined) return change(machine, self, args, range);
      const isReading = ["get", "items", "keys", "values"].includes(name);
      return isReading
        ? machine.call(machine.attribute(tensors, name, range), args, range)
        : uncertain(machine, self, undefined, unknown(`NormLens does not follow ${name}() of parameters`, range));
    },
  ]),
);

const CONTAINERS = new Set(containerConstructors.map(([path]) => path));

/** Only containers have the methods of containers, and only models of Transformers theirs. */
export function mayHave(path: string, method: string): boolean {
  if (MODEL_METHODS.has(method)) return path.startsWith("transformers.");
  return CONTAINERS.has(path) || !Object.hasOwn(containerMethods, method);
}

/** `module._modules`: a dict of the module's children that is the module itself in another form. */
export function childrenAsDict(module: Module): Value {
  return {
    kind: "instance",
    cls: { kind: "library", path: "torch.nn.ModuleDict" },
    attributes: new Map(),
    module: { ...module.module, parameters: new Map(), layer: null, container: "dict" },
    range: module.range,
  };
}
