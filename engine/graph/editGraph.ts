/** Small edits of a model graph. Each returns a new graph whose shapes are stale until `inferShapes` ran again. */
import { type BatchNormOp, spatialDimsOf } from "../protocol/layerOps";
import { isReturned, type GraphNode, type GraphOutput, type Layer, type ModelGraph } from "../protocol/modelGraph";
import type { Shape } from "../protocol/shape";
import { isConvolution } from "./layerKinds";
import { normalizationDefaults } from "../protocol/normalization";
import { parametersOf } from "./parameters";
import { inferShapes } from "./shapes";

export function nodesOf(graph: ModelGraph, layer: string): GraphNode[] {
  return graph.nodes.filter((node) => node.layer === layer);
}

export function consumersOf(graph: ModelGraph, id: string): GraphNode[] {
  return graph.nodes.filter((node) => node.inputs.includes(id));
}

/** The single node that takes a node's value, or null when there are none or several. */
export function soleConsumer(graph: ModelGraph, id: string): GraphNode | null {
  const consumers = consumersOf(graph, id);
  const [only] = consumers;
  return consumers.length === 1 && only !== undefined && !isReturned(graph, id) ? only : null;
}

/** The output shape of calls where all agree on one. */
function commonShape(calls: readonly GraphNode[]): Shape | null {
  const shapes = calls.map((node) => node.outputShape);
  const [first] = shapes;
  if (first === undefined || first === null) return null;
  return shapes.every((shape) => shape?.join() === first.join()) ? first : null;
}

export interface NormPlace {
  readonly channels: number;
  readonly spatialDims: 0 | 1 | 2 | 3;
  /** Set where the features are not on the first axis of the shape (Keras). */
  readonly featureAxis?: number;
}

/**
 * Channels and spatial axes for a batch normalisation after `calls` of a layer; null when their output is not known
 * well enough.
 */
export function normPlaceAfter(
  { framework }: Pick<ModelGraph, "framework">,
  layer: Layer,
  calls: readonly GraphNode[],
): NormPlace | null {
  const shape = commonShape(calls);
  if (shape !== null) {
    // As `BatchNormalization()` does: axis=-1.
    const featureAxis = framework === "keras" ? shape.length - 1 : 0;
    const channels = shape[featureAxis];
    const spatialDims = shape.length - 1;
    const fits = spatialDims === 0 || spatialDims === 1 || spatialDims === 2 || spatialDims === 3;
    if (channels === undefined || !fits) return null;
    return framework === "keras" ? { channels, spatialDims, featureAxis } : { channels, spatialDims };
  }
  // A convolution's channels are known without a shape; a Linear's are not, because it may work on sequences.
  return isConvolution(layer.op) ? { channels: layer.op.outChannels, spatialDims: spatialDimsOf(layer.op) } : null;
}

function uniqueName(graph: ModelGraph, wanted: string): string {
  const taken = new Set(graph.layers.map((layer) => layer.name));
  let name = wanted;
  for (let count = 2; taken.has(name); count++) name = `${wanted}${count}`;
  return name;
}

export interface NormInsertion extends NormPlace {
  /** The annotated layer: gives the name (`<name>_bn`) and the source range. */
  readonly layer: Layer;
  /** The layer whose output is normalised: the annotated one or its activation. */
  readonly after: Layer;
  /** The calls of it that are followed by the normalisation. */
  readonly calls: readonly GraphNode[];
}

/** Adds a batch normalisation after calls of a layer. */
export function insertNorm(graph: ModelGraph, insertion: NormInsertion): ModelGraph {
  const name = uniqueName(graph, `${insertion.layer.name}_bn`);
  const op: BatchNormOp = {
    kind: "batchNorm",
    spatialDims: insertion.spatialDims,
    numFeatures: insertion.channels,
    affine: true,
    trackRunningStats: true,
    ...normalizationDefaults[graph.framework],
    ...(insertion.featureAxis === undefined ? {} : { featureAxis: insertion.featureAxis }),
  };
  const isKeras = graph.framework === "keras";
  // Keras counts the moving mean and variance too.
  const added = parametersOf(op) + (isKeras ? 2 * op.numFeatures : 0);
  const norm: Layer = {
    name,
    className: isKeras ? "BatchNormalization" : `BatchNorm${Math.max(1, insertion.spatialDims)}d`,
    op,
    functional: false,
    parameters: added,
    range: insertion.layer.range,
    origin: "added",
  };
  const layers = graph.layers.flatMap((layer) => (layer.name === insertion.after.name ? [layer, norm] : [layer]));
  const parameters = graph.parameters === null ? null : graph.parameters + added;
  return insertNodes({ ...graph, layers, parameters }, insertion.calls, name);
}

function insertNodes(graph: ModelGraph, calls: readonly GraphNode[], name: string): ModelGraph {
  const replacement = new Map<string, string>();
  for (const node of calls) {
    replacement.set(node.id, replacement.size === 0 ? name : `${name}@${replacement.size + 1}`);
  }
  const nodes = graph.nodes.flatMap((node): GraphNode[] => {
    const rewired = { ...node, inputs: node.inputs.map((id) => replacement.get(id) ?? id) };
    const id = replacement.get(node.id);
    return id === undefined
      ? [rewired]
      : [rewired, { id, layer: name, inputs: [node.id], outputShape: node.outputShape, range: node.range }];
  });
  return { ...graph, nodes, outputs: rewiredOutputs(graph, replacement) };
}

function rewiredOutputs(graph: ModelGraph, replacement: ReadonlyMap<string, string>): GraphOutput[] {
  return graph.outputs.map(({ place, node }) => ({ place, node: replacement.get(node) ?? node }));
}

/** Takes a layer out: whatever took its output takes its input. null when a call has several inputs. */
export function removeLayer(graph: ModelGraph, layer: Layer): ModelGraph | null {
  const replacement = new Map<string, string>();
  const resolve = (id: string): string => replacement.get(id) ?? id;
  const nodes: GraphNode[] = [];
  for (const node of graph.nodes) {
    const inputs = node.inputs.map(resolve);
    if (node.layer !== layer.name) {
      nodes.push({ ...node, inputs });
      continue;
    }
    const [input] = inputs;
    if (input === undefined || inputs.length !== 1) return null;
    replacement.set(node.id, input);
  }
  const known = graph.parameters !== null && layer.parameters !== null;
  return {
    ...graph,
    layers: graph.layers.filter((other) => other.name !== layer.name),
    nodes,
    outputs: rewiredOutputs(graph, replacement),
    parameters: known ? graph.parameters - layer.parameters : null,
  };
}

export function replaceLayer(graph: ModelGraph, layer: Layer): ModelGraph {
  return { ...graph, layers: graph.layers.map((other) => (other.name === layer.name ? layer : other)) };
}

export function withShapes(graph: ModelGraph): ModelGraph {
  return { ...graph, nodes: inferShapes(graph).nodes };
}
