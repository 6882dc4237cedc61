import { INPUT_ID, type GraphNode, type Layer, type ModelGraph, type Shape, type SourceRange } from "../protocol/modelGraph";
import { describeKind } from "./interpreter/truth";
import type { Machine } from "./interpreter/machine";
import { isModule, unknown, type InstanceValue, type ModuleState, type UnknownValue, type Value } from "./interpreter/values";
import { distinct } from "./unknowns";
import { namedModules } from "./torch/modules";
import { currentTensor } from "./torch/record";
import { INPUT_NODE, newTrace, type Trace, type TraceNode } from "./torch/trace";

export type ModuleInstance = InstanceValue & { readonly module: ModuleState };

export interface GraphSource {
  /** The expression that builds the model. */
  readonly model: string;
  readonly path: string;
  readonly sha256: string;
  readonly inputShape: Shape | null;
}

/** Follows one forward pass of a model and gives what the model returns. */
export function traceForward(machine: Machine, root: ModuleInstance, inputShape: Shape | null): { trace: Trace; result: Value } {
  const trace = newTrace();
  machine.trace = trace;
  const input: Value = { kind: "tensor", node: INPUT_NODE, shape: inputShape, isParameter: false, storage: 0 };
  const returned = machine.collecting(trace.unknowns, () =>
    machine.call(root, { positional: [input], keywords: new Map(), taint: null }, forwardRange(root)),
  );
  const result = returned.kind === "tensor" ? currentTensor(machine, returned, forwardRange(root)) : returned;
  machine.trace = null;
  return { trace, result };
}

/** Where the model's own `forward` is written, for what is wrong with it as a whole. */
function forwardRange(root: ModuleInstance): SourceRange {
  const classes = root.cls.kind === "class" ? root.cls.mro : [];
  for (const cls of classes) {
    const forward = cls.kind === "class" ? cls.namespace.get("forward") : undefined;
    if (forward?.kind === "function") return forward.range;
  }
  return root.range;
}

/** The graph of a model as written: its layers, and the calls of one forward pass. */
export function buildGraph(machine: Machine, root: ModuleInstance, source: GraphSource): ModelGraph {
  const modules = namedModules(root);
  const { trace, result } = traceForward(machine, root, source.inputShape);
  const names = new Map<Value, string>();
  const layers: Layer[] = [];
  for (const [name, value] of modules) {
    const layer = layerOf(name === "" ? source.model : name, value);
    if (layer === null) continue;
    names.set(value, layer.name);
    layers.push(layer);
  }
  const { nodes, functions, strangers } = nodesOf(trace, names);
  const unknowns = [...moduleUnknowns(modules), ...trace.unknowns, ...strangers, ...machine.frozen, ...outputUnknowns(result, root)];
  if (machine.budget.exceeded !== null) unknowns.push(machine.budget.exceeded);
  return {
    model: source.model,
    framework: "pytorch",
    source: { path: source.path, sha256: source.sha256 },
    inputShape: source.inputShape,
    layers: [...layers, ...functions],
    nodes,
    output: outputOf(result, nodes),
    parameters: machine.budget.exceeded === null ? parametersOf(modules) : null,
    unknowns: distinct(unknowns, source.path),
  };
}

function layerOf(name: string, value: Value): Layer | null {
  const description = isModule(value) ? value.module.layer : null;
  if (description === null || value.kind !== "instance") return null;
  const { className, op, parameters } = description;
  return { name, className, op, functional: false, parameters, range: value.range, origin: "source" };
}

interface NamedNodes {
  readonly nodes: GraphNode[];
  readonly functions: Layer[];
  /** Layers that are called without being part of the model. */
  readonly strangers: UnknownValue[];
}

function nodesOf(trace: Trace, names: Map<Value, string>): NamedNodes {
  const taken = new Set(names.values());
  const calls = new Map<string, number>();
  const ids: string[] = [];
  const functions: Layer[] = [];
  const strangers: UnknownValue[] = [];
  const nodes = trace.nodes.map((node): GraphNode => {
    const layer = registeredName(node, names) ?? addFunction(node, taken, functions, strangers);
    const count = (calls.get(layer) ?? 0) + 1;
    calls.set(layer, count);
    const id = count === 1 ? layer : `${layer}@${count}`;
    ids.push(id);
    const inputs = node.inputs.map((input) => (input === INPUT_NODE ? INPUT_ID : (ids[input] ?? INPUT_ID)));
    return { id, layer, inputs, outputShape: node.shape, range: node.range };
  });
  return { nodes, functions, strangers };
}

function registeredName(node: TraceNode, names: ReadonlyMap<Value, string>): string | null {
  return node.callee.kind === "module" ? (names.get(node.callee.instance) ?? null) : null;
}

/** A functional call is a layer of its own in the graph: it has a place, a line and no parameters. */
function addFunction(node: TraceNode, taken: Set<string>, functions: Layer[], strangers: UnknownValue[]): string {
  const { callee } = node;
  const description = callee.kind === "module" ? callee.instance.module?.layer : null;
  const className = callee.kind === "module" ? (description?.className ?? describeKind(callee.instance)) : callee.className;
  const op = callee.kind === "module" ? (description?.op ?? ({ kind: "other", className } as const)) : callee.op;
  const name = uniqueName(callee.kind === "module" ? className : callee.name, taken);
  if (description !== null && description !== undefined && description.parameters !== 0) {
    strangers.push(unknown(`a ${className} that is called without being part of the model, so it is not trained`, node.range));
  }
  functions.push({ name, className, op, functional: true, parameters: 0, range: node.range, origin: "source" });
  return name;
}

function uniqueName(wanted: string, taken: Set<string>): string {
  let name = wanted;
  for (let count = 2; taken.has(name); count++) name = `${wanted}#${count}`;
  taken.add(name);
  return name;
}

function moduleUnknowns(modules: readonly (readonly [string, Value])[]): UnknownValue[] {
  return modules.flatMap(([, value]) => {
    if (value.kind === "unknown") return [value];
    return isModule(value) ? value.module.unknowns : [];
  });
}

function outputUnknowns(result: Value, root: ModuleInstance): UnknownValue[] {
  if (result.kind === "unknown") return [result];
  if (result.kind === "tensor" && result.node !== null) return [];
  const what = result.kind === "tensor" ? "a tensor that does not depend on its input" : `a ${describeKind(result)}`;
  return [unknown(`the model's forward returns ${what} and not a tensor made from its input`, forwardRange(root))];
}

function outputOf(result: Value, nodes: readonly GraphNode[]): string | null {
  if (result.kind !== "tensor" || result.node === null) return null;
  return result.node === INPUT_NODE ? INPUT_ID : (nodes[result.node]?.id ?? null);
}

/** All trainable parameters; null as soon as anything in the model is unknown. */
function parametersOf(modules: readonly (readonly [string, Value])[]): number | null {
  let total = 0;
  for (const [, value] of modules) {
    if (!isModule(value) || value.module.unknowns.length > 0) return null;
    const counts = [value.module.layer?.parameters, ...value.module.parameters.values()];
    for (const count of counts) {
      if (count === null) return null;
      total += count ?? 0;
    }
  }
  return total;
}
