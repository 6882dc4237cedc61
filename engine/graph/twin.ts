/** The model's twin for "compare with and without batch normalization". */
import type { ModelGraph } from "../protocol/modelGraph";
import { batchNormLayers } from "../protocol/modelGraph";
import { insertNorm, nodesOf, normPlaceAfter, removeLayer, soleConsumer, withShapes } from "./editGraph";
import { isActivation, isLinearOrConvolution } from "./layerKinds";

/** The same model with every batch normalisation taken out. */
export function withoutNormalization(graph: ModelGraph): ModelGraph {
  let result = graph;
  for (const layer of batchNormLayers(graph)) result = removeLayer(result, layer) ?? result;
  return withShapes(result);
}

/**
 * The same model with a batch normalisation after every Linear and convolution whose output goes straight into an
 * activation.
 */
export function withNormalization(graph: ModelGraph): ModelGraph {
  let result = graph;
  for (const layer of graph.layers) {
    const isKerasConvolution = layer.op.kind === "other" && layer.op.weightedSum !== undefined;
    if (!isLinearOrConvolution(layer.op) && !isKerasConvolution) continue;
    const calls = nodesOf(result, layer.name);
    const activated = calls.length > 0 && calls.every((call) => feedsActivation(result, call.id));
    const place = activated ? normPlaceAfter(result, layer, calls) : null;
    if (place !== null) result = insertNorm(result, { layer, after: layer, calls, ...place });
  }
  return withShapes(result);
}

function feedsActivation(graph: ModelGraph, id: string): boolean {
  const next = soleConsumer(graph, id);
  const layer = graph.layers.find((candidate) => candidate.name === next?.layer);
  return layer !== undefined && isActivation(layer);
}

/** Without BN for a model that has some, with BN for one that has none. */
export function twinOf(graph: ModelGraph): ModelGraph {
  return batchNormLayers(graph).length > 0 ? withoutNormalization(graph) : withNormalization(graph);
}
