/** How much a model computes per sample, counted from its shapes. */
import type { LayerOp } from "../protocol/layerOps";
import { INPUT_ID, type ModelGraph, inputShapeOf } from "../protocol/modelGraph";
import { type Shape, elementCount } from "../protocol/shape";

export interface Work {
  /** Multiply-adds of linear and convolutional layers, forward only. */
  readonly multiplyAdds: number;
  /** Values that layers give, forward only. */
  readonly values: number;
  readonly inputValues: number;
}

/** Of one sample. Nodes without a shape count nothing. */
export function workOf(graph: ModelGraph): Work {
  const layers = new Map(graph.layers.map((layer) => [layer.name, layer]));
  const shapes = new Map<string, Shape | null>([
    [INPUT_ID, inputShapeOf(graph)],
    ...graph.nodes.map(({ id, outputShape }) => [id, outputShape] as const),
  ]);
  const inputValues = elementCount(inputShapeOf(graph) ?? [0]);
  let multiplyAdds = 0;
  let values = 0;
  for (const { layer, inputs, outputShape } of graph.nodes) {
    const op = layers.get(layer)?.op;
    const input = shapes.get(inputs[0] ?? "");
    if (!op || !outputShape || !input) continue;
    multiplyAdds += multiplyAddsOf(op, input, outputShape);
    values += elementCount(outputShape);
  }
  return { multiplyAdds, values, inputValues };
}

function multiplyAddsOf(op: LayerOp, input: Shape, output: Shape): number {
  switch (op.kind) {
    case "linear":
      return op.inFeatures * elementCount(output);
    case "conv2d":
      return (op.inChannels / op.groups) * elementCount(op.kernelSize) * elementCount(output);
    case "convTranspose2d":
      return (op.outChannels / op.groups) * elementCount(op.kernelSize) * elementCount(input);
    default:
      return 0;
  }
}
