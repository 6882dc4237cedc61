import { isLoader } from "../../script/dataSize";
import type { Forward, ObjectValue, TracedValue } from "../../script/tracedValues";

/**
 * Whether a pass is in a loop over the batches of a loader, and of no other beside it: what both bring is often
 * concatenated.
 */
export function isFedBy({ loops }: Forward, loader: ObjectValue): boolean {
  return loops.some(({ loop }) => loop.iterable !== null && comesFrom(loop.iterable, loader));
}

function comesFrom(value: TracedValue, loader: ObjectValue): boolean {
  if (value === loader) return true;
  if (value.kind !== "object" || !(value.type === "enumerate" || value.type === "zip")) return false;
  const { positional } = value.args;
  const isAlone = positional.every((inner) => inner === loader || inner.kind !== "object" || !isLoader(inner));
  return isAlone && positional.some((inner) => comesFrom(inner, loader));
}
