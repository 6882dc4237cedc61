/** nn.Module itself and its containers: what their constructors and methods do. */
import type { SourceRange } from "../../protocol/modelGraph";
import type { CallArguments, LibraryFunction, Machine, ModuleConstructor } from "../interpreter/machine";
import { elementsOf, pairsOf } from "../interpreter/truth";
import { isUnknown, isModule } from "../interpreter/aboutValues";
import { bool, list, none, string, tuple, unknown, unknownPlain } from "../interpreter/newValues";
import type { InstanceValue, ModuleState, UnknownValue, Value } from "../interpreter/values";

type Module = InstanceValue & { readonly module: ModuleState };

function addChild(machine: Machine, parent: Module, name: string, child: Value, range: SourceRange): void {
  if (isModule(child) || child.kind === "unknown") machine.journal.setChild(parent.module, name, child);
  else if (child.kind !== "none")
    note(machine, parent, unknown("something that is not a layer is added as one", range));
}

/** Remembers on the module itself what is not known about it, except in a branch that may not run. */
function note(machine: Machine, module: Module, reason: UnknownValue): void {
  machine.journal.beforeModule(module);
  module.module.unknowns.push(reason);
}

const initializeModule: ModuleConstructor = (machine, instance) => {
  machine.journal.setVariable(instance.attributes, "training", { kind: "bool", value: true, isTrainingMode: true });
};

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

const initializeList: ModuleConstructor = (machine, instance, args, range) => {
  initializeModule(machine, instance, args, range);
  instance.module.container = "list";
  const modules = args.positional[0] ?? args.keywords.get("modules") ?? none;
  if (args.taint !== null) note(machine, instance, args.taint);
  else if (modules.kind !== "none") addList(machine, instance, modules, range);
};

const initializeDict: ModuleConstructor = (machine, instance, args, range) => {
  initializeModule(machine, instance, args, range);
  instance.module.container = "dict";
  const modules = args.positional[0] ?? args.keywords.get("modules") ?? none;
  if (args.taint !== null) note(machine, instance, args.taint);
  else if (modules.kind !== "none") addMapping(machine, instance, modules, range);
};

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

/** Module classes that are no layers, by path. Lightning's module is an nn.Module with training hooks. */
export const moduleConstructors: ReadonlyMap<string, ModuleConstructor> = new Map([
  ["torch.nn.Module", initializeModule],
  ["pytorch_lightning.LightningModule", initializeModule],
  ["lightning.LightningModule", initializeModule],
  ["lightning.pytorch.LightningModule", initializeModule],
  ["torch.nn.Sequential", initializeSequential],
  ["torch.nn.ModuleList", initializeList],
  ["torch.nn.ModuleDict", initializeDict],
  ["torch.nn.DataParallel", initializeWrapper],
  ["torch.nn.parallel.DistributedDataParallel", initializeWrapper],
]);

type ModuleMethod = (machine: Machine, self: Module, args: CallArguments, range: SourceRange) => Value;

function onModule(apply: ModuleMethod): LibraryFunction {
  return ({ machine, args, range }) => {
    const [self, ...positional] = args.positional;
    if (self === undefined || !isModule(self)) return unknown("a method of modules is called on something else", range);
    return apply(machine, self, { ...args, positional }, range);
  };
}

const returnsSelf: ModuleMethod = (_machine, self) => self;
const returnsNothing: ModuleMethod = () => none;

/** All modules below and including `self`, each once, as `named_modules()` orders them. */
export function namedModules(self: Value, prefix = "", seen = new Set<Value>()): [string, Value][] {
  if (seen.has(self)) return [];
  seen.add(self);
  const result: [string, Value][] = [[prefix, self]];
  if (!isModule(self)) return result;
  for (const [name, child] of self.module.children) {
    result.push(...namedModules(child, prefix === "" ? name : `${prefix}.${name}`, seen));
  }
  return result;
}

const modulesOf: ModuleMethod = (_machine, self) =>
  self.module.unknowns[0] ?? list(namedModules(self).map(([, value]) => value));

/** `self.apply(fn)` calls fn for every module, children first. */
const apply: ModuleMethod = (machine, self, args, range) => {
  const [fn] = args.positional;
  if (fn === undefined) return unknown("this apply() has no function", range);
  for (const [, child] of namedModules(self).reverse())
    machine.call(fn, { positional: [child], keywords: new Map(), taint: null }, range);
  return self;
};

