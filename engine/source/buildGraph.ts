import type { CallSite, GraphInput, GraphNode, GraphOutput, Layer, ModelGraph } from "../protocol/modelGraph";
import type { Shape } from "../protocol/shape";
import { describeKind } from "./interpreter/truth";
import type { Machine } from "./interpreter/machine";
import { isModule } from "./interpreter/aboutValues";
import { unknown } from "./interpreter/newValues";
import type { InstanceValue, ModuleState, UnknownValue, Value } from "./interpreter/values";
import { distinct } from "./unknowns";
import { namedModules } from "./torch/modules";
import { currentTensor } from "./torch/record";
import { inputIndex, newTrace, type Trace, type TraceNode } from "./torch/trace";
import { forwardArguments, forwardRange, inputIds, type ForwardInput } from "./torch/forwardInputs";
import { returnedTensors, type Returned } from "./torch/returned";

export type ModuleInstance = InstanceValue & { readonly module: ModuleState };

export interface GraphSource {
  /** The expression that builds the model. */
  readonly model: string;
  readonly path: string;
  readonly sha256: string;
  /** Shapes of the inputs in their order, as far as they are known. */
  readonly inputShapes: readonly (Shape | null)[];
}

/** One forward pass: what was called, with what, and what came back. */
export interface ForwardPass {
  readonly trace: Trace;
  readonly inputs: readonly ForwardInput[];
  readonly returned: Returned;
}

/** Follows one forward pass of a model. Inputs without a given shape are of unknown shape. */
export function traceForward(machine: Machine, root: ModuleInstance, shapes: readonly (Shape | null)[]): ForwardPass {
  const { inputs, args } = forwardArguments(root, shapes);
  const range = forwardRange(root);
  const trace = newTrace(inputs.length);
  machine.trace = trace;
  const result = machine.collecting(trace.unknowns, () => machine.call(root, args, range));
  const returned = returnedTensors(result, range, (tensor) => currentTensor(machine, tensor, range));
  machine.trace = null;
  return { trace, inputs, returned };
}

/** The graph of a model as written: its layers, and the calls of one forward pass. */
export function buildGraph(machine: Machine, root: ModuleInstance, source: GraphSource): ModelGraph {
  const modules = namedModules(root);
  const { trace, inputs, returned } = traceForward(machine, root, source.inputShapes);
  const inputNames = inputIds(inputs);
  const names = new Map<Value, string>();
  const layers: Layer[] = [];
  for (const [name, value] of modules) {
    const layer = layerOf(name === "" ? source.model : name, value);
    if (layer === null) continue;
    names.set(value, layer.name);
    layers.push(layer);
  }
  const { nodes, functions, strangers } = nodesOf(trace, names, inputNames);
  const unknowns = [
    ...moduleUnknowns(modules),
    ...trace.unknowns,
    ...strangers,
    ...machine.frozen,
    ...returned.unknowns,
  ];
  if (machine.budget.exceeded !== null) unknowns.push(machine.budget.exceeded);
  return {
    model: source.model,
    framework: "pytorch",
    source: { path: source.path, sha256: source.sha256 },
    inputs: inputs.map(
      ({ name, shape }, index): GraphInput => ({ id: inputNames[index] ?? "", name, shape: wholeShape(shape) }),
    ),
    layers: [...layers, ...functions],
    nodes,
    outputs: outputsOf(returned, nodes, inputNames),
    parameters: machine.budget.exceeded === null ? parametersOf(modules) : null,
    unknowns: distinct(unknowns, source.path),
  };
}

function layerOf(name: string, value: Value): Layer | null {
  const description = isModule(value) ? value.module.layer : null;
  if (description === null || value.kind !== "instance") return null;
  const { className, op, parameters, assumed } = description;
  return {
    name,
    className,
    op,
    functional: false,
    parameters,
    ...(assumed === undefined ? {} : { assumed }),
    range: value.range,
    ...callPathOf(value),
    origin: "source",
  };
}

/**
 * The calls within functions that led to a layer, up to the one that builds the model; nothing for a layer that the
 * model makes itself.
 */
export function callPathOf({ madeIn }: InstanceValue): Pick<Layer, "callPath"> {
  const callPath: CallSite[] = [];
  for (let frame = madeIn; frame?.caller; frame = frame.caller)
    callPath.push({ function: frame.caller.function, range: frame.calledAt });
  return callPath.length === 0 ? {} : { callPath };
}

