import type { LayerOp } from "../../protocol/layerOps";
import type { SourceRange } from "../../protocol/modelGraph";
import type { Shape } from "../../protocol/shape";
import { outputShape } from "../../graph/shapes";
import type { Machine } from "../interpreter/machine";
import { firstUnknown } from "../interpreter/aboutValues";
import { tuple, unknown } from "../interpreter/newValues";
import type { BatchPlace, TensorOwner, TensorValue, UnknownValue, Value } from "../interpreter/values";
import { batchField, commonPlace, type Placed } from "./batchPlace";
import { inputNode, nodesPlace, type Callee, type Trace } from "./trace";

/** A tensor that does not come from the model's input. */
export const constantTensor: TensorValue = { kind: "tensor", node: null, shape: null, isParameter: false };

export interface RecordedCall {
  readonly callee: Callee;
  readonly className: string;
  readonly op: LayerOp;
  /** How many values the call returns. */
  readonly outputs: number;
  readonly range: SourceRange;
  /** What is known about the result by other means than the rule of the op. */
  readonly result?: Placed;
  /** The result has its own memory, although most calls of this function give that of their first argument. */
  readonly isCopy?: boolean;
}

/** Adds a call to the forward pass and gives the tensor it makes. Unknown inputs make an unknown output. */
export function recordCall(machine: Machine, call: RecordedCall, given: readonly Value[]): Value {
  const { trace } = machine;
  if (trace === null) return constantTensor;
  const inputs = given.map((input) => (input.kind === "tensor" ? currentTensor(machine, input, call.range) : input));
  const cause = firstUnknown(inputs);
  if (cause !== null) {
    machine.report(cause);
    return cause;
  }
  const tensors = inputs.filter((input): input is TensorValue => input.kind === "tensor" && input.node !== null);
  const isView = sharesMemory(call);
  if (tensors.length === 0 && call.callee.kind === "function") return constantResult(trace, inputs, isView);
  const place = commonPlace(tensors);
  const { shape, batch } = call.result ?? resultOf(call, tensors, place);
  const node = addNode(machine, trace, {
    callee: place === null ? withoutRule(call.callee) : call.callee,
    inputs: tensors.map((tensor) => tensor.node ?? inputNode(0)),
    shape,
    range: call.range,
  });
  const first: TensorValue = { kind: "tensor", node, shape, isParameter: false, ...batchField(batch) };
  if (call.outputs === 1) return { ...first, storage: isView ? tensors[0]?.storage : trace.storages++ };
  // The shape is that of the first result.
  return tuple(
    Array.from({ length: call.outputs }, (_, index) => ({
      ...first,
      shape: index === 0 ? shape : null,
      storage: trace.storages++,
    })),
  );
}

/** A place that is not known: it is like no other. */
const NOWHERE: BatchPlace = { axis: NaN, rows: NaN };

/** By the op's rule, which knows the batch as the first axis; what works on the last axis works wherever it is. */
function resultOf(
  { className, op }: RecordedCall,
  tensors: readonly TensorValue[],
  place: BatchPlace | null,
): { readonly shape: Shape | null; readonly batch: BatchPlace } {
  if (place === null || (place.axis !== 0 && !worksOnLastAxis(op))) return { shape: null, batch: NOWHERE };
  const { shape } = outputShape(
    { className, op },
    tensors.map((tensor) => tensor.shape),
  );
  return { shape, batch: place };
}

function worksOnLastAxis(op: LayerOp): boolean {
  const rule = op.kind === "other" ? op.shapeRule : undefined;
  return (
    ["linear", "activation", "layerNorm", "affine", "identity"].includes(op.kind) ||
    (op.kind === "dropout" && !op.isPerChannel) ||
    ["add", "subtract", "multiply"].includes(op.kind) ||
    rule?.rule === "same" ||
    rule?.rule === "broadcast" ||
    (rule?.rule === "narrow" && rule.axis === -1)
  );
}

/** Tensors with different numbers of rows have no shape together. */
function withoutRule(callee: Callee): Callee {
  return callee.kind === "module" ? callee : { ...callee, op: { kind: "other", className: callee.className } };
}

/** Functions that give the memory of their first argument in another shape, or a part of it. */
const VIEWS = new Set(
  (
    "view reshape flatten permute transpose squeeze unsqueeze chunk split expand expand_as view_as narrow " +
    "select detach getitem diagonal movedim moveaxis swapaxes swapdims broadcast_to unfold unflatten unbind " +
    "tensor_split broadcast_tensors meshgrid view_as"
  ).split(" "),
);

function sharesMemory({ callee, op, isCopy = false }: RecordedCall): boolean {
  if (isCopy) return false;
  return op.kind === "flatten" || op.kind === "identity" || (callee.kind === "function" && VIEWS.has(callee.name));
}

/** What is computed from a layer's weight alone still belongs to the layer (a standardized weight). */
function derivedFrom(inputs: readonly Value[]): { of?: TensorOwner } {
  const [first, ...others] = inputs.flatMap((input) => (input.kind === "tensor" && input.of ? [input.of] : []));
  const isOne = first !== undefined && others.every(({ layer }) => layer === first.layer);
  return isOne ? { of: { layer: first.layer, name: `of ${first.name}` } } : {};
}

function constantResult(trace: Trace, inputs: readonly Value[], isView: boolean): TensorValue {
  if (!isView) return { ...constantTensor, storage: trace.storages++, ...derivedFrom(inputs) };
  for (const input of inputs)
    if (input.kind === "tensor" && input.storage !== undefined) trace.viewedConstants.add(input.storage);
  return constantTensor;
}

/** A tensor as it is now, after what was changed in place; unknown where a view of it or its base was changed. */
export function currentTensor(machine: Machine, tensor: TensorValue, range: SourceRange): TensorValue | UnknownValue {
  const { trace } = machine;
  if (trace === null || tensor.storage === undefined) return tensor;
  let { node } = tensor;
  for (const { from, at } of trace.overwrites.get(tensor.storage) ?? []) {
    if (node !== null && at <= node) continue;
    if (from !== node) return unknown("the tensor's memory changes in place under another name or shape", range);
    node = at;
  }
  return node === tensor.node ? tensor : { ...tensor, node };
}

/** A tensor with its own memory. */
export function freshStorage(machine: Machine, tensor: TensorValue): TensorValue {
  return machine.trace === null ? tensor : { ...tensor, storage: machine.trace.storages++ };
}

function addNode(machine: Machine, trace: Trace, node: Trace["nodes"][number]): number {
  machine.journal.beforeChange(trace, "nodes", nodesPlace(trace));
  trace.nodes.push(node);
  return trace.nodes.length - 1;
}

/** The op of a function that has no layer class: arithmetic, reshaping. */
export function recordFunction(
  machine: Machine,
  description: {
    readonly name: string;
    readonly className: string;
    readonly op: LayerOp;
    readonly range: SourceRange;
    readonly outputs?: number;
    readonly isCopy?: boolean;
  },
  inputs: readonly Value[],
): Value {
  const { name, className, op, range, outputs = 1, isCopy = false } = description;
  return recordCall(
    machine,
    { callee: { kind: "function", name, className, op }, className, op, outputs, range, isCopy },
    inputs,
  );
}
