/** Says of a model with several outputs which one a run trains. */
import { untrainedLayers } from "../graph/trainedOutput";
import type { Finding } from "../protocol/finding";
import { type GraphOutput, type ModelGraph, trainedOutput } from "../protocol/modelGraph";

/** Nothing for a model with one output. */
export function untrainedOutputs(graph: ModelGraph): Finding[] {
  const [first, ...others] = graph.outputs;
  const [other] = others;
  if (first === undefined || other === undefined) return [];
  const parameters = untrainedLayers(graph).reduce((sum, layer) => sum + (layer.parameters ?? 0), 0);
  const layer = layerOf(graph, other);
  return [
    {
      rule: "output-not-trained",
      severity: "information",
      layer: layer?.name ?? null,
      line: layer?.range.startLine ?? null,
      verdict: `${graph.model} returns ${graph.outputs.length} outputs, and this run trains the first one (${trainedOutput(graph) ?? ""}) alone.`,
      evidence: `${others.map(({ node, place }) => `${node} (${place})`).join(", ")} ${others.length === 1 ? "has" : "have"} no loss; ${parameters === 0 ? "no parameters are theirs alone" : `${parameters.toLocaleString("en")} parameters that lead nowhere else stay as they are`}, and running statistics are kept as in any pass.`,
      next: "Return what is to be trained first, or train the sum of several losses in your own framework.",
    },
  ];
}

function layerOf(graph: ModelGraph, { node: id }: GraphOutput): ModelGraph["layers"][number] | undefined {
  const node = graph.nodes.find((candidate) => candidate.id === id);
  return graph.layers.find(({ name }) => name === node?.layer);
}
