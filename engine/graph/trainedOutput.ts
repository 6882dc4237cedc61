/** What a run trains of a graph: its first output, and the layers that lead to it. */
import { type Layer, type ModelGraph, trainedOutput } from "../protocol/modelGraph";

/**
 * Layers that no path leads from to the trained output: no loss goes back through them, and they keep their first
 * parameters.
 */
export function untrainedLayers(graph: ModelGraph): Layer[] {
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]));
  const reached = new Set<string>();
  const pending = [trainedOutput(graph)];
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    const node = id === null || reached.has(id) ? undefined : nodes.get(id);
    if (node === undefined) continue;
    reached.add(node.id);
    pending.push(...node.inputs);
  }
  const trained = new Set(graph.nodes.filter(({ id }) => reached.has(id)).map(({ layer }) => layer));
  return graph.layers.filter(({ name }) => !trained.has(name));
}
