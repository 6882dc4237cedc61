import type { SourceRange } from "../../protocol/modelGraph";
import { activationClass } from "../libraries/activationNames";
import { noArguments, type Machine } from "./machine";
import { assignTensor } from "../torch/parameterContainers";
import { tensorsOf } from "./tensorContainers";
import { memberByName, membersOfEnum } from "./enums";
import { elementsOf, kindWithArticle } from "./truth";
import { isUnknown, dictKey, isModule, numberOf } from "./aboutValues";
import { assume, elementsOfOpen, likely as likelyValue, partOf } from "./openValues";
import { batchSize, int, list, string, tuple, unknown, unknownSize } from "./newValues";
import { memberOf } from "./members";
import type { DictValue, InstanceValue, OpenValue, SliceValue, UnknownValue, Value } from "./values";

/** `object[index]`. */
export function subscript(machine: Machine, object: Value, index: Value, range: SourceRange): Value {
  if (object.kind === "unknown") return object;
  if (object.kind === "open") return openItem(object, index, range);
  if (object.kind === "tensor") return machine.library.tensorSubscript(machine, object, index, range);
  if (object.kind === "sizes") {
    if (index.kind === "unknown") return index;
    return index.kind === "int" && index.value === 0 ? batchSize : unknownSize(range);
  }
  const members = membersOfEnum(object);
  if (members !== null) return memberByName(members, index, range);
  if (object.kind === "library" && object.path.endsWith(".ACT2FN")) return activationOf(machine, index, range);
  // A type such as `list[int]` or `Generic[T]`: annotations use it, and classes derive from it.
  if (object.kind === "library" || object.kind === "class") return object;
  if (object.kind === "dict") return itemOf(object, index, range);
  if (isModule(object)) {
    const tensors = tensorsOf(object);
    return tensors === null ? childAt(machine, object, index, range) : subscript(machine, tensors, index, range);
  }
  const own = object.kind === "instance" ? specialMethod(machine, object, "__getitem__") : null;
  if (own !== null) return machine.call(own, { positional: [index], keywords: new Map(), taint: null }, range);
  return sequenceItem(object, index, range);
}

function openItem(object: OpenValue, index: Value, range: SourceRange): Value {
  if (index.kind === "string") return partOf(object, index.value, range);
  if (index.kind === "slice") return list([...elementsOfOpen(object)]);
  return index.kind === "unknown" ? index : partOf(object, numberOf(index) ?? 0, range);
}

/** `ACT2FN["relu"]` of Transformers makes the layer. */
function activationOf(machine: Machine, index: Value, range: SourceRange): Value {
  if (index.kind === "unknown") return { ...index, isPlain: false };
  const name = index.kind === "string" ? activationClass(index.value) : null;
  return name === null
    ? unknown("NormLens does not know this activation", range)
    : machine.call({ kind: "library", path: `torch.nn.${name}` }, noArguments, range);
}

/** A method that an operator calls, of the class of an object that is no module. */
function specialMethod(machine: Machine, object: InstanceValue, name: string): Value | null {
  return object.module === null
    ? memberOf(machine, object.cls.kind === "class" ? object.cls.mro : [object.cls], object, name)
    : null;
}

function itemOf(object: DictValue, index: Value, range: SourceRange): Value {
  if (object.taint !== null) return object.taint;
  // Which of the entries is meant is not given: they stand for one another.
  const [likely] = object.entries.values();
  if (index.kind === "open" && likely !== undefined) return assume(likely.value);
  const key = dictKey(index);
  if (key === null)
    return index.kind === "unknown"
      ? { ...index, isPlain: false }
      : unknown(`NormLens does not follow ${kindWithArticle(index)} as a key`, range);
  const known = object.entries.get(key)?.value;
  if (known !== undefined) return known;
  // Keyword arguments of a call that nobody wrote: whoever writes it gives what is asked for.
  return object.isOpen === true && index.kind === "string"
    ? likelyValue(index.value, range)
    : unknown("the dict does not have this key (Python raises a KeyError)", range);
}

function sequenceItem(object: Value, index: Value, range: SourceRange): Value {
  const elements = elementsOf(object, range);
  if (isUnknown(elements)) return elements;
  const items = elements;
  if (index.kind === "slice") {
    const indices = sliceIndices(index, items.length, range);
    if (isUnknown(indices)) return indices;
    const part = indices.map((position) => items[position] ?? int(0));
    if (object.kind === "string")
      return string(part.map((item) => (item.kind === "string" ? item.value : "")).join(""));
    return object.kind === "tuple" ? tuple(part) : list(part);
  }
  if (index.kind === "unknown") return { ...index, isPlain: false };
  if (index.kind !== "int" && index.kind !== "bool")
    return unknown(`NormLens does not follow ${kindWithArticle(index)} as an index`, range);
  const position = Number(index.value) < 0 ? Number(index.value) + items.length : Number(index.value);
  return items[position] ?? unknown("the index is out of range (Python raises an IndexError)", range);
}

/** Positions that a slice selects, as `slice.indices` computes them. */
export function sliceIndices(slice: SliceValue, length: number, range: SourceRange): number[] | UnknownValue {
  const parts = [slice.lower, slice.upper, slice.step];
  const bad = parts.find((part) => part.kind !== "none" && part.kind !== "int");
  if (bad !== undefined) return bad.kind === "unknown" ? bad : unknown("the bounds of this slice are unknown", range);
  const [lower, upper, step] = parts.map((part) => (part.kind === "int" ? part.value : null));
  const stride = step ?? 1;
  if (stride === 0) return unknown("the step of this slice is 0 (Python raises a ValueError)", range);
  const [first, last] = stride > 0 ? [0, length] : [-1, length - 1];
  const bound = (value: number | null | undefined, fallback: number): number =>
    value === null || value === undefined
      ? fallback
      : Math.min(Math.max(value < 0 ? value + length : value, first), last);
  const start = bound(lower, stride > 0 ? first : last);
  const stop = bound(upper, stride > 0 ? last : first);
  const indices: number[] = [];
  for (let position = start; stride > 0 ? position < stop : position > stop; position += stride) indices.push(position);
  return indices;
}

