import { partOf } from "./openValues";
import { pathAttribute } from "./paths";
import type { SourceRange } from "../../protocol/modelGraph";
import { unknownBase } from "./classes";
import { builtinMethod } from "./methods/builtinMethod";
import { ALIAS, aliasedAttribute, aliasOf, AttributeEntries, dictOf } from "./dictObject";
import type { Machine } from "./machine";
import { classesAfterOwner, memberOf } from "./members";
import { memberOfModule } from "./moduleMembers";
import { describeKind, kindWithArticle, withArticle } from "./truth";
import { childrenAsDict } from "../torch/containers";
import { isModule, numberOf } from "./aboutValues";
import { library, method, string, tuple, unknown, unknownPlain, unknownSetting } from "./newValues";
import type {
  ClassValue,
  InstanceValue,
  LayerDescription,
  ModuleState,
  NamespaceValue,
  TensorOwner,
  Value,
} from "./values";

/** `object.name`. */
export function attributeOf(machine: Machine, object: Value, name: string, range: SourceRange): Value {
  switch (object.kind) {
    case "unknown":
      return object;
    case "open":
      return partOf(object, name, range);
    case "path":
      return pathAttribute(object, name) ?? method(object, name);
    case "file":
      return method(object, name);
    case "instance":
      return instanceAttribute(machine, object, name, range) ?? missingAttribute(machine, object, name, range);
    case "class":
      return classAttribute(machine, object, name, range);
    case "super":
      return (
        memberOf(machine, classesAfterOwner(object.self, object.after), object.self, name) ??
        noSuchAttribute(object, name, range)
      );
    case "library":
      return libraryAttribute(machine, object.path, name);
    case "namespace":
      return (
        memberOfModule(machine, object.request, name, range) ??
        unknown(`NormLens does not read ${object.request.module}.${name}`, range)
      );
    case "tensor":
      return tensorAttribute(machine, object, name, range);
    default:
      return builtinAttribute(object, name, range);
  }
}

function instanceAttribute(machine: Machine, object: InstanceValue, name: string, range: SourceRange): Value | null {
  const own = aliasedAttribute(object, name) ?? object.attributes.get(name) ?? object.module?.children.get(name);
  if (own !== undefined) return own;
  const computed = object.module === null ? null : machine.library.moduleAttribute(machine, object, name, range);
  if (computed !== null) return computed;
  if (name === "__class__") return object.cls;
  if (name === "__module__") return unknownPlain("NormLens does not follow the __module__ of a class", range);
  if (name === "__dict__") return attributesAsDict(machine, object, range);
  const inherited = memberOf(machine, object.cls.kind === "class" ? object.cls.mro : [object.cls], object, name);
  if (inherited !== null) return inherited;
  if (isModule(object) && name === "_modules") return childrenAsDict(object);
  if (isModule(object) && (name === "_parameters" || name === "_buffers"))
    return tensorsAsDict(machine, object, name === "_parameters", range);
  return layerAttribute(object, name, range) ?? computedAttribute(machine, object, name, range);
}

/** `object.__dict__`, which is the object itself where it is a dict of its attributes. */
function attributesAsDict(machine: Machine, object: InstanceValue, range: SourceRange): Value {
  const write = (name: string, value: Value): void => {
    // A module registers nothing that comes this way.
    if (object.module === null) assignAttribute(machine, object, name, value, range);
    else machine.journal.setVariable(object.attributes, name, value);
  };
  return aliasOf(object) ?? { kind: "dict", entries: new AttributeEntries(object.attributes, write), taint: null };
}

/** `module._parameters`, `module._buffers`: what is written into them is registered. */
function tensorsAsDict(machine: Machine, object: Module, areParameters: boolean, range: SourceRange): Value {
  const write = (name: string, value: Value): void => {
    if (areParameters) assignAttribute(machine, object, name, value, range);
    else machine.journal.setVariable(object.attributes, name, value);
  };
  const named = [...object.attributes].filter(
    ([name, value]) => value.kind === "tensor" && object.module.parameters.has(name) === areParameters,
  );
  return { kind: "dict", entries: new AttributeEntries(new Map(named), write), taint: null };
}

