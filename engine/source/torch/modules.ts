/** nn.Module itself: what its constructor and methods do. Its containers are in containers.ts. */
import type { LibraryFunction, ModuleConstructor } from "../interpreter/machine";
import { isModule } from "../interpreter/aboutValues";
import { bool, list, none, string, tuple, unknown, unknownPlain } from "../interpreter/newValues";
import type { Value } from "../interpreter/values";
import { containerConstructors, containerMethods, namedChildren } from "./containers";
import { convForward } from "./functionalLayers";
import { MODEL_METHODS } from "../libraries/transformersMethods";
import { addChild, addUnnamed, initializeModule, note, type ModuleMethod } from "./moduleState";

/** Module classes that are no layers, by path. Lightning's module is an nn.Module with training hooks. */
export const moduleConstructors: ReadonlyMap<string, ModuleConstructor> = new Map([
  ["torch.nn.Module", initializeModule],
  ["pytorch_lightning.LightningModule", initializeModule],
  ["lightning.LightningModule", initializeModule],
  ["lightning.pytorch.LightningModule", initializeModule],
  ...containerConstructors,
]);

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
  else addUnnamed(machine, self, name, child, range);
  return none;
};

const registerParameter: ModuleMethod = (machine, self, args, range) => {
  const name = args.positional[0] ?? args.keywords.get("name");
  const value = args.positional[1] ?? args.keywords.get("param") ?? none;
  if (name?.kind === "string") machine.setAttribute(self, name.value, value, range);
  else note(machine, self, unknown("the name of a parameter is unknown", range));
  return none;
};

const registerBuffer: ModuleMethod = (machine, self, args) => {
  const name = args.positional[0] ?? args.keywords.get("name");
  const buffer: Value = { kind: "tensor", node: null, shape: null, isParameter: false };
  if (name?.kind === "string") machine.journal.setVariable(self.attributes, name.value, buffer);
  return none;
};

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
  ...containerMethods,
  __init__: returnsNothing,
  __getattr__: getAttribute,
  __setattr__: setAttribute,
  add_module: addModule,
  register_module: addModule,
  apply,
  buffers: parametersOf,
  children: (_machine, self) => self.module.unknowns[0] ?? list([...self.module.children.values()]),
  cpu: returnsSelf,
  cuda: returnsSelf,
  double: returnsSelf,
  eval: returnsSelf,
  float: returnsSelf,
  half: returnsSelf,
  load_state_dict: returnsNothing,
  modules: modulesOf,
  named_children: namedChildren,
  named_modules: (_machine, self) =>
    self.module.unknowns[0] ?? list(namedModules(self).map(([name, value]) => tuple([string(name), value]))),
  named_parameters: parametersOf,
  parameters: parametersOf,
  register_buffer: registerBuffer,
  register_parameter: registerParameter,
  requires_grad_: requiresGrad,
  ...Object.fromEntries([...MODEL_METHODS].map((name) => [name, returnsNothing])),
  reset_parameters: returnsNothing,
  save_hyperparameters: returnsNothing,
  share_memory: returnsSelf,
  state_dict: parametersOf,
  to: returnsSelf,
  train: returnsSelf,
  type: returnsSelf,
  zero_grad: returnsNothing,
};

export const moduleMethods: ReadonlyMap<string, LibraryFunction> = new Map([
  ...Object.entries(methods).map(([name, apply_]) => [name, onModule(apply_)] as const),
  ["_conv_forward", convForward],
]);
