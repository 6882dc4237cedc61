import type { LayerOp, OtherOp } from "../protocol/layerOps";
import type { Layer } from "../protocol/modelGraph";
import { entryOf } from "./ops/opEntries";

/** Trainable parameters of a layer with these settings; those of an `other` layer are its `parameters` in the graph. */
export function parametersOf(op: Exclude<LayerOp, OtherOp>): number {
  return entryOf(op).parameters(op);
}

/** null as soon as one layer's count is unknown. */
export function totalParameters(layers: readonly Pick<Layer, "parameters">[]): number | null {
  let total = 0;
  for (const layer of layers) {
    if (layer.parameters === null) return null;
    total += layer.parameters;
  }
  return total;
}
