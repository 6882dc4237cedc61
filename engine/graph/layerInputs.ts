/** What each layer takes: the edges of a graph between layers instead of calls. */
import type { ModelGraph } from "../protocol/modelGraph";

/**
 * By layer, the names of the layers and the ids of the model's inputs whose values it takes where it is called first,
 * in the order of its arguments. A further call of a layer (one ReLU for a whole block) is passed through: a value that
 * comes from there counts as what that call takes, because the layer itself stands where it is called first.
 */
export function layerInputs({ nodes }: Pick<ModelGraph, "nodes">): ReadonlyMap<string, readonly string[]> {
  const taken = new Map<string, readonly string[]>();
  /** By node, what stands for its value. */
  const values = new Map<string, readonly string[]>();
  for (const { id, layer, inputs } of nodes) {
    const own = [...new Set(inputs.flatMap((input) => values.get(input) ?? [input]))];
    values.set(id, taken.has(layer) ? own : [layer]);
    if (!taken.has(layer)) taken.set(layer, own);
  }
  return taken;
}
