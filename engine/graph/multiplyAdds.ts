/** How much a model computes per sample, counted from its shapes. */
import { INPUT_ID, type ModelGraph, inputShapeOf } from "../protocol/modelGraph";
import { type Shape, elementCount } from "../protocol/shape";
import { entryOf } from "./ops/opEntries";

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
    multiplyAdds += entryOf(op).multiplyAdds?.(op, input, outputShape) ?? 0;
    values += elementCount(outputShape);
  }
  return { multiplyAdds, values, inputValues };
}
