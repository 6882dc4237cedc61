/** The layers of a model, in Keras's order and under their paths. */
import type { Machine } from "../interpreter/machine";
import { isModule } from "../interpreter/aboutValues";
import type { InstanceValue, KerasCall, Value } from "../interpreter/values";
import { isKeras, sequentialLayers } from "./callKeras";
import { kerasState } from "./kerasState";
import { functionalEnds, WRAPPED } from "./models";
import { callsBetween, type FunctionalEnds } from "./replay";

/** What a functional model's graph is made of: a layer's call, or a call of a model with everything inside. */
interface Unit {
  readonly instance: InstanceValue;
  readonly parents: Unit[];
}

/**
 * The layers of a functional model: by decreasing distance from the outputs, then in the order in which a search from
 * the outputs meets them (keras/src/ops/function.py, map_graph).
 */
export function functionalLayers(ends: FunctionalEnds): InstanceValue[] {
  const { roots, order } = unitsOf(ends);
  const firstSeen = new Map<InstanceValue, number>();
  const finished: Unit[] = [];
  const entered = new Set<Unit>();
  const visit = (unit: Unit): void => {
    if (entered.has(unit)) return;
    entered.add(unit);
    if (!firstSeen.has(unit.instance)) firstSeen.set(unit.instance, firstSeen.size);
    for (const parent of unit.parents) visit(parent);
    finished.push(unit);
  };
  for (const root of roots) visit(root);
  const unitDepth = new Map<Unit, number>();
  const depth = new Map<InstanceValue, number>();
  for (const unit of [...finished].reverse()) {
    const own = Math.max(unitDepth.get(unit) ?? 0, depth.get(unit.instance) ?? 0);
    depth.set(unit.instance, own);
    unitDepth.set(unit, own);
    for (const parent of unit.parents) unitDepth.set(parent, Math.max(own + 1, unitDepth.get(parent) ?? 0));
  }
  for (const instance of order) if (!depth.has(instance)) depth.set(instance, 0);
  return [...depth.keys()].sort(
    (a, b) => (depth.get(b) ?? 0) - (depth.get(a) ?? 0) || (firstSeen.get(a) ?? -1) - (firstSeen.get(b) ?? -1),
  );
}

function unitsOf(ends: FunctionalEnds): { roots: Unit[]; order: InstanceValue[] } {
  const level = ends.inputs[0]?.keras.call.within.length ?? 0;
  const inputs = ends.inputs.map((input) => input.keras.call);
  const units = new Map<object, Unit>();
  const keyOf = (call: KerasCall): object => call.within[level] ?? call;
  const unitOf = (call: KerasCall): Unit => {
    const key = keyOf(call);
    const known = units.get(key);
    if (known !== undefined) return known;
    const unit: Unit = { instance: call.within[level]?.instance ?? call.layer, parents: [] };
    units.set(key, unit);
    return unit;
  };
  for (const call of [...inputs, ...callsBetween(ends)]) {
    const unit = unitOf(call);
    for (const input of inputs.includes(call) ? [] : call.inputs) {
      const parent = input.keras === undefined ? unit : unitOf(input.keras.call);
      if (parent !== unit && !unit.parents.includes(parent)) unit.parents.push(parent);
    }
  }
  return { roots: ends.outputs.map((output) => unitOf(output.keras.call)), order: inputs.map((call) => call.layer) };
}

/** The layers that a class of the user's keeps in its attributes, in the order in which they were made. */
function ownLayers(machine: Machine, module: InstanceValue): InstanceValue[] {
  const found = new Set<InstanceValue>();
  const collect = (value: Value): void => {
    if (isKeras(value)) found.add(value);
    else if (value.kind === "list" || value.kind === "tuple") value.elements.forEach(collect);
    else if (value.kind === "dict") for (const entry of value.entries.values()) collect(entry.value);
  };
  for (const child of module.module?.children.values() ?? []) collect(child);
  for (const [name, value] of module.attributes) if (!/^\0|^(output|input|layers)$/.test(name)) collect(value);
  const serial = (layer: InstanceValue): number => kerasState(machine).layers.get(layer)?.serial ?? 0;
  return [...found].sort((a, b) => serial(a) - serial(b));
}

/** What a TimeDistributed stands for among the layers of a graph: the layer that it wraps. */
function unwrapped(instance: InstanceValue): InstanceValue {
  const wrapped = instance.attributes.get(WRAPPED);
  return wrapped?.kind === "instance" ? unwrapped(wrapped) : instance;
}

/** `model.layers`. */
export function layersOf(machine: Machine, module: InstanceValue): InstanceValue[] {
  const ends = functionalEnds(module);
  if (ends !== null) return functionalLayers(ends);
  if (isModule(module) && module.module.container === "sequential") return sequentialLayers(module).filter(isKeras);
  return ownLayers(machine, module);
}

export interface NamedLayer {
  /** `res_block/conv2d`: the names of the models around it, the root's left out. */
  readonly name: string;
  readonly instance: InstanceValue;
  /** True for models and classes of the user's, whose layers follow. */
  readonly isComposite: boolean;
}

/** Everything below and including `root`, each once. */
export function namedLayers(
  machine: Machine,
  root: InstanceValue,
  prefix = "",
  seen = new Set<InstanceValue>(),
): NamedLayer[] {
  const result: NamedLayer[] = [];
  for (const instance of layersOf(machine, root).map(unwrapped)) {
    if (seen.has(instance)) continue;
    seen.add(instance);
    const name = `${prefix}${kerasName(instance)}`;
    const isComposite = kerasState(machine).layers.get(instance)?.spec == null;
    result.push({ name, instance, isComposite });
    if (isComposite) result.push(...namedLayers(machine, instance, `${name}/`, seen));
  }
  return result;
}

export function kerasName(instance: InstanceValue): string {
  const name = instance.attributes.get("name");
  return name?.kind === "string" ? name.value : "layer";
}