const addModule: ModuleMethod = (machine, self, args, range) => {
  const name = args.positional[0] ?? args.keywords.get("name");
  const child = args.positional[1] ?? args.keywords.get("module");
  if (name?.kind === "string" && child !== undefined) addChild(machine, self, name.value, child, range);
  else note(machine, self, name?.kind === "unknown" ? name : unknown("the name of a child is unknown", range));
  return none;
};

const registerParameter: ModuleMethod = (machine, self, args, range) => {
  const [name, value = none] = args.positional;
  if (name?.kind === "string") machine.setAttribute(self, name.value, value, range);
  else note(machine, self, unknown("the name of a parameter is unknown", range));
  return none;
};

const registerBuffer: ModuleMethod = (machine, self, args) => {
  const [name] = args.positional;
  const buffer: Value = { kind: "tensor", node: null, shape: null, isParameter: false };
  if (name?.kind === "string") machine.journal.setVariable(self.attributes, name.value, buffer);
  return none;
};

const append: ModuleMethod = (machine, self, args, range) => {
  const [child = none] = args.positional;
  addChild(machine, self, String(self.module.children.size), child, range);
  return self;
};

const extend: ModuleMethod = (machine, self, args, range) => {
  addList(machine, self, args.positional[0] ?? none, range);
  return self;
};

const items: ModuleMethod = (_machine, self) =>
  self.module.unknowns[0] ?? list([...self.module.children].map(([name, child]) => tuple([string(name), child])));

/** A parameter iterator: how many there are does not matter to anything the reader follows. */
const parametersOf: ModuleMethod = (_machine, _self, _args, range) =>
  unknownPlain("NormLens does not follow the parameters of a model", range);

/** `self.__getattr__("level_%d" % i)`, written out instead of getattr. */
const getAttribute: ModuleMethod = (machine, self, args, range) => {
  const [name] = args.positional;
  return name?.kind === "string"
    ? machine.attribute(self, name.value, range)
    : unknown("the name of this attribute is unknown", range);
};

const setAttribute: ModuleMethod = (machine, self, args, range) => {
  const [name, value = none] = args.positional;
  if (name?.kind === "string") machine.setAttribute(self, name.value, value, range);
  else note(machine, self, unknown("the name of this attribute is unknown", range));
  return none;
};

/** `module.requires_grad_(False)` freezes the module's parameters. */
const requiresGrad: ModuleMethod = (machine, self, args, range) => {
  const value = args.positional[0] ?? args.keywords.get("requires_grad") ?? bool(true);
  if (!(value.kind === "bool" && value.value))
    machine.frozen.push(unknown("parameters are frozen here, and NormLens does not follow that yet", range));
  return self;
};

const methods: Readonly<Record<string, ModuleMethod>> = {
  __init__: returnsNothing,
  __getattr__: getAttribute,
  __setattr__: setAttribute,
  add_module: addModule,
  register_module: addModule,
  append,
  apply,
  buffers: parametersOf,
  children: (_machine, self) => self.module.unknowns[0] ?? list([...self.module.children.values()]),
  cpu: returnsSelf,
  cuda: returnsSelf,
  double: returnsSelf,
  eval: returnsSelf,
  extend,
  float: returnsSelf,
  half: returnsSelf,
  items,
  keys: (_machine, self) => self.module.unknowns[0] ?? list([...self.module.children.keys()].map(string)),
  load_state_dict: returnsNothing,
  modules: modulesOf,
  named_children: items,
  named_modules: (_machine, self) =>
    self.module.unknowns[0] ?? list(namedModules(self).map(([name, value]) => tuple([string(name), value]))),
  named_parameters: parametersOf,
  parameters: parametersOf,
  register_buffer: registerBuffer,
  register_parameter: registerParameter,
  requires_grad_: requiresGrad,
  reset_parameters: returnsNothing,
  save_hyperparameters: returnsNothing,
  share_memory: returnsSelf,
  state_dict: parametersOf,
  to: returnsSelf,
  train: returnsSelf,
  type: returnsSelf,
  values: (_machine, self) => self.module.unknowns[0] ?? list([...self.module.children.values()]),
  zero_grad: returnsNothing,
};

export const moduleMethods: ReadonlyMap<string, LibraryFunction> = new Map(
  Object.entries(methods).map(([name, apply_]) => [name, onModule(apply_)]),
);