interface NamedNodes {
  readonly nodes: GraphNode[];
  readonly functions: Layer[];
  /** Layers that are called without being part of the model. */
  readonly strangers: UnknownValue[];
}

function nodesOf(trace: Trace, names: Map<Value, string>, inputNames: readonly string[]): NamedNodes {
  const unique = new UniqueNames(new Set(names.values()));
  const calls = new Map<string, number>();
  const ids: string[] = [];
  const functions: Layer[] = [];
  const strangers: UnknownValue[] = [];
  const nodes = trace.nodes.map((node): GraphNode => {
    const layer = registeredName(node, names) ?? addFunction(node, unique, functions, strangers);
    const count = (calls.get(layer) ?? 0) + 1;
    calls.set(layer, count);
    const id = count === 1 ? layer : `${layer}@${count}`;
    ids.push(id);
    const inputs = node.inputs.map((input) => ids[input] ?? inputNames[inputIndex(input)] ?? "");
    return { id, layer, inputs, outputShape: wholeShape(node.shape), range: node.range };
  });
  return { nodes, functions, strangers };
}

/** Shapes of which a part is not known stay within the reader. */
function wholeShape(shape: Shape | null): Shape | null {
  return shape === null || shape.some(Number.isNaN) ? null : shape;
}

function registeredName(node: TraceNode, names: ReadonlyMap<Value, string>): string | null {
  return node.callee.kind === "module" ? (names.get(node.callee.instance) ?? null) : null;
}

/** A functional call is a separate layer in the graph: it has a place, a line and no parameters. */
function addFunction(node: TraceNode, unique: UniqueNames, functions: Layer[], strangers: UnknownValue[]): string {
  const { callee } = node;
  const description = callee.kind === "module" ? callee.instance.module?.layer : null;
  const className =
    callee.kind === "module" ? (description?.className ?? describeKind(callee.instance)) : callee.className;
  const op = callee.kind === "module" ? (description?.op ?? ({ kind: "other", className } as const)) : callee.op;
  const name = unique.make(callee.kind === "module" ? className : callee.name);
  if (description !== null && description !== undefined && description.parameters !== 0) {
    strangers.push(
      unknown(`this ${className} is called but is not part of the model, so it is not trained`, node.range),
    );
  }
  functions.push({ name, className, op, functional: true, parameters: 0, range: node.range, origin: "source" });
  return name;
}

/** Names that nothing else has: `relu`, then `relu#2`. */
class UniqueNames {
  private readonly counts = new Map<string, number>();

  constructor(private readonly taken: Set<string>) {}

  make(wanted: string): string {
    let count = (this.counts.get(wanted) ?? 0) + 1;
    let name = count === 1 ? wanted : `${wanted}#${count}`;
    while (this.taken.has(name)) name = `${wanted}#${++count}`;
    this.counts.set(wanted, count);
    this.taken.add(name);
    return name;
  }
}

function moduleUnknowns(modules: readonly (readonly [string, Value])[]): UnknownValue[] {
  return modules.flatMap(([, value]) => {
    if (value.kind === "unknown") return [value];
    return isModule(value) ? value.module.unknowns : [];
  });
}

function outputsOf({ tensors }: Returned, nodes: readonly GraphNode[], inputNames: readonly string[]): GraphOutput[] {
  return tensors.map(({ place, node }) => ({ place, node: nodes[node]?.id ?? inputNames[inputIndex(node)] ?? "" }));
}

/** A module's own parameters; one that has several names is counted once. */
function ownCounts({ attributes, module }: ModuleInstance, seen: Set<Value>): (number | null)[] {
  return [...module.parameters].flatMap(([name, count]) => {
    const tensor = attributes.get(name);
    if (tensor?.kind !== "tensor") return [count];
    if (seen.has(tensor)) return [];
    seen.add(tensor);
    return [count];
  });
}

/** All trainable parameters; null as soon as anything in the model is unknown. */
function parametersOf(modules: readonly (readonly [string, Value])[]): number | null {
  let total = 0;
  const seen = new Set<Value>();
  for (const [, value] of modules) {
    if (!isModule(value) || value.module.unknowns.length > 0) return null;
    const counts = [value.module.layer?.parameters, ...ownCounts(value, seen)];
    for (const count of counts) {
      if (count === null) return null;
      total += count ?? 0;
    }
  }
  return total;
}
