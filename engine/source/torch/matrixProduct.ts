/** `a @ b`, torch.matmul, mm and bmm: the shapes of products of matrices along the last two axes. */
import type { LayerOp } from "../../protocol/layerOps";
import type { SourceRange } from "../../protocol/modelGraph";
import type { Machine } from "../interpreter/machine";
import type { TensorValue, Value } from "../interpreter/values";
import { axesOfTensor, isPlain, placed, placeOf, type Axes, type Placed } from "./batchPlace";
import { other } from "./layers/torchLayerSpec";
import { recordCall } from "./record";

/** Axes before the last two, repeated where they are 1; null where they do not fit. */
function broadcastLead(a: Axes, b: Axes): Axes | null {
  if (a.length !== b.length) return null;
  const lead = a.map((size, axis) => {
    const other_ = b[axis] ?? null;
    if (size === other_) return size;
    return size === 1 ? other_ : other_ === 1 ? size : undefined;
  });
  return lead.includes(undefined) ? null : (lead as Axes);
}

function productOf(left: TensorValue, right: TensorValue): Placed | null {
  const [a, b] = [axesOfTensor(left), axesOfTensor(right)];
  if (a === null || b === null || a.length < 2 || b.length < 2) return null;
  const [rows, inner] = a.slice(-2);
  const [innerToo, columns] = b.slice(-2);
  if (inner === undefined || inner === null || inner !== innerToo || rows === undefined || columns === undefined)
    return null;
  const isWeight = right.node === null && b.length === 2;
  const lead = isWeight ? a.slice(0, -2) : broadcastLead(a.slice(0, -2), b.slice(0, -2));
  const traced = left.node === null ? right : left;
  return lead === null ? null : placed([...lead, rows, columns], placeOf(traced).rows);
}

/** null for operands that are no tensors, or of which none comes from the input. */
export function matrixProduct(
  machine: Machine,
  { name, className, range }: { readonly name: string; readonly className: string; readonly range: SourceRange },
  operands: readonly Value[],
): Value | null {
  const [left, right] = operands;
  if (left?.kind !== "tensor" || right?.kind !== "tensor" || (left.node === null && right.node === null)) return null;
  const samePlace = left.node === null || right.node === null || (isPlain(left) && isPlain(right));
  const result = samePlace ? productOf(left, right) : null;
  const inputs = [left, right].flatMap(({ node, shape }) => (node === null ? [] : [shape ?? []]));
  const op: LayerOp = other(
    name,
    result === null ? null : { rule: "workedOut", cases: [{ inputs, output: result.shape }] },
  );
  const call = { callee: { kind: "function", name, className, op }, className, op, outputs: 1, range } as const;
  return recordCall(machine, { ...call, ...(result === null ? {} : { result }) }, operands);
}
