import { strict as assert } from "node:assert";
import { trainabilityProblems } from "../../../engine/graph/trainable";
import type { ModelGraph } from "../../../engine/protocol/modelGraph";
import { readModelFile } from "../../../engine/source/readModel";
import type { ModelReading, ReadModelInput } from "../../../engine/source/modelReading";
import { python } from "../support/python";

const IMPORTS = python`
  import torch
  import torch.nn as nn
  import torch.nn.functional as F
`;

/** Lines that `IMPORTS` puts in front of a test's own text. */
export const OFFSET = 3;

/** Reads a model file given without its imports. */
export function read(text: string, options: Partial<ReadModelInput> = {}): ModelReading {
  return readModelFile({ path: "model.py", text: IMPORTS + text, ...options });
}

/** A class `Net` whose `__init__` and `forward` have the given bodies. */
export function net(init: string, forward: string, parameters = ""): string {
  const indent = (body: string): string =>
    body
      .trim()
      .split("\n")
      .map((line) => `        ${line}`)
      .join("\n");
  return [
    "class Net(nn.Module):",
    `    def __init__(self${parameters === "" ? "" : `, ${parameters}`}):`,
    "        super().__init__()",
    indent(init),
    "    def forward(self, x):",
    indent(forward),
    "",
  ].join("\n");
}

export function graphOf(reading: ModelReading): ModelGraph {
  assert.ok(reading.graph, `no graph: ${JSON.stringify(reading.problems)}`);
  return reading.graph;
}

export function variantOf(reading: ModelReading): ModelGraph {
  assert.ok(reading.variant, `no variant: ${JSON.stringify(reading.problems)}`);
  return reading.variant;
}

/** `name Class shape` of every call in the forward pass. */
export function calls(graph: ModelGraph): string[] {
  const layers = new Map(graph.layers.map((layer) => [layer.name, layer]));
  return graph.nodes.map(
    (node) => `${node.id} ${layers.get(node.layer)?.className ?? "?"} ${node.outputShape?.join("x") ?? "?"}`,
  );
}

export function reasons(reading: ModelReading): string[] {
  return reading.unknowns.map((unknown) => `${unknown.range.startLine - OFFSET}: ${unknown.reason}`);
}

/** Nothing unknown may look certain: no parameter count, and a reason why the engine does not train the model. */
export function assertTainted(reading: ModelReading, reason: RegExp): void {
  const graph = graphOf(reading);
  assert.ok(
    reasons(reading).some((text) => reason.test(text)),
    `expected ${String(reason)} in ${JSON.stringify(reasons(reading))}`,
  );
  assert.equal(graph.parameters, null);
  assert.ok(trainabilityProblems(graph).some((problem) => problem.code === "unknown-value"));
}
