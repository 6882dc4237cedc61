/** torch.nn.ParameterList, ParameterDict and their like for buffers: tensors that are attributes of a module. */
import type { SourceRange } from "../../protocol/modelGraph";
import type { Machine, ModuleConstructor } from "../interpreter/machine";
import { isModule, isUnknown } from "../interpreter/aboutValues";
import { list, none, string, unknown } from "../interpreter/newValues";
import { elementsOf, pairsOf } from "../interpreter/truth";
import { CONTENT, tensorsOf } from "../interpreter/tensorContainers";
import type { Value } from "../interpreter/values";
import { initializeModule, note, type Module, type ModuleMethod } from "./moduleState";

type Container = "tensorList" | "tensorDict";

/** Tensors that are put into a ParameterList or ParameterDict become parameters. */
function added(machine: Machine, self: Module, name: string, value: Value, range: SourceRange): Value {
  const isBuffer = self.cls.kind === "library" && self.cls.path.includes("Buffer");
  const tensor = value.kind === "tensor" && !isBuffer && !value.isParameter ? { ...value, isParameter: true } : value;
  if (tensor.kind === "unknown") note(machine, self, { ...tensor, isPlain: false });
  else machine.setAttribute(self, name, tensor, range);
  return tensor;
}

function constructor(container: Container): ModuleConstructor {
  return (machine, instance, args, range) => {
    initializeModule(machine, instance, args, range);
    instance.module.container = container;
    const content: Value = container === "tensorList" ? list([]) : { kind: "dict", entries: new Map(), taint: null };
    machine.journal.setVariable(instance.attributes, CONTENT, content);
    const given = args.positional[0] ?? [...args.keywords.values()][0] ?? none;
    if (args.taint !== null) note(machine, instance, args.taint);
    else if (given.kind !== "none") fill(machine, instance, given, range);
  };
}

function fill(machine: Machine, self: Module, given: Value, range: SourceRange): void {
  const content = self.attributes.get(CONTENT);
  if (content?.kind === "dict") {
    const pairs = pairsOf(given, range);
    if (isUnknown(pairs)) note(machine, self, pairs);
    else for (const [key, value] of pairs) setEntry(machine, self, key, value, range);
    return;
  }
  const elements = elementsOf(given, range);
  if (isUnknown(elements)) note(machine, self, elements);
  else for (const element of elements) push(machine, self, element, range);
}

function push(machine: Machine, self: Module, value: Value, range: SourceRange): void {
  const content = self.attributes.get(CONTENT);
  if (content?.kind !== "list") return;
  machine.journal.beforeList(content);
  content.elements.push(added(machine, self, String(content.elements.length), value, range));
}

function setEntry(machine: Machine, self: Module, key: Value, value: Value, range: SourceRange): void {
  const content = self.attributes.get(CONTENT);
  if (content?.kind !== "dict" || key.kind !== "string") {
    note(machine, self, key.kind === "unknown" ? key : unknown("the name of a parameter is unknown", range));
    return;
  }
  machine.journal.beforeDict(content);
  content.entries.set(`s:${key.value}`, { key, value: added(machine, self, key.value, value, range) });
}

export const parameterConstructors: readonly (readonly [string, ModuleConstructor])[] = [
  ["torch.nn.ParameterList", constructor("tensorList")],
  ["torch.nn.BufferList", constructor("tensorList")],
  ["torch.nn.ParameterDict", constructor("tensorDict")],
  ["torch.nn.BufferDict", constructor("tensorDict")],
];

/** The methods of containers of modules, for containers of tensors; null for what they do in no other way. */
export const tensorContainerMethods: Readonly<Record<string, ModuleMethod>> = {
  append: (machine, self, args, range) => {
    push(machine, self, args.positional[0] ?? none, range);
    return self;
  },
  extend: (machine, self, args, range) => {
    fill(machine, self, args.positional[0] ?? none, range);
    return self;
  },
  update: (machine, self, args, range) => {
    if (args.positional[0] !== undefined) fill(machine, self, args.positional[0], range);
    for (const [name, value] of args.keywords) setEntry(machine, self, string(name), value, range);
    return none;
  },
};

/** `weights["a"] = nn.Parameter(…)`, `weights[0] = …`. */
export function assignTensor(machine: Machine, self: Value, index: Value, value: Value, range: SourceRange): boolean {
  if (!isModule(self)) return false;
  const content = tensorsOf(self);
  if (content === null) return false;
  if (content.kind === "dict") setEntry(machine, self, index, value, range);
  else if (
    content.kind === "list" &&
    index.kind === "int" &&
    index.value >= 0 &&
    index.value < content.elements.length
  ) {
    machine.journal.beforeList(content);
    content.elements[index.value] = added(machine, self, String(index.value), value, range);
  } else note(machine, self, unknown("it is unknown which parameter this assigns to", range));
  return true;
}
