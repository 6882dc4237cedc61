/** What sets `trainable` in a Keras file: of a model, or of its layers in a loop. */
import type { Expression } from "../../python/expressions";
import type { Statement } from "../../python/statements";
import { dottedName } from "../../python/walk";

/** `base.trainable` */
export const isTrainableOf = (target: Expression, base: string): boolean =>
  target.kind === "attribute" && target.name === "trainable" && dottedName(target.object) === base;

/** `base.layers`, `base.layers[:100]` */
export function isLayersOf(iterable: Expression, base: string): boolean {
  const object = iterable.kind === "subscript" ? iterable.object : iterable;
  return dottedName(object) === `${base}.layers`;
}

/** `layer.trainable = True`, of a loop's variable. */
export const setsTrainable = (statement: Statement, variable: Expression, wanted: boolean): boolean =>
  variable.kind === "name" &&
  statement.kind === "assign" &&
  statement.value.kind === "constant" &&
  statement.value.value === wanted &&
  statement.targets.some((assigned) => isTrainableOf(assigned, variable.name));
