/**
 * Small tensors whose values are known. Values are float32 as PyTorch's are; what changes one in place makes the numbers
 * of everything that shares its memory unknown.
 */
import { float, int, type NumericContent, type TensorValue, type Value } from "./values";

export type NumericTensor = TensorValue & { readonly numbers: NumericContent };

export function isNumeric(value: Value | undefined): value is NumericTensor {
  return value?.kind === "tensor" && value.numbers !== undefined && !value.numbers.memory.isChanged;
}

/** A tensor of these values: a vector, or a single number when `shape` is empty. */
export function numericTensor(values: readonly number[], isInteger: boolean, shape: readonly number[] = [values.length], memory = { isChanged: false }): TensorValue {
  const stored = isInteger ? values : values.map(Math.fround);
  return { kind: "tensor", node: null, shape, isParameter: false, numbers: { values: stored, isInteger, memory } };
}

/** What a loop over the tensor gives; the parts share its memory. */
export function numericElements({ numbers, shape }: NumericTensor): readonly TensorValue[] | null {
  return shape?.length === 1 ? numbers.values.map((value) => numericTensor([value], numbers.isInteger, [], numbers.memory)) : null;
}

/** The Python number in a tensor of one value. */
export function numericItem({ numbers }: NumericTensor): Value | null {
  const [value] = numbers.values;
  if (numbers.values.length !== 1 || value === undefined) return null;
  return numbers.isInteger ? int(value) : float(value);
}

/** Says that the tensor, and whatever shares its memory, no longer holds these numbers. */
export function forgetNumbers(value: Value | undefined): void {
  if (value?.kind === "tensor" && value.numbers !== undefined) value.numbers.memory.isChanged = true;
}