/** `sequential[1]`, `sequential[:3]`, `moduleList[0]`, `moduleDict["a"]`. */
function childAt(
  machine: Machine,
  object: Extract<Value, { kind: "instance" }>,
  index: Value,
  range: SourceRange,
): Value {
  const state = object.module;
  const container = state?.container ?? "wrapper";
  if (state === null || container === "wrapper")
    return unknown("the module is not a container and has no index", range);
  const [taint] = state.unknowns;
  if (taint !== undefined) return taint;
  if (index.kind === "unknown") return { ...index, isPlain: false };
  if (container === "dict") {
    return (
      (index.kind === "string" ? state.children.get(index.value) : undefined) ??
      unknown("the ModuleDict does not have this key", range)
    );
  }
  if (index.kind !== "slice") return sequenceItem(tuple([...state.children.values()]), index, range);
  const names = sequenceItem(list([...state.children.keys()].map(string)), index, range);
  if (names.kind !== "list") return names;
  // PyTorch keeps the names of a sliced Sequential and renumbers a sliced ModuleList.
  const children = names.elements.map(
    (name, position) =>
      [
        container === "list" ? string(String(position)) : name,
        (name.kind === "string" ? state.children.get(name.value) : undefined) ??
          unknown("this child is missing", range),
      ] as const,
  );
  const part: Value = {
    kind: "instance",
    cls: { kind: "library", path: container === "list" ? "torch.nn.ModuleList" : "torch.nn.Sequential" },
    attributes: new Map(),
    module: { children: new Map(), parameters: new Map(), layer: null, container, unknowns: [] },
    range,
  };
  for (const [name, child] of children)
    if (name.kind === "string") machine.setAttribute(part, name.value, child, range);
  return part;
}

/** `object[index] = value`. */
export function assignItem(machine: Machine, object: Value, index: Value, value: Value, range: SourceRange): void {
  if (object.kind === "open") return;
  const own = object.kind === "instance" ? specialMethod(machine, object, "__setitem__") : null;
  if (own !== null) machine.call(own, { positional: [index, value], keywords: new Map(), taint: null }, range);
  else if (object.kind === "dict") assignKey(machine, object, index, value, range);
  else if (object.kind === "list") assignPosition(machine, object, index, value, range);
  else if (assignTensor(machine, object, index, value, range)) return;
  else if (isModule(object) && object.module.container !== null) assignChild(machine, object, index, value, range);
  else if (object.kind === "unknown") return;
  else if (object.kind === "tensor") machine.library.tensorItemAssigned(machine, object, index, value, range);
  else machine.report(unknown(`NormLens does not follow an assignment into ${kindWithArticle(object)}`, range));
}

function assignKey(machine: Machine, object: DictValue, index: Value, value: Value, range: SourceRange): void {
  machine.journal.beforeDict(object);
  const key = dictKey(index);
  if (key === null)
    object.taint ??=
      index.kind === "unknown" ? index : unknown("NormLens does not follow a dict key of this kind", range);
  else object.entries.set(key, { key: index, value });
}

function assignPosition(
  machine: Machine,
  object: Extract<Value, { kind: "list" }>,
  index: Value,
  value: Value,
  range: SourceRange,
): void {
  machine.journal.beforeList(object);
  if (index.kind === "slice") {
    assignSlice(object, index, value, range);
    return;
  }
  const position = index.kind === "int" ? (index.value < 0 ? index.value + object.elements.length : index.value) : -1;
  if (position < 0 || position >= object.elements.length) {
    object.taint ??=
      index.kind === "unknown"
        ? index
        : unknown("NormLens does not follow an assignment to this index of a list", range);
  } else object.elements[position] = value;
}

/** `list[1:3] = values`; one with a step keeps the length. */
function assignSlice(
  object: Extract<Value, { kind: "list" }>,
  slice: SliceValue,
  value: Value,
  range: SourceRange,
): void {
  const indices = sliceIndices(slice, object.elements.length, range);
  const values = elementsOf(value, range);
  const isWhole = slice.step.kind === "none" || (slice.step.kind === "int" && slice.step.value === 1);
  if (isUnknown(indices) || isUnknown(values) || !isWhole) {
    object.taint ??= isUnknown(values) ? values : unknown("NormLens does not follow this assignment to a slice", range);
    return;
  }
  const [start = startOf(slice, object.elements.length)] = indices;
  object.elements.splice(start, indices.length, ...values);
}

/** Where an empty slice is. */
function startOf({ lower }: SliceValue, length: number): number {
  const value = lower.kind === "int" ? lower.value : 0;
  return Math.min(length, value < 0 ? Math.max(0, value + length) : value);
}

function assignChild(
  machine: Machine,
  object: Extract<Value, { kind: "instance" }>,
  index: Value,
  value: Value,
  range: SourceRange,
): void {
  const names = [...(object.module?.children.keys() ?? [])];
  const name = index.kind === "string" ? index.value : index.kind === "int" ? names.at(index.value) : undefined;
  if (name === undefined) machine.report(unknown("it is unknown which child this assigns to", range));
  else machine.setAttribute(object, name, value, range);
}
