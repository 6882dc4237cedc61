import type { LayerOp } from "../../protocol/layerOps";
import {
  type SourceRange,
  INPUT_ID,
  type GraphInput,
  type GraphNode,
  type GraphOutput,
  type Layer,
  type ModelGraph,
} from "../../protocol/modelGraph";
import type { Shape } from "../../protocol/shape";
import { callPathOf, type GraphSource, type ModuleInstance } from "../buildGraph";
import type { Machine } from "../interpreter/machine";
import { unknown } from "../interpreter/newValues";
import type { InstanceValue, KerasCall, UnknownValue, Value } from "../interpreter/values";
import { distinct } from "../unknowns";
import { declaredInput } from "./kerasAttributes";
import { LayerArguments } from "../torch/layerArguments";
import { flattened } from "./flattened";
import type { KerasLayer } from "./kerasLayerSpec";
import { kerasState } from "./kerasState";
import { functionalEnds } from "./models";
import { closed, isSymbolic, newInput, type SymbolicTensor } from "./recordCall";
import { callsBetween, replay, type FunctionalEnds } from "./replay";
import { kerasName, namedLayers, type NamedLayer } from "./structure";

interface Followed {
  readonly ends: FunctionalEnds;
  readonly unknowns: readonly UnknownValue[];
}

/** The graph of a Keras model: its layers in the order of `model.layers`, and the calls that lead to its outputs. */
export function buildKerasGraph(
  machine: Machine,
  root: ModuleInstance,
  source: GraphSource,
  notes: readonly UnknownValue[],
): ModelGraph {
  const { ends, unknowns: open } = follow(machine, root, source.inputShapes[0] ?? null);
  const calls = callsBetween(ends).filter((call) => call.inputs.length > 0);
  const named = namedLayers(machine, root);
  const layers = new LayerList(machine, calls, named);
  const composites = [root, ...named.filter(({ isComposite }) => isComposite).map(({ instance }) => instance)];
  const unknowns = [
    ...composites.flatMap((instance) => instance.module?.unknowns ?? []),
    ...named.flatMap(({ instance }) => instance.module?.unknowns ?? []),
    ...open,
    ...notes,
    ...machine.frozen,
  ];
  if (machine.budget.exceeded !== null) unknowns.push(machine.budget.exceeded);
  const { nodes, ids } = nodesOf(calls, ends, layers);
  return {
    model: source.model,
    framework: "keras",
    source: { path: source.path, sha256: source.sha256 },
    inputs: ends.inputs.map(
      (input, index): GraphInput => ({
        id: idOfInput(input, index),
        name: inputName(input),
        shape: closed(input.keras.sizes),
      }),
    ),
    layers: layers.all,
    nodes,
    outputs: outputsOf(ends, ids),
    parameters: unknowns.length + layers.unknowns.length > 0 ? null : total(layers.all, composites),
    unknowns: distinct(unknowns, source.path, layers.unknowns),
  };
}

/** Where the model begins and ends; a model that is not functional is called once, on its input. */
function follow(machine: Machine, root: ModuleInstance, given: Shape | null): Followed {
  const ends = functionalEnds(root);
  const declared = declaredInput(root);
  const isAsDeclared = given === null || given.join() === declared?.join();
  if (ends !== null && (isAsDeclared || ends.inputs.length !== 1)) return { ends, unknowns: [] };
  const sizes = given ?? declared;
  const input = newInput(machine, sizes, { kind: "none" }, root.range);
  const notes: UnknownValue[] = [];
  const result = machine.collecting(notes, () =>
    ends === null
      ? machine.call(root, { positional: [input], keywords: new Map(), taint: null }, root.range)
      : replay(machine, ends, [input], root.range),
  );
  const values = flattened([result]);
  const outputs = values.filter(isSymbolic);
  const strange = values.find((value) => !isSymbolic(value));
  const missing = strange === undefined && outputs.length > 0 ? [] : [whyNoTensor(strange, root)];
  return {
    ends: { inputs: [input], outputs, returnsList: result.kind !== "tensor" },
    unknowns: [...notes, ...missing],
  };
}

function whyNoTensor(value: Value | undefined, root: ModuleInstance): UnknownValue {
  return value?.kind === "unknown"
    ? value
    : unknown("the model's call() returns something that is not made from its input", root.range);
}

/** The layers of a graph by the instances they are. */
class LayerList {
  readonly unknowns: UnknownValue[] = [];
  readonly all: readonly Layer[];
  private readonly names = new Map<InstanceValue, string>();
  private readonly taken = new Set<string>();

  constructor(
    private readonly machine: Machine,
    calls: readonly KerasCall[],
    named: readonly NamedLayer[],
  ) {
    const callsOf = new Map<InstanceValue, KerasCall[]>();
    for (const call of calls) callsOf.set(call.layer, [...(callsOf.get(call.layer) ?? []), call]);
    const leaves = named.filter(({ instance, isComposite }) => !isComposite && !isInput(instance));
    const own = leaves.map(({ name, instance }) => this.layerOf(name, instance, callsOf.get(instance) ?? [], false));
    const others = [...callsOf].filter(([instance]) => !this.names.has(instance));
    this.all = [
      ...own,
      ...others.map(([instance, its]) => this.layerOf(this.displayName(instance), instance, its, true)),
    ];
  }