/** What a `__getattr__` of the user's gives; null where it raises, and where there is none. */
function computedAttribute(machine: Machine, object: InstanceValue, name: string, range: SourceRange): Value | null {
  if (object.module !== null || object.cls.kind !== "class" || /^__\w+__$/.test(name)) return null;
  const hook = memberOf(machine, object.cls.mro, object, "__getattr__");
  if (hook === null) return null;
  const args = { positional: [...selfOf(hook, object), string(name)], keywords: new Map(), taint: null };
  const value = machine.collecting([], () => machine.call(hook, args, range));
  return value.kind === "unknown" && /an exception is raised here|raises a KeyError/.test(value.reason) ? null : value;
}

/** A function of a library that a class has under a name gets the instance in front, as any method does. */
const selfOf = (callee: Value, object: InstanceValue): Value[] => (callee.kind === "library" ? [object] : []);

/** Sets an attribute by the `__setattr__` of the user's class; false where there is none. */
function assignByHook(
  machine: Machine,
  object: InstanceValue,
  name: string,
  value: Value,
  range: SourceRange,
): boolean {
  const classes = object.cls.kind === "class" ? object.cls.mro.filter((entry) => entry.kind === "class") : [];
  const hook = memberOf(machine, classes, object, "__setattr__");
  if (hook === null) return false;
  const args = { positional: [...selfOf(hook, object), string(name), value], keywords: new Map(), taint: null };
  machine.call(hook, args, range);
  return true;
}

/** `object.__dict__ = …`: the object itself, or another dict. */
function assignDict(machine: Machine, object: InstanceValue, value: Value, range: SourceRange): void {
  const content = dictOf(value);
  if (content === null) machine.report(unknown("the attributes of this object are unknown", range));
  else if (value === object) machine.journal.setVariable(object.attributes, ALIAS, content);
  else
    for (const entry of content.entries.values())
      if (entry.key.kind === "string") assignAttribute(machine, object, entry.key.value, entry.value, range);
}

/** An attribute of an object that is no module. */
function assignPlain(machine: Machine, object: InstanceValue, name: string, value: Value, range: SourceRange): void {
  const alias = aliasOf(object);
  if (name === "__dict__") assignDict(machine, object, value, range);
  else if (assignByHook(machine, object, name, value, range)) return;
  else if (alias === null) machine.journal.setVariable(object.attributes, name, value);
  else {
    machine.journal.beforeDict(alias);
    alias.entries.set(`s:${name}`, { key: string(name), value });
  }
}

/** Attributes of a layer that carry no structure: its tensors, and settings the reader did not keep. */
function layerAttribute(object: InstanceValue, name: string, range: SourceRange): Value | null {
  if (object.module?.layer === null || object.module === null) return null;
  if (["weight", "running_mean", "running_var"].includes(name))
    return { kind: "tensor", node: null, shape: null, isParameter: true, of: { layer: object, name } };
  return unknownPlain(`NormLens does not follow the attribute ${name} of ${kindWithArticle(object)}`, range);
}

/** True when the attribute may be set by something the reader did not follow, so its absence proves nothing. */
function missingAttribute(machine: Machine, object: InstanceValue, name: string, range: SourceRange): Value {
  const base = object.cls.kind === "class" ? unknownBase(machine, object.cls) : null;
  return base ?? object.module?.unknowns[0] ?? noSuchAttribute(object, name, range);
}

function noSuchAttribute(object: Value, name: string, range: SourceRange): Value {
  return unknown(`NormLens knows no attribute ${name} of ${kindWithArticle(object)}`, range);
}

/** Whether `hasattr` is true; null when that is unknown. */
export function hasAttribute(machine: Machine, object: Value, name: string, range: SourceRange): boolean | null {
  if (object.kind !== "instance") return null;
  const value = instanceAttribute(machine, object, name, range);
  if (value !== null) return value.kind === "unknown" ? null : true;
  const base = object.cls.kind === "class" ? unknownBase(machine, object.cls) : null;
  return base === null && (object.module?.unknowns.length ?? 0) === 0 ? false : null;
}

