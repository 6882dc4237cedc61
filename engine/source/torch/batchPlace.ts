/**
 * Where the batch is among a tensor's axes. Shapes leave the batch out, and nearly always it is the first axis with one
 * row for each sample. `x.view(batch * frames, …)` gives a sample several rows, and `x.permute(1, 0, 2)` puts other
 * axes in front of the batch.
 */
import type { Shape } from "../../protocol/shape";
import type { BatchPlace, TensorValue } from "../interpreter/values";

export const PLAIN: BatchPlace = { axis: 0, rows: 1 };

export const placeOf = ({ batch }: TensorValue): BatchPlace => batch ?? PLAIN;

export const isPlain = (tensor: TensorValue): boolean => tensor.batch === undefined;

/** The place that tensors have in common; null where they differ, so that nothing is known about their combination. */
export function commonPlace(tensors: readonly TensorValue[]): BatchPlace | null {
  const [first] = tensors;
  if (first === undefined) return PLAIN;
  const place = placeOf(first);
  const isCommon = tensors.every((tensor) => {
    const { axis, rows } = placeOf(tensor);
    return axis === place.axis && rows === place.rows;
  });
  return isCommon ? place : null;
}

/** All axes of a tensor: sizes, and null for the batch. */
export type Axes = readonly (number | null)[];

/** null where a size is not known. */
export function axesOfTensor(tensor: TensorValue): Axes | null {
  const { shape } = tensor;
  if (shape === null || shape.some(Number.isNaN)) return null;
  if (tensor.node === null) return shape;
  const { axis } = placeOf(tensor);
  return axis <= shape.length ? [...shape.slice(0, axis), null, ...shape.slice(axis)] : null;
}

/** A shape and where the batch is in it. */
export interface Placed {
  readonly shape: Shape;
  readonly batch: BatchPlace;
}

/** null where the batch is gone, or there twice. */
export function placed(axes: Axes, rows: number): Placed | null {
  const axis = axes.indexOf(null);
  const shape = axes.filter((size): size is number => size !== null);
  return axis < 0 || shape.length !== axes.length - 1 || !(rows >= 1) ? null : { shape, batch: { axis, rows } };
}

/** What a tensor gets: nothing for the usual place. */
export function batchField(place: BatchPlace): { readonly batch?: BatchPlace } {
  return place.axis === 0 && place.rows === 1 ? {} : { batch: place };
}
