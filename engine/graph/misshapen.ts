/** What of the shapes around a call the engine can't store, or compute with. */
import type { Layer } from "../protocol/modelGraph";
import { isStored, type Shape } from "../protocol/shape";
import { entryOf } from "./ops/opEntries";
import { NO_IMAGE, NO_SEQUENCE } from "./ops/opEntry";
import { outputShape } from "./shapes";

/** As the end of a sentence about the layer; null when all is well. */
export function misshapen(layer: Layer, inputs: readonly Shape[], output: Shape | null): string | null {
  const { op } = layer;
  const entry = entryOf(op);
  // Inputs that do not fit are reported as a separate problem.
  if (output === null)
    return outputShape(layer, inputs).mismatch === null ? "the shape of its output is unknown" : null;
  if (output.some((size) => size < 1)) return "its output is empty";
  const strange = entry.onlyMoves ? undefined : [...inputs, output].find((shape) => !isStored(shape));
  if (strange !== undefined) return `it computes with ${strange.length} axes besides the batch axis`;
  const axes = entry.spatialAxes?.(op) ?? null;
  if (axes !== null && inputs[0]?.length !== axes + 1) return axes === 2 ? NO_IMAGE : NO_SEQUENCE;
  return entry.misfit?.(op, inputs[0] ?? [], output) ?? null;
}
