/** The layers of a reading by the line that creates them, and what a person can do with each. Pure. */
import type { Layer, ModelGraph } from "../../engine/protocol/modelGraph";
import { isLinearOrConvolution } from "../../engine/graph/layerKinds";
import type { ModelReading } from "../../engine/source/modelReading";

export type LayerAction = "addNormalization" | "removeNormalization" | "clearAnnotation";

export interface LayerLine {
  readonly line: number;
  /** Layers that this line creates, of the model as written. */
  readonly layers: readonly Layer[];
  /** What applies here; the first is the one a CodeLens offers. */
  readonly actions: readonly LayerAction[];
}

/** Lines with layers that can be annotated, in the file's order. Functional calls can't be annotated. */
export function layerLines(reading: ModelReading): LayerLine[] {
  const { graph } = reading;
  if (!graph) return [];
  const byLine = new Map<number, Layer[]>();
  for (const layer of graph.layers) {
    if (layer.functional || layer.range.path !== reading.path) continue;
    byLine.set(layer.range.startLine, [...(byLine.get(layer.range.startLine) ?? []), layer]);
  }
  return [...byLine]
    .map(([line, layers]) => ({ line, layers, actions: actionsOn(reading, graph, layers, line) }))
    .filter(({ actions }) => actions.length > 0)
    .sort((a, b) => a.line - b.line);
}

function actionsOn(reading: ModelReading, graph: ModelGraph, layers: readonly Layer[], line: number): LayerAction[] {
  if (reading.annotations.some((annotation) => annotation.line === line && annotation.directive.kind !== "model"))
    return ["clearAnnotation"];
  if (layers.every(({ op }) => op.kind === "batchNorm")) return ["removeNormalization"];
  const canTakeNorm = layers.every(({ op }) => isLinearOrConvolution(op));
  return canTakeNorm && !layers.every((layer) => feedsBatchNorm(graph, layer)) ? ["addNormalization"] : [];
}

/** Whether only BN layers take the layer's output: another BN layer after it would have no effect. */
function feedsBatchNorm(graph: ModelGraph, layer: Layer): boolean {
  const ids = graph.nodes.filter((node) => node.layer === layer.name).map((node) => node.id);
  const consumers = graph.nodes.filter((node) => node.inputs.some((input) => ids.includes(input)));
  return (
    consumers.length > 0 &&
    consumers.every((node) => graph.layers.find(({ name }) => name === node.layer)?.op.kind === "batchNorm")
  );
}

/** The line of the `class` statement (or the assignment) that defines the model which was read. */
export function modelLine(reading: ModelReading): number | null {
  const name = /^\s*(\w+)/.exec(reading.model ?? "")?.[1];
  return reading.candidates.find((candidate) => candidate.name === name)?.line ?? null;
}
