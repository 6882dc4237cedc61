/** Views that give each sample several rows of the batch axis (`x.view(b * t, c, h, w)`), and back. */
import type { Value } from "../interpreter/values";
import type { TensorValue } from "../interpreter/values";
import { placed, placeOf, type Placed } from "./batchPlace";

const product = (sizes: readonly number[]): number => sizes.reduce((total, size) => total * size, 1);

/** The sizes with what -1 stands for, when a row has so many values; null where it does not divide. */
function filled(sizes: readonly number[], values: number): readonly number[] | null {
  const fixed = product(sizes.filter((size) => size !== -1));
  const free = sizes.filter((size) => size === -1).length;
  if (free === 0) return fixed === values ? sizes : null;
  const rest = values / fixed;
  return free === 1 && Number.isInteger(rest) ? sizes.map((size) => (size === -1 ? rest : size)) : null;
}

/**
 * What a view gives when it changes the number of rows, or when the tensor has several rows already; null for every
 * other view. `first` is the size of the batch axis, `sizes` those after it.
 */
export function viewOfRows(input: TensorValue, first: Value | undefined, sizes: readonly number[]): Placed | null {
  const { axis, rows } = placeOf(input);
  const { shape } = input;
  if (axis !== 0 || shape === null || shape.some(Number.isNaN)) return null;
  const values = product(shape) * rows;
  if (first?.kind === "batchSize") {
    const wanted = first.rows ?? 1;
    if (wanted === 1 && rows === 1) return null;
    const after = filled(sizes, values / wanted);
    return after === null ? null : placed([null, ...after], wanted);
  }
  if (first?.kind !== "int" || first.value !== -1 || sizes.includes(-1)) return null;
  const count = values / product(sizes);
  const keepsLast =
    shape.length >= sizes.length && sizes.every((size, index) => size === shape.at(index - sizes.length));
  const isFold = rows !== 1 || (keepsLast && sizes.length < shape.length);
  return isFold && Number.isInteger(count) ? placed([null, ...sizes], count) : null;
}
