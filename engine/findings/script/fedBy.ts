import type { Forward, ObjectValue, TracedValue } from "../../script/tracedValues";

/** Whether a pass is in a loop over the batches of a loader. */
export function isFedBy({ loops }: Forward, loader: ObjectValue): boolean {
  return loops.some(({ loop }) => loop.iterable !== null && comesFrom(loop.iterable, loader));
}

function comesFrom(value: TracedValue, loader: ObjectValue): boolean {
  if (value === loader) return true;
  return (
    value.kind === "object" &&
    (value.type === "enumerate" || value.type === "zip") &&
    value.args.positional.some((inner) => comesFrom(inner, loader))
  );
}
