/** `x[:, -1]`, `x[0]`, `for part in x`: parts of a tensor along whole axes, with the shapes they have. */
import type { SourceRange } from "../../protocol/modelGraph";
import type { Machine } from "../interpreter/machine";
import { unknown } from "../interpreter/newValues";
import type { SliceValue, TensorValue, UnknownValue, Value } from "../interpreter/values";
import { axesOfTensor, placed, placeOf, type Axes, type Placed } from "./batchPlace";
import { recordRearranged } from "./rearranged";

const MOST_PARTS = 64;

export const isEllipsis = (entry: Value): boolean => entry.kind === "library" && entry.path === "builtins.Ellipsis";

export const isWhole = ({ lower, upper, step }: SliceValue): boolean =>
  lower.kind === "none" && upper.kind === "none" && step.kind === "none";

/** How many elements a slice takes; null where a bound is not known. */
function sliceSize({ lower, upper, step }: SliceValue, length: number): number | null {
  const bound = (value: Value, absent: number): number | null => {
    if (value.kind === "none") return absent;
    if (value.kind !== "int") return null;
    return Math.min(length, Math.max(0, value.value < 0 ? value.value + length : value.value));
  };
  const [start, end] = [bound(lower, 0), bound(upper, length)];
  const stride = step.kind === "none" ? 1 : step.kind === "int" ? step.value : 0;
  if (start === null || end === null || stride < 1) return null;
  return Math.max(0, Math.ceil((end - start) / stride));
}

/** The axes that are left; null where that is not known. */
export function axesAfter(axes: Axes, index: Value): Axes | null {
  const given = index.kind === "tuple" ? index.elements : [index];
  const taken = given.filter((entry) => entry.kind !== "none" && !isEllipsis(entry)).length;
  if (taken > axes.length || given.filter(isEllipsis).length > 1) return null;
  const result: (number | null)[] = [];
  let axis = 0;
  for (const entry of given) {
    if (entry.kind === "none") result.push(1);
    else if (isEllipsis(entry)) {
      const end = axis + axes.length - taken;
      result.push(...axes.slice(axis, end));
      axis = end;
    } else {
      const left = leftOf(axes[axis++] ?? null, entry);
      if (left === null) return null;
      result.push(...left);
    }
  }
  return [...result, ...axes.slice(axis)];
}

/** What an index or slice leaves of an axis: nothing, or a part of it; null where that is not known. */
function leftOf(size: number | null, entry: Value): Axes | null {
  if (entry.kind === "slice" && isWhole(entry)) return [size];
  if (entry.kind === "int") return size === null || (entry.value < size && entry.value >= -size) ? [] : null;
  if (size === null) return null;
  const part = entry.kind === "slice" ? sliceSize(entry, size) : null;
  return part === null ? null : [part];
}

/** The shape of a subscript of a traced tensor. */
export function selectedShape(tensor: TensorValue, index: Value): Placed | null {
  const axes = axesOfTensor(tensor);
  const after = axes === null || tensor.node === null ? null : axesAfter(axes, index);
  return after === null ? null : placed(after, placeOf(tensor).rows);
}

/** What a loop over a tensor gives: its parts along the first axis. */
export function tensorElements(
  machine: Machine,
  tensor: TensorValue,
  range: SourceRange,
  axis = 0,
): readonly Value[] | UnknownValue {
  const axes = axesOfTensor(tensor);
  const size = axes?.[axis];
  if (axes === null || typeof size !== "number" || size > MOST_PARTS || tensor.node === null)
    return unknown("NormLens does not follow a loop over a tensor whose first size is not known", range);
  const rest = placed([...axes.slice(0, axis), ...axes.slice(axis + 1)], placeOf(tensor).rows);
  return Array.from({ length: size }, () => recordRearranged(machine, "select", "Tensor.select", tensor, rest, range));
}
