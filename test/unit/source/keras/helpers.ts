import { strict as assert } from "node:assert";
import type { ModelGraph } from "../../../../engine/protocol/modelGraph";
import { readModelFile } from "../../../../engine/source/readModel";
import type { ModelReading, ReadModelInput } from "../../../../engine/source/modelReading";
import { python } from "../../support/python";

const IMPORTS = python`
    import tensorflow as tf
    from tensorflow import keras
    from tensorflow.keras import layers, models, Model, Input, Sequential
  `;

export const OFFSET = 3;

export function readKeras(text: string, options: Partial<ReadModelInput> = {}): ModelReading {
  return readModelFile({ path: "model.py", text: IMPORTS + text, ...options });
}

/** The graph of a reading in which nothing is unknown. */
export function wholeGraph(text: string, options: Partial<ReadModelInput> = {}): ModelGraph {
  const reading = readKeras(text, options);
  assert.ok(reading.graph, `no graph: ${JSON.stringify(reading.problems)}`);
  assert.deepEqual(
    reading.unknowns.map(({ reason, range }) => `${range.startLine - OFFSET}: ${reason}`),
    [],
  );
  assert.equal(reading.graph.framework, "keras");
  return reading.graph;
}

/** `name shape parameters` of every layer. */
export function rows(graph: ModelGraph): string[] {
  return graph.layers.map(({ name, parameters }) => {
    const shape = graph.nodes.find((node) => node.layer === name)?.outputShape;
    return `${name} ${shape?.join("x") ?? "?"} ${parameters ?? "?"}`;
  });
}

/** One layer between an input and nothing else: `shape parameters`. */
export function layer(expression: string, input: string): string {
  const graph = wholeGraph(python`
    i = Input(${input})
    model = Model(i, layers.${expression}(i))
  `);
  return rows(graph)[0]?.replace(/^\S+ /, "") ?? "";
}

export function reasonsOf(text: string, options: Partial<ReadModelInput> = {}): string[] {
  const reading = readKeras(text, options);
  assert.equal(reading.graph?.parameters ?? null, null);
  return reading.unknowns.map(({ reason, range }) => `${range.startLine - OFFSET}: ${reason}`);
}
