/**
 * Shape inference, shared by the reader (which traces a forward pass) and by the variant (which is checked again after
 * its annotations were applied). Shapes have no batch axis; see `Shape` in engine/protocol.
 */
import type { GraphNode, Layer, ModelGraph } from "../protocol/modelGraph";
import type { Problem } from "../protocol/problems";
import type { Shape } from "../protocol/shape";
import { entryOf } from "./ops/opEntries";
import { unknownShape, type ShapeResult } from "./shapeRules";

/** The output shape of a call of `layer`; unknown as soon as an input it depends on is. */
export function outputShape(
  { className, op }: Pick<Layer, "className" | "op">,
  inputs: readonly (Shape | null)[],
): ShapeResult {
  return inputs.length === 0 ? unknownShape : entryOf(op).outputShape(op, inputs, className);
}

export interface InferredShapes {
  readonly nodes: readonly GraphNode[];
  readonly problems: readonly Problem[];
}

/**
 * Infers every node's shape again from the input's. A layer that does not fit is one problem; what follows is unknown.
 */
export function inferShapes(graph: Pick<ModelGraph, "layers" | "nodes" | "inputs">): InferredShapes {
  const layers = new Map(graph.layers.map((layer) => [layer.name, layer]));
  const shapes = new Map<string, Shape | null>(graph.inputs.map(({ id, shape }) => [id, shape]));
  const problems: Problem[] = [];
  const nodes = graph.nodes.map((node) => {
    const layer = layers.get(node.layer);
    const result =
      layer === undefined
        ? unknownShape
        : outputShape(
            layer,
            node.inputs.map((id) => shapes.get(id) ?? null),
          );
    if (result.mismatch !== null) {
      problems.push({
        code: "shape-mismatch",
        layer: node.layer,
        line: layer?.range.startLine ?? null,
        ...result.mismatch,
      });
    }
    shapes.set(node.id, result.shape);
    return { ...node, outputShape: result.shape };
  });
  return { nodes, problems };
}
