/** `for layer in base.layers[100:]`: of which model, and whether some of these layers are BN. */
import type { Expression } from "../../python/expressions";
import { dottedName } from "../../python/walk";
import { constantNumber } from "./constants";

export interface LayerLoop {
  /** The name of the model. */
  readonly model: string;
  /** Of its layers; null for an end that the text does not say. */
  readonly from: number | null;
  readonly to: number | null;
}

/** null for a loop over anything else. */
export function layerLoop(iterable: Expression, numbers: ReadonlyMap<string, number>): LayerLoop | null {
  const object = iterable.kind === "subscript" ? iterable.object : iterable;
  const name = dottedName(object);
  if (name?.endsWith(".layers") !== true) return null;
  const model = name.slice(0, -".layers".length);
  if (iterable.kind !== "subscript") return { model, from: 0, to: Infinity };
  if (iterable.index.kind !== "slice") return { model, from: null, to: null };
  const { lower, upper } = iterable.index;
  const end = (bound: Expression | null, open: number): number | null =>
    bound === null ? open : constantNumber(bound, numbers);
  return { model, from: end(lower, 0), to: end(upper, Infinity) };
}

/** So many layers in a row have BN among them, in every model of keras.applications that has any. */
const MOST_BETWEEN_NORMS = 30;

/**
 * Whether layers of a pretrained base have BN among them. Null where it is unknown.
 * @param last Where the base's last BN layer is among its layers.
 * @param after How many layers follow it in the model of the loop; null where a head of any length does.
 */
export function loopHasNorm({ from, to }: LayerLoop, last: number, after: number | null): boolean | null {
  if (from === null || to === null) return null;
  if (from < 0 && after === null) return null;
  const start = from < 0 ? last + (after ?? 0) + 1 + from : from;
  const end = to < 0 ? last + (after ?? 0) + 1 + to : to;
  if (start > last) return false;
  return end === Infinity || end - start > MOST_BETWEEN_NORMS ? true : null;
}
