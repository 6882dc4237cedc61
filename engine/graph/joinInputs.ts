/**
 * Several inputs as one: a sample contains the values of all of them one after another, in the order of `forward`, and
 * a slice and a reshape of it stand for each. So what trains, measures and reads data knows of one input only.
 */
import type { Rearrangement } from "../protocol/layerOps";
import { type GraphInput, type GraphNode, INPUT_ID, type Layer, type ModelGraph } from "../protocol/modelGraph";
import { elementCount, placesOf, type Shape } from "../protocol/shape";

/** The same model with one input; a graph that has one already is given back. Throws when a shape is not known. */
export function joinInputs(graph: ModelGraph): ModelGraph {
  if (graph.inputs.length <= 1) return graph;
  const shapes = graph.inputs.map(({ name, shape }) => {
    if (shape === null) throw new Error(`the shape of ${name} is unknown`);
    return shape;
  });
  const { starts, total } = placesOf(shapes);
  const parts = graph.inputs.map((input, index) => partOf(graph, input, starts[index] ?? 0));
  const values = new Map(graph.inputs.map(({ id }, index) => [id, parts[index]?.values ?? id]));
  const renamed = (id: string): string => values.get(id) ?? id;
  return {
    ...graph,
    inputs: [{ id: INPUT_ID, name: "", shape: [total] }],
    layers: [...parts.flatMap(({ layers }) => layers), ...graph.layers],
    nodes: [
      ...parts.flatMap(({ nodes }) => nodes),
      ...graph.nodes.map((node) => ({ ...node, inputs: node.inputs.map(renamed) })),
    ],
    outputs: graph.outputs.map((output) => ({ ...output, node: renamed(output.node) })),
  };
}

interface Part {
  readonly layers: readonly Layer[];
  readonly nodes: readonly GraphNode[];
  /** Id of the node that gives the input's values. */
  readonly values: string;
}

/** Nothing for an input that no call takes; it has its place in a sample all the same. */
function partOf(graph: ModelGraph, { id, name, shape }: GraphInput, start: number): Part {
  const taker = graph.nodes.find((node) => node.inputs.includes(id));
  if (taker === undefined || shape === null) return { layers: [], nodes: [], values: id };
  const size = elementCount(shape);
  const cut = `the values of ${name || id}`;
  const shaped = `the shape of ${name || id}`;
  const { range } = taker;
  const layer = (layerName: string, rearrangement: Rearrangement): Layer => ({
    name: layerName,
    className: "input",
    op: { kind: "rearrange", rearrangement },
    functional: true,
    parameters: 0,
    range,
    origin: "source",
  });
  const node = (nodeId: string, input: string, outputShape: Shape): GraphNode => ({
    id: nodeId,
    layer: nodeId,
    inputs: [input],
    outputShape,
    range,
  });
  return {
    layers: [
      layer(cut, { rule: "slice", cuts: [{ axis: 1, start, step: 1, size }] }),
      layer(shaped, { rule: "reshape", sizes: shape }),
    ],
    nodes: [node(cut, INPUT_ID, [size]), node(shaped, cut, shape)],
    values: shaped,
  };
}
