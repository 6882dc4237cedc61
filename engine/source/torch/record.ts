import type { LayerOp, SourceRange } from "../../protocol/modelGraph";
import { outputShape } from "../../graph/shapes";
import type { Machine } from "../interpreter/machine";
import { firstUnknown, tuple, type TensorValue, type Value } from "../interpreter/values";
import { INPUT_NODE, nodesPlace, type Callee, type Trace } from "./trace";

/** A tensor that does not come from the model's input. */
export const constantTensor: TensorValue = { kind: "tensor", node: null, shape: null, isParameter: false };

export interface RecordedCall {
  readonly callee: Callee;
  readonly className: string;
  readonly op: LayerOp;
  /** How many values the call returns. */
  readonly outputs: number;
  readonly range: SourceRange;
}

/** Adds a call to the forward pass and gives the tensor it makes. Unknown inputs make an unknown output. */
export function recordCall(machine: Machine, call: RecordedCall, inputs: readonly Value[]): Value {
  const { trace } = machine;
  if (trace === null) return constantTensor;
  const cause = firstUnknown(inputs);
  if (cause !== null) {
    machine.report(cause);
    return cause;
  }
  const tensors = inputs.filter((input): input is TensorValue => input.kind === "tensor" && input.node !== null);
  if (tensors.length === 0 && call.callee.kind === "function") return constantTensor;
  const shape = outputShape({ className: call.className, op: call.op }, tensors.map((tensor) => tensor.shape)).shape;
  const node = addNode(machine, trace, { callee: call.callee, inputs: tensors.map((tensor) => tensor.node ?? INPUT_NODE), shape, range: call.range });
  const first: TensorValue = { kind: "tensor", node, shape: call.outputs === 1 ? shape : null, isParameter: false };
  if (call.outputs === 1) return first;
  return tuple(Array.from({ length: call.outputs }, () => ({ ...first })));
}

function addNode(machine: Machine, trace: Trace, node: Trace["nodes"][number]): number {
  machine.journal.beforeChange(trace, "nodes", nodesPlace(trace));
  trace.nodes.push(node);
  return trace.nodes.length - 1;
}

/** The op of a function that has no layer class: arithmetic, reshaping. */
export function recordFunction(
  machine: Machine,
  description: { readonly name: string; readonly className: string; readonly op: LayerOp; readonly range: SourceRange; readonly outputs?: number },
  inputs: readonly Value[],
): Value {
  const { name, className, op, range, outputs = 1 } = description;
  return recordCall(machine, { callee: { kind: "function", name, className, op }, className, op, outputs, range }, inputs);
}
