/** What rows share, such as a scale, worked out once for all of them instead of once a row. */
import type { LayerReading } from "../../engine/protocol/judgement";

type Readings = readonly LayerReading[];

/** `work` is done again when the readings are others. */
export function ofAllLayers<Result>(work: (readings: Readings) => Result): (readings: Readings) => Result {
  const known = new WeakMap<Readings, { readonly result: Result }>();
  return (readings) => {
    const before = known.get(readings);
    if (before) return before.result;
    const result = work(readings);
    known.set(readings, { result });
    return result;
  };
}
