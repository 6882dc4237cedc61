import type { LayerOp } from "../../protocol/layerOps";
import type { SourceRange } from "../../protocol/modelGraph";
import type { Shape, ShapeRule } from "../../protocol/shape";
import { noArguments, type Machine } from "../interpreter/machine";
import { isNumeric, numericElements } from "../interpreter/numericContent";
import { numberOf } from "../interpreter/aboutValues";
import { method, unknownPlain } from "../interpreter/newValues";
import type { TensorValue, Value } from "../interpreter/values";
import { arithmeticOp } from "./arithmeticOp";
import { broadcastConstants } from "./constantShapes";
import { placeOf } from "./batchPlace";
import { matrixProduct } from "./matrixProduct";
import { recordRearranged } from "./rearranged";
import { selectedShape } from "./selection";
import { slicingOp } from "./slicingOp";
import { other } from "./layers/torchLayerSpec";
import { numericArithmetic, numericComparison } from "./numericTensor";
import { constantTensor, recordFunction } from "./record";
import { shapeTuple } from "./tensorOperations";

const OPERATOR_NAMES: Readonly<Record<string, string>> = {
  "+": "add",
  "-": "sub",
  "*": "mul",
  "/": "div",
  "//": "floor_divide",
  "%": "remainder",
  "**": "pow",
  "@": "matmul",
  "~": "logical_not",
  "==": "eq",
  "!=": "ne",
  "<": "lt",
  "<=": "le",
  ">": "gt",
  ">=": "ge",
  "&": "and",
  "|": "or",
  "^": "xor",
};

/** Arithmetic and comparisons with at least one tensor. */
export function tensorOperator(
  machine: Machine,
  operator: string,
  operands: readonly Value[],
  range: SourceRange,
): Value {
  const strange = operands.find((operand) => operand.kind === "unknown");
  if (strange !== undefined) {
    machine.report(strange);
    return strange;
  }
  const numeric = numericArithmetic(operator, operands) ?? numericComparison(operator, operands);
  if (numeric !== null) return numeric;
  const product =
    operator === "@" ? matrixProduct(machine, { name: "matmul", className: "matmul", range }, operands) : null;
  if (product !== null) return product;
  const name = operands.length === 1 && operator === "-" ? "neg" : (OPERATOR_NAMES[operator] ?? operator);
  const result = recordFunction(
    machine,
    { name, className: name, op: operatorOp(operator, name, operands), range },
    operands,
  );
  return result.kind === "tensor" && result.node === null
    ? { ...result, shape: constantShape(operator, operands) }
    : result;
}

/** What the engine knows is arithmetic of values that all come from the input, or of one with numbers. */
function operatorOp(operator: string, name: string, operands: readonly Value[]): LayerOp {
  return arithmeticOp(operator, operands) ?? other(name, ruleFor(operator, operands));
}

/** Tensors that do not come from the input, in arithmetic with each other and with numbers. */
function constantShape(operator: string, operands: readonly Value[]): Shape | null {
  const isKnown = operands.every((operand) => operand.kind === "tensor" || numberOf(operand) !== null);
  if (!isKnown || operator === "@") return null;
  return broadcastConstants(operands.map((operand) => (operand.kind === "tensor" ? operand.shape : [])));
}

function ruleFor(operator: string, operands: readonly Value[]): ShapeRule | null {
  if (operator === "@") return null;
  const tensors = operands.filter((operand): operand is TensorValue => operand.kind === "tensor");
  const [traced, ...others] = [...tensors].sort((a, b) => Number(a.node === null) - Number(b.node === null));
  if (others.length === 0) return { rule: "same" };
  if (traced !== undefined && others.every((tensor) => tensor.node !== null)) return { rule: "broadcast" };
  return others.every((constant) => traced !== undefined && fitsInto(constant, traced)) ? { rule: "same" } : null;
}

/** Whether a constant broadcasts to the shape of a sample without changing it (a scale per channel). */
function fitsInto(constant: TensorValue, traced: TensorValue): boolean {
  if (constant.shape === null || traced.shape === null || constant.shape.length > traced.shape.length) return false;
  const offset = traced.shape.length - constant.shape.length;
  return constant.shape.every((size, axis) => size === 1 || size === traced.shape?.[axis + offset]);
}

/** Of `x[:, 0]` it is not followed which values it takes, only that it comes from `x`; of slices it is. */
export function tensorSubscript(machine: Machine, tensor: Value, index: Value, range: SourceRange): Value {
  const numbers = isNumeric(tensor) && index.kind === "int" ? numericElements(tensor)?.at(index.value) : undefined;
  if (numbers !== undefined) return numbers;
  const isTraced = tensor.kind === "tensor" && tensor.node !== null;
  const shape = isTraced && placeOf(tensor).axis === 0 ? tensor.shape : null;
  const selected = isTraced ? selectedShape(tensor, index) : null;
  if (isTraced && selected !== null && (shape === null || slicingOp(shape, index) === null))
    return recordRearranged(machine, "getitem", "Tensor.__getitem__", tensor, selected, range);
  return recordFunction(
    machine,
    {
      name: "getitem",
      className: "Tensor.__getitem__",
      op: (shape === null ? null : slicingOp(shape, index)) ?? other("getitem", null),
      range,
      isCopy: picksByNumbers(index),
    },
    [tensor],
  );
}

/** `x[rows, places]`: what tensors and lists of numbers pick is copied, slices are not. */
function picksByNumbers(index: Value): boolean {
  const parts = index.kind === "tuple" ? index.elements : [index];
  return parts.some(({ kind }) => kind === "tensor" || kind === "list");
}

/** Attributes of a tensor; null for those that are methods or not known. */
export function tensorAttribute(machine: Machine, tensor: Value, name: string, range: SourceRange): Value | null {
  if (tensor.kind !== "tensor") return null;
  switch (name) {
    case "shape":
      return shapeTuple(tensor, range);
    case "data":
      return tensor.node === null
        ? tensor
        : recordFunction(
            machine,
            { name: "detach", className: "Tensor.data", op: other("detach", { rule: "same" }), range },
            [tensor],
          );
    case "T":
      return machine.call(method(tensor, "t"), noArguments, range);
    case "grad":
      return constantTensor;
    case "device":
    case "dtype":
    case "requires_grad":
      return unknownPlain(`NormLens does not follow the ${name} of a tensor`, range);
    case "ndim": {
      const shape = shapeTuple(tensor, range);
      return shape.kind === "tuple"
        ? { kind: "int", value: shape.elements.length }
        : unknownPlain("the shape of this tensor is unknown", range);
    }
    default:
      return null;
  }
}