function classAttribute(machine: Machine, object: ClassValue, name: string, range: SourceRange): Value {
  if (name === "__name__" || name === "__qualname__") return string(object.name);
  if (name === "__mro__") return tuple(object.mro);
  if (name === "__module__") return unknownPlain("NormLens does not follow the __module__ of a class", range);
  return (
    memberOf(machine, object.mro, object, name) ?? unknownBase(machine, object) ?? noSuchAttribute(object, name, range)
  );
}

function libraryAttribute(machine: Machine, path: string, name: string): Value {
  if (name === "__name__") return string(path.split(".").at(-1) ?? path);
  const full = machine.library.canonicalPath(`${path}.${name}`);
  return machine.modules.builtIn(full) ?? machine.library.constant(full) ?? library(full);
}

function tensorAttribute(machine: Machine, object: Value, name: string, range: SourceRange): Value {
  const value = machine.library.tensorAttribute(machine, object, name, range);
  if (value !== null) return value;
  return machine.library.tensorMethod(name) === null
    ? unknown(`NormLens does not follow the tensor attribute ${name}`, range)
    : method(object, name);
}

function builtinAttribute(object: Value, name: string, range: SourceRange): Value {
  if (builtinMethod(object, name) !== null) return method(object, name);
  // `x.max(1).values`: what PyTorch returns has names.
  const part = { values: 0, indices: 1 }[name];
  if (object.kind === "tuple" && part !== undefined && object.elements[part]?.kind === "tensor")
    return object.elements[part];
  // A size in TensorFlow 1 is a Dimension.
  if ((object.kind === "int" || object.kind === "none") && name === "value") return object;
  if (object.kind === "function" && name === "__name__") return string(object.name);
  if (object.kind === "function" && name === "__module__")
    return unknownPlain("NormLens does not follow the __module__ of a function", range);
  if (object.kind === "partial" && name === "func") return object.callee;
  return unknown(`${describeKind(object)}.${name}`, range);
}

/** `object.name = value`. */
export function assignAttribute(machine: Machine, object: Value, name: string, value: Value, range: SourceRange): void {
  if (name === "requires_grad" && !(value.kind === "bool" && value.value))
    machine.frozen.push(unknown("parameters are frozen here, and NormLens does not follow that yet", range));
  if (object.kind === "open") machine.journal.setVariable(object.parts, name, value);
  else if (object.kind === "class") machine.journal.setVariable(object.namespace, name, value);
  else if (isModule(object)) assignModuleAttribute(machine, object, name, value, range);
  else if (object.kind === "instance") assignPlain(machine, object, name, value, range);
  else if (object.kind === "list" || object.kind === "dict")
    machine.report(unknown(`NormLens does not follow setting an attribute of ${withArticle(object.kind)}`, range));
  else if (object.kind === "namespace") replaceInModule(machine, object, name, range);
  else if (object.kind === "library") replaceInLibrary(machine, `${object.path}.${name}`, range);
  else if (object.kind === "tensor" && name === "data" && object.of !== undefined)
    replaceData(machine, object.of, value);
  else if (object.kind === "tensor" && object.node !== null && name === "data")
    machine.report(unknown("the data of a tensor changes in place", range));
}

/** `conv.weight.data = …` has the sizes of the weight; with others the layer is another one. */
function replaceData(machine: Machine, { layer, name }: TensorOwner, value: Value): void {
  if (!isModule(layer) || name !== "weight" || value.kind !== "tensor" || value.shape === null) return;
  const count = layer.module.layer === null ? null : weightCount(layer.module.layer);
  if (count === null || count === value.shape.reduce((total, size) => total * size, 1)) return;
  machine.journal.beforeModule(layer);
  layer.module.unknowns.push(unknown("the weight of this layer is replaced by one of another size", layer.range));
}

/** How many values the weight of a layer has; null where that is not known. */
function weightCount({ op, parameters }: LayerDescription): number | null {
  if (parameters === null) return null;
  if (op.kind === "linear") return op.inFeatures * op.outFeatures;
  return op.kind === "conv2d" || op.kind === "convTranspose2d" ? parameters - (op.bias ? op.outChannels : 0) : null;
}

