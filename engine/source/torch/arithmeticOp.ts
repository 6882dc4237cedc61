/** Arithmetic that the engine trains: of two traced tensors, or of one with numbers that are known. */
import type { AffineOp, LayerOp } from "../../protocol/layerOps";
import { numberOf } from "../interpreter/aboutValues";
import type { Value } from "../interpreter/values";

const ofTwoTensors: Readonly<Record<string, LayerOp>> = {
  "+": { kind: "add" },
  "-": { kind: "subtract" },
  "*": { kind: "multiply" },
};

const affine = (scale: number, shift: number): AffineOp => ({ kind: "affine", scale, shift });

/** By operator, with the number after the tensor and before it. */
const withNumberAfter: Readonly<Record<string, (value: number) => AffineOp>> = {
  "+": (value) => affine(1, value),
  "-": (value) => affine(1, -value),
  "*": (value) => affine(value, 0),
  "/": (value) => affine(1 / value, 0),
};
const withNumberBefore: Readonly<Record<string, (value: number) => AffineOp>> = {
  "+": (value) => affine(1, value),
  "-": (value) => affine(-1, value),
  "*": (value) => affine(value, 0),
};

const isTraced = (value: Value): boolean => value.kind === "tensor" && value.node !== null;

/** null for what is no such arithmetic. */
export function arithmeticOp(operator: string, operands: readonly Value[]): LayerOp | null {
  const [first, second] = operands;
  if (first === undefined || operands.length > 2) return null;
  if (second === undefined) return operator === "-" && isTraced(first) ? affine(-1, 0) : null;
  if (isTraced(first) && isTraced(second)) return ofTwoTensors[operator] ?? null;
  const number = numberOf(isTraced(first) ? second : first);
  if (number === null || (!isTraced(first) && !isTraced(second))) return null;
  const op = (isTraced(first) ? withNumberAfter : withNumberBefore)[operator]?.(number);
  return op !== undefined && Number.isFinite(op.scale) && Number.isFinite(op.shift) ? op : null;
}
