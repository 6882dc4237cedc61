/**
 * Small tensors and NumPy arrays whose values are known. PyTorch computes in float32, NumPy in float64; what changes
 * one in place makes the numbers of everything that shares its memory unknown.
 */
import { float, int } from "./newValues";
import type { NumericContent, TensorValue, Value } from "./values";

export type NumericTensor = TensorValue & { readonly numbers: NumericContent };

export function isNumeric(value: Value | undefined): value is NumericTensor {
  return value?.kind === "tensor" && value.numbers !== undefined && !value.numbers.memory.isChanged;
}

/** What numbers are stored as. */
export interface NumberType {
  readonly isInteger: boolean;
  readonly isDouble: boolean;
}

/** A tensor of these values: a vector, or a single number when `shape` is empty. */
export function numericTensor(
  values: readonly number[],
  { isInteger, isDouble }: NumberType,
  shape: readonly number[] = [values.length],
  memory = { isChanged: false },
): TensorValue {
  const stored = isInteger || isDouble ? values : values.map(Math.fround);
  return {
    kind: "tensor",
    node: null,
    shape,
    isParameter: false,
    numbers: { values: stored, isInteger, isDouble, memory },
  };
}

/** What a loop over a vector gives: tensors that share its memory, or NumPy's numbers. */
export function numericElements({ numbers, shape }: NumericTensor): readonly Value[] | null {
  if (shape?.length !== 1) return null;
  return numbers.values.map((value) =>
    numbers.isDouble ? pythonNumber(value, numbers) : numericTensor([value], numbers, [], numbers.memory),
  );
}

/** The Python number in a tensor of one value. */
export function numericItem({ numbers }: NumericTensor): Value | null {
  const [value] = numbers.values;
  return numbers.values.length !== 1 || value === undefined ? null : pythonNumber(value, numbers);
}

export function pythonNumber(value: number, { isInteger }: NumberType): Value {
  return isInteger ? int(value) : float(value);
}

/** Says that the tensor, and whatever shares its memory, no longer contains these numbers. */
export function forgetNumbers(value: Value | undefined): void {
  if (value?.kind === "tensor" && value.numbers !== undefined) value.numbers.memory.isChanged = true;
}