  name(instance: InstanceValue): string {
    return this.names.get(instance) ?? kerasName(instance);
  }

  /** A function is named after what it does, as everywhere; a layer that is no part of the model has its own name. */
  private displayName(instance: InstanceValue): string {
    const layer = kerasState(this.machine).layers.get(instance);
    return layer?.functional === true ? layer.className : kerasName(instance);
  }

  private layerOf(wanted: string, instance: InstanceValue, calls: readonly KerasCall[], isStranger: boolean): Layer {
    const layer = kerasState(this.machine).layers.get(instance);
    const [first] = calls;
    const functional = layer?.functional === true;
    const name = this.unique(wanted);
    this.names.set(instance, name);
    for (const call of calls) this.unknowns.push(...call.problems);
    if (isStranger && !functional && first?.parameters !== 0) {
      this.unknowns.push(
        unknown(
          `this ${layer?.className ?? "layer"} is called but is not part of the model, so it is not trained`,
          first?.range ?? instance.range,
        ),
      );
    }
    const parameters = first === undefined ? 0 : first.parameters;
    const differs = calls.some((call) => call.parameters !== parameters);
    if (parameters === null && calls.every((call) => call.problems.length === 0)) {
      this.unknowns.push(
        unknown(
          `the number of weights of ${name} is unknown, because the size of its input is unknown`,
          instance.range,
        ),
      );
    }
    if (differs) this.unknowns.push(unknown(`${name} is called on inputs that need different weights`, instance.range));
    const className = layer?.className ?? "Layer";
    const assumed = layer === undefined ? [] : assumedOf(layer, instance.range);
    return {
      name,
      className,
      op: opOf(className, calls),
      functional,
      parameters: differs ? null : parameters,
      ...(assumed.length > 0 ? { assumed } : {}),
      range: instance.range,
      ...callPathOf(instance),
      origin: "source",
    };
  }

  private unique(wanted: string): string {
    let name = wanted;
    for (let count = 2; this.taken.has(name); count++) name = `${wanted}#${count}`;
    this.taken.add(name);
    return name;
  }
}

/** Arguments that follow from one that nobody gave. */
function assumedOf({ className, bound, isOpen }: KerasLayer, range: SourceRange): string[] {
  const given = new LayerArguments(className, bound, range).assumed;
  return isOpen === true ? [...given, "*"] : given;
}

function isInput(instance: InstanceValue): boolean {
  return (
    instance.attributes.has("\0input") ||
    (instance.cls.kind === "library" && instance.cls.path === "keras.layers.InputLayer")
  );
}

/** An op with the shapes that were worked out for its calls. */
function opOf(className: string, calls: readonly KerasCall[]): LayerOp {
  const op = calls[0]?.op ?? ({ kind: "other", className } as const);
  if (op.kind !== "other") return op;
  const cases = calls.flatMap((call) => {
    const inputs = call.inputs.map((input) => closed(input.keras?.sizes ?? null));
    const output = closed(call.sizes);
    return output === null || inputs.includes(null) ? [] : [{ inputs: inputs as Shape[], output }];
  });
  return cases.length === 0 ? op : { ...op, shapeRule: { rule: "workedOut", cases } };
}

function nodesOf(
  calls: readonly KerasCall[],
  { inputs }: FunctionalEnds,
  layers: LayerList,
): { nodes: GraphNode[]; ids: Map<KerasCall, string> } {
  const ids = new Map<KerasCall, string>(inputs.map((input, index) => [input.keras.call, idOfInput(input, index)]));
  const counts = new Map<string, number>();
  const nodes = calls.map((call): GraphNode => {
    const layer = layers.name(call.layer);
    const count = (counts.get(layer) ?? 0) + 1;
    counts.set(layer, count);
    const id = count === 1 ? layer : `${layer}@${count}`;
    ids.set(call, id);
    const from = call.inputs.map((input) =>
      input.keras === undefined ? INPUT_ID : (ids.get(input.keras.call) ?? INPUT_ID),
    );
    return { id, layer, inputs: from, outputShape: closed(call.sizes), range: call.range };
  });
  return { nodes, ids };
}

/** Empty when one of them could not be followed. */
function outputsOf({ outputs }: FunctionalEnds, ids: ReadonlyMap<KerasCall, string>): GraphOutput[] {
  const found = outputs.map((output, index) => ({
    place: outputs.length === 1 ? "" : String(index),
    node: ids.get(output.keras.call),
  }));
  return found.some(({ node }) => node === undefined) ? [] : (found as GraphOutput[]);
}

const idOfInput = (input: SymbolicTensor, index: number): string =>
  index === 0 ? INPUT_ID : `${INPUT_ID}:${inputName(input)}`;

const inputName = (input: SymbolicTensor): string => kerasName(input.keras.call.layer);

function total(layers: readonly Layer[], composites: readonly InstanceValue[]): number | null {
  let sum = 0;
  for (const count of [
    ...layers.map(({ parameters }) => parameters),
    ...composites.flatMap(({ module }) => [...(module?.parameters.values() ?? [])]),
  ]) {
    if (count === null) return null;
    sum += count;
  }
  return sum;
}
