/** Functions of torch that take several tensors, or none: joining, padding, tensors of a given shape. */
import type { LayerOp, PaddingMode } from "../../protocol/layerOps";
import type { ShapeRule } from "../../protocol/shape";
import { isUnknown, numberOf } from "../interpreter/aboutValues";
import type { LibraryFunction } from "../interpreter/machine";
import { list, none } from "../interpreter/newValues";
import { elementsOf } from "../interpreter/truth";
import type { TensorValue, Value } from "../interpreter/values";
import { joinedConstants } from "./constantShapes";
import { other, padded } from "./layers/torchLayerSpec";
import { axesOfTensor, commonPlace, placed, placeOf, type Placed } from "./batchPlace";
import { recordCall, recordFunction } from "./record";
import { bindSignature, parseSignature } from "./signature";
import { axesOf } from "./tensorOperations";

const joinParameters = parseSignature("tensors, dim=0");

/** torch.cat and torch.stack. */
export function joining(name: string): LibraryFunction {
  const className = `torch.${name}`;
  return ({ machine, args, range }) => {
    const renamed = args.keywords.has("axis")
      ? new Map([...args.keywords].map(([key, value]) => [key === "axis" ? "dim" : key, value]))
      : args.keywords;
    const bound = bindSignature(className, joinParameters, { ...args, keywords: renamed }, range);
    if (!(bound instanceof Map)) return bound;
    const tensors = elementsOf(bound.get("tensors") ?? list([]), range);
    const dim = bound.get("dim");
    if (isUnknown(tensors)) {
      machine.report(tensors);
      return tensors;
    }
    if (dim?.kind === "unknown" && dim.awaitsShape !== true) machine.report(dim);
    const allTraced = tensors.every((tensor) => tensor.kind === "tensor" && tensor.node !== null);
    const stacked = name === "stack" && allTraced && dim?.kind === "int" ? stackedShape(tensors, dim.value) : null;
    if (stacked !== null) {
      const inputs = tensors.map((tensor) => (tensor.kind === "tensor" ? (tensor.shape ?? []) : []));
      const rule: ShapeRule = { rule: "workedOut", cases: [{ inputs, output: stacked.shape }] };
      const stack = other(name, rule);
      const callee = { kind: "function", name, className, op: stack } as const;
      return recordCall(machine, { callee, className, op: stack, outputs: 1, range, result: stacked }, tensors);
    }
    const joins = name !== "stack" && allTraced && dim?.kind === "int";
    const op: LayerOp = joins ? { kind: "concatenate", axis: dim.value } : other(name, null);
    const result = recordFunction(machine, { name, className, op, range }, tensors);
    if (result.kind !== "tensor" || result.node !== null || dim?.kind !== "int") return result;
    const shapes = tensors.map((tensor) => (tensor.kind === "tensor" && tensor.node === null ? tensor.shape : null));
    return { ...result, shape: joinedConstants(shapes, dim.value, name === "stack") };
  };
}

/** A new axis for the tensors of a stack, which have the same shape. */
function stackedShape(tensors: readonly Value[], dim: number): Placed | null {
  const found = tensors.filter((tensor): tensor is TensorValue => tensor.kind === "tensor");
  const [first] = found;
  const axes = first === undefined ? null : axesOfTensor(first);
  const isEven = found.every(({ shape }) => shape?.join() === first?.shape?.join());
  if (axes === null || first === undefined || !isEven || commonPlace(found) === null) return null;
  const at = dim < 0 ? dim + axes.length + 1 : dim;
  return placed([...axes.slice(0, at), found.length, ...axes.slice(at)], placeOf(first).rows);
}

const padParameters = parseSignature("input, pad, mode='constant', value=None");

/** torch.nn.functional.pad: pairs of sizes from the last axis to the first. */
export const padding: LibraryFunction = ({ machine, args, range }) => {
  const bound = bindSignature("F.pad", padParameters, args, range);
  if (!(bound instanceof Map)) {
    machine.report(bound);
    return bound;
  }
  const sides = axesOf(bound.get("pad") ?? none);
  const dims = (sides?.length ?? 1) / 2;
  const amounts = Array.from({ length: Math.floor(dims) }, (_, axis) => {
    const from = 2 * (dims - 1 - axis);
    return (sides?.[from] ?? 0) + (sides?.[from + 1] ?? 0);
  });
  const rule: ShapeRule | null = sides !== null && Number.isInteger(dims) ? { rule: "pad", amounts } : null;
  const mode = paddingMode(bound.get("mode") ?? none, bound.get("value") ?? none);
  const op: LayerOp =
    rule === null || mode === null
      ? other("pad", rule)
      : { kind: "rearrange", rearrangement: padded(sides ?? [], mode) };
  return recordFunction(machine, { name: "pad", className: "F.pad", op, range }, [bound.get("input") ?? none]);
};

const PADDING_MODES: Readonly<Record<string, PaddingMode>> = { reflect: "reflect", replicate: "replicate" };

/** null for modes that the engine has not, and for a constant other than zero. */
function paddingMode(mode: Value, value: Value): PaddingMode | null {
  if (mode.kind !== "string") return null;
  const isZero = value.kind === "none" || numberOf(value) === 0;
  return mode.value === "constant" ? (isZero ? "zeros" : null) : (PADDING_MODES[mode.value] ?? null);
}
