/** torch.cat and torch.stack. */
import type { ShapeRule } from "../../protocol/shape";
import { isUnknown } from "../interpreter/aboutValues";
import type { CallArguments, LibraryFunction } from "../interpreter/machine";
import { list } from "../interpreter/newValues";
import { elementsOf } from "../interpreter/truth";
import type { TensorValue, Value } from "../interpreter/values";
import { axesOfTensor, commonPlace, placed, placeOf, type Placed } from "./batchPlace";
import { joinedConstants } from "./constantShapes";
import { other } from "./layers/torchLayerSpec";
import { recordCall, type RecordedCall } from "./record";
import { bindSignature, parseSignature } from "./signature";

const joinParameters = parseSignature("tensors, dim=0");

const isTraced = (tensor: Value): tensor is TensorValue => tensor.kind === "tensor" && tensor.node !== null;
const isConstant = (tensor: Value): tensor is TensorValue => tensor.kind === "tensor" && tensor.node === null;

/** NumPy's name of the axis is taken too. */
function withDim(args: CallArguments): CallArguments {
  const keywords = [...args.keywords].map(([key, value]) => [key === "axis" ? "dim" : key, value] as const);
  return { ...args, keywords: new Map(keywords) };
}

export function joining(name: string): LibraryFunction {
  const className = `torch.${name}`;
  return ({ machine, args, range }) => {
    const bound = bindSignature(className, joinParameters, withDim(args), range);
    if (!(bound instanceof Map)) return bound;
    const tensors = elementsOf(bound.get("tensors") ?? list([]), range);
    const dim = bound.get("dim");
    if (isUnknown(tensors)) {
      machine.report(tensors);
      return tensors;
    }
    if (dim?.kind === "unknown" && dim.awaitsShape !== true) machine.report(dim);
    const axis = dim?.kind === "int" ? dim.value : null;
    const join = joinOf(name, tensors, axis);
    const callee = { kind: "function", name, className, op: join.op } as const;
    const result = recordCall(machine, { callee, className, outputs: 1, range, ...join }, tensors);
    const isPlain = result.kind === "tensor" && result.node === null && axis !== null;
    return isPlain ? { ...result, shape: constantShape(name, tensors, axis) } : result;
  };
}

/** What is recorded; of a stack the shape is worked out. */
function joinOf(name: string, tensors: readonly Value[], axis: number | null): Pick<RecordedCall, "op" | "result"> {
  if (axis === null || !tensors.every(isTraced)) return { op: other(name, null) };
  if (name !== "stack") return { op: { kind: "concatenate", axis } };
  const result = stackedShape(tensors, axis);
  if (result === null) return { op: other(name, null) };
  const inputs = tensors.map(({ shape }) => shape ?? []);
  const rule: ShapeRule = { rule: "workedOut", cases: [{ inputs, output: result.shape }] };
  return { op: other(name, rule), result };
}

/** A new axis for tensors of the same shape. */
function stackedShape(tensors: readonly TensorValue[], dim: number): Placed | null {
  const [first] = tensors;
  const axes = first === undefined ? null : axesOfTensor(first);
  const isEven = tensors.every(({ shape }) => shape?.join() === first?.shape?.join());
  if (axes === null || first === undefined || !isEven || commonPlace(tensors) === null) return null;
  const at = dim < 0 ? dim + axes.length + 1 : dim;
  return placed([...axes.slice(0, at), tensors.length, ...axes.slice(at)], placeOf(first).rows);
}

function constantShape(name: string, tensors: readonly Value[], axis: number): TensorValue["shape"] {
  const shapes = tensors.map((tensor) => (isConstant(tensor) ? tensor.shape : null));
  return joinedConstants(shapes, axis, name === "stack");
}