/**
 * `config.width = 8`: imports are evaluated when they are needed, so it is not known which of them came before. The
 * name is unknown to all that read it from now on.
 */
function replaceInModule(machine: Machine, object: NamespaceValue, name: string, range: SourceRange): void {
  const module = machine.modules.load(object.request, range);
  if (module === null || "kind" in module) return;
  machine.journal.setVariable(
    module.scope.variables,
    name,
    unknown(`another file replaces ${name} of ${module.path}`, range),
  );
}

/** `nn.Linear = MyLinear` would make every later layer another one. */
function replaceInLibrary(machine: Machine, path: string, range: SourceRange): void {
  const full = machine.library.canonicalPath(path);
  if (machine.library.moduleClass(full) !== null || machine.library.function(full) !== null)
    machine.frozen.push(unknown(`the file replaces ${full} here`, range));
}

type Module = InstanceValue & { readonly module: ModuleState };

/** Attributes whose change after construction changes nothing that the graph shows. */
const HARMLESS_SETTINGS = new Set(["training", "inplace", "_is_leaf_module"]);

/** `bn.eps = 1e-3` and `bn.momentum = 0.01` count; any other change of a layer's own settings is not followed. */
function reconfigureLayer(machine: Machine, object: Module, name: string, value: Value): boolean {
  const { layer } = object.module;
  // `layer.weight = init.normal_(layer.weight)` gives it back what it had.
  if (value.kind === "tensor" && value.of?.layer === object && value.of.name === name) return true;
  const isSetting = object.attributes.has(name) || ["weight", "bias"].includes(name);
  if (layer === null || !isSetting || HARMLESS_SETTINGS.has(name)) return false;
  const setting = numberOf(value);
  machine.journal.beforeModule(object);
  if (layer.op.kind === "batchNorm" && setting !== null && (name === "eps" || name === "momentum")) {
    const op = name === "eps" ? { ...layer.op, epsilon: setting } : { ...layer.op, runningStatsUpdateWeight: setting };
    object.module.layer = { ...layer, op };
  } else {
    const op = { kind: "other", className: layer.className } as const;
    const reason = `the ${name} of this ${layer.className} changes after it was created`;
    object.module.layer = { ...layer, op, parameters: null };
    object.module.unknowns.push(
      value.kind === "unknown" ? value : { kind: "unknown", reason, range: layer.range, isPlain: false },
    );
  }
  machine.journal.setVariable(object.attributes, name, value);
  return true;
}

/** torch.nn.Module.__setattr__: modules and parameters are registered, in the order of their first assignment. */
function assignModuleAttribute(machine: Machine, object: Module, name: string, value: Value, range: SourceRange): void {
  const { journal } = machine;
  const { children, parameters } = object.module;
  if (object.module.layer !== null && reconfigureLayer(machine, object, name, value)) return;
  if (isModule(value)) {
    if (object.attributes.has(name)) journal.deleteVariable(object.attributes, name);
    journal.setChild(object.module, name, value);
    return;
  }
  if (value.kind === "tensor" && value.isParameter) {
    journal.setParameter(
      object.module,
      name,
      value.shape === null ? null : value.shape.reduce((total, size) => total * size, 1),
    );
    if (value.shape === null && !journal.isUncertain)
      object.module.unknowns.push(unknownSetting("the size of this parameter is unknown", range));
  } else if (value.kind === "unknown" && !value.isPlain && !journal.isUncertain) object.module.unknowns.push(value);
  // A child that is replaced by something else keeps its place only if that may be a module too.
  const replacesChild = children.has(name) && (value.kind === "none" || value.kind === "unknown");
  if (replacesChild && value.kind === "unknown") journal.setChild(object.module, name, value);
  else if (replacesChild) journal.deleteChild(object.module, name);
  if (parameters.has(name) && value.kind === "none") journal.setParameter(object.module, name, 0);
  journal.setVariable(object.attributes, name, value);
}
