/**
 * The reader against PyTorch itself: expected.json was written by expected.py, which builds and runs the same files.
 */
import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { batchNormLayers } from "../../../engine/protocol/modelGraph";
import { momentumInFramework } from "../../../engine/protocol/normalization";
import { readModelFile } from "../../../engine/source/readModel";

interface ExpectedModel {
  readonly model: string;
  readonly input: number[];
  readonly output: number[];
  readonly parameters: number;
  readonly layers: { name: string; class: string; parameters: number; outputShape: number[] | null }[];
  readonly batchNorms: { name: string; numFeatures: number; eps: number; momentum: number | null }[];
}

const root = process.cwd();
const expectedText = readFileSync(join(root, "test/golden/models/expected.json"), "utf8");
const { models } = JSON.parse(expectedText) as { models: Record<string, ExpectedModel> };

/** What the reader says, in the form of expected.json. The model as written, without its annotations. */
function readFacts(path: string): { facts: ExpectedModel; unknowns: readonly string[]; problems: readonly unknown[] } {
  const reading = readModelFile({ path, text: readFileSync(join(root, path), "utf8") });
  const { graph } = reading;
  assert.ok(graph, `${path} gave no graph: ${JSON.stringify(reading.problems)}`);
  const shapes = new Map<string, number[] | null>();
  for (const node of graph.nodes) {
    if (!shapes.has(node.layer)) shapes.set(node.layer, node.outputShape === null ? null : [...node.outputShape]);
  }
  const output = graph.nodes.find((node) => node.id === graph.outputs[0]?.node)?.outputShape ?? [];
  const facts: ExpectedModel = {
    model: graph.model,
    input: [...(graph.inputs[0]?.shape ?? [])],
    output: [...output],
    parameters: graph.parameters ?? -1,
    layers: graph.layers
      .filter((layer) => !layer.functional)
      .map((layer) => ({
        name: layer.name,
        class: layer.className,
        parameters: layer.parameters ?? -1,
        outputShape: shapes.get(layer.name) ?? null,
      })),
    batchNorms: batchNormLayers(graph).map((layer) => ({
      name: layer.name,
      numFeatures: layer.op.numFeatures,
      eps: layer.op.epsilon,
      momentum: momentumInFramework(layer.op, graph.framework),
    })),
  };
  return {
    facts,
    unknowns: reading.unknowns.map((unknown) => `${unknown.range.startLine}: ${unknown.reason}`),
    problems: reading.problems,
  };
}

describe("Models read as PyTorch builds and runs them", () => {
  for (const [path, expected] of Object.entries(models)) {
    it(path, () => {
      const { facts, unknowns, problems } = readFacts(path);
      assert.deepEqual(unknowns, []);
      assert.deepEqual(problems, []);
      assert.deepEqual(facts, expected);
    });
  }
});
