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
      verdict:
        `${graph.model} returns ${graph.outputs.length} outputs, but this run trains only the first one ` +
        `(${trainedOutput(graph) ?? ""}).`,
      evidence:
        `${others.map(({ node, place }) => `${node} (${place})`).join(", ")} ` +
        `${others.length === 1 ? "has" : "have"} no loss; ` +
        (parameters === 0
          ? "no parameters belong to them alone. "
          : `${parameters.toLocaleString("en")} parameters that only they depend on are not trained. `) +
        "Running statistics are updated as in any forward pass.",
      next: "Return the output to train first, or train the sum of several losses in your own framework.",
    },
  ];
}

function layerOf(graph: ModelGraph, { node: id }: GraphOutput): ModelGraph["layers"][number] | undefined {
  const node = graph.nodes.find((candidate) => candidate.id === id);
  return graph.layers.find(({ name }) => name === node?.layer);
}
