import { inputShapeOf, trainedOutput } from "../protocol/modelGraph";
import type { GraphNode, Layer, ModelGraph, Unknown } from "../protocol/modelGraph";
import type { Shape } from "../protocol/shape";
import type { Problem } from "../protocol/problems";
import { consumersOf } from "./editGraph";
import { misshapen } from "./misshapen";
import { entryOf } from "./ops/opEntries";
import { totalParameters } from "./parameters";
import { inferShapes } from "./shapes";

/**
 * Why the engine can't train this graph, in the order in which a person would fix it; empty when it can. Nothing
 * unknown is accepted: a model is trained as it is written or not at all.
 */
export function trainabilityProblems(graph: ModelGraph): Problem[] {
  // Keras puts channels last, pads unevenly and initializes weights in another way: the engine would train another
  // model.
  const foreign: Problem[] =
    graph.framework === "keras" ? [{ code: "framework-unsupported", model: graph.model, framework: "Keras" }] : [];
  return [
    ...foreign,
    ...graph.unknowns.map((unknown) => unknownProblem(unknown, graph.model)),
    ...missingInput(graph),
    ...layerProblems(graph),
    ...inferShapes(graph).problems,
    ...ownParameters(graph),
    ...outputProblems(graph),
  ];
}

/** `model` is the expression of the model that the unknown value is part of. */
export function unknownProblem({ reason, range, remedy }: Unknown, model: string): Problem {
  return { code: "unknown-value", reason, path: range.path, line: range.startLine, ...(remedy && { remedy, model }) };
}

function missingInput(graph: ModelGraph): Problem[] {
  return graph.inputs.length === 0 || graph.inputs.some(({ shape }) => shape === null)
    ? [{ code: "input-shape-unknown", model: graph.model, inputs: graph.inputs.length }]
    : [];
}

function layerProblems(graph: ModelGraph): Problem[] {
  const layers = new Map(graph.layers.map((layer) => [layer.name, layer]));
  const problems: Problem[] = [];
  for (const name of new Set(graph.nodes.map((node) => node.layer))) {
    const layer = layers.get(name);
    const detail = layer === undefined ? null : untrainable(layer);
    if (layer !== undefined && detail !== null) problems.push(unsupported(layer, detail));
  }
  const shapes = new Map([
    ...graph.inputs.map(({ id, shape }) => [id, shape] as const),
    ...graph.nodes.map(({ id, outputShape }) => [id, outputShape] as const),
  ]);
  for (const node of graph.nodes) {
    const layer = layers.get(node.layer);
    const inputs = node.inputs.map((id) => shapes.get(id) ?? null);
    const detail =
      layer === undefined || layer.op.kind === "other" ? null : misconnected(graph, { node, layer, inputs });
    if (layer !== undefined && detail !== null) problems.push(unsupported(layer, detail));
  }
  return problems;
}

/** Why the engine can't train a layer, wherever it is called. */
function untrainable({ op }: Layer): string | null {
  return entryOf(op).untrainable?.(op) ?? null;
}

function unsupported(layer: Layer, detail: string): Problem {
  return {
    code: "layer-unsupported",
    layer: layer.name,
    className: layer.className,
    line: layer.range.startLine,
    detail,
  };
}

/** A call of a layer with the shapes of what it takes. */
interface Call {
  readonly node: GraphNode;
  readonly layer: Layer;
  readonly inputs: readonly (Shape | null)[];
}

/** Why a call cannot be trained where it is in the graph. */
function misconnected(graph: ModelGraph, { node, layer, inputs }: Call): string | null {
  const { mayGoUnused, miscounted = severalInputs } = entryOf(layer.op);
  const consumers = consumersOf(graph, node.id).length;
  const isOutput = graph.outputs.some((output) => output.node === node.id);
  if (!isOutput && consumers === 0 && !mayGoUnused) return "its output is not used";
  const misplaced = inputs.includes(null) ? null : misshapen(layer, inputs as Shape[], node.outputShape);
  return misplaced ?? miscounted(node.inputs.length);
}

function severalInputs(inputs: number): string | null {
  return inputs === 1 ? null : "it has several inputs";
}

/** Parameters that belong to no layer (`nn.Parameter` in a class of the user's) would stay untrained. */
function ownParameters(graph: ModelGraph): Problem[] {
  const ofLayers = totalParameters(graph.layers);
  if (ofLayers === null || graph.parameters === null || ofLayers === graph.parameters) return [];
  const detail = "it has parameters outside its layers (nn.Parameter)";
  return [{ code: "layer-unsupported", layer: graph.model, className: "nn.Parameter", line: null, detail }];
}

function outputProblems(graph: ModelGraph): Problem[] {
  const id = trainedOutput(graph);
  const output = graph.nodes.find((node) => node.id === id);
  const shape = output?.outputShape ?? null;
  if (output === undefined && id !== null) {
    return [{ code: "output-not-classes", outputShape: [...(inputShapeOf(graph) ?? [])] }];
  }
  return shape === null || shape.length === 1 || shape.length === 3
    ? []
    : [{ code: "output-not-classes", outputShape: [...shape] }];
}
