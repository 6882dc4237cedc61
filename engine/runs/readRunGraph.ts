/** The graph a run trained, from its graph.json. */
import { readFileSync } from "node:fs";
import * as v from "valibot";
import { trainabilityProblems } from "../graph/trainable";
import type { ModelGraph } from "../protocol/modelGraph";
import { ProblemError } from "../protocol/problems";
import { graphFile } from "./runFolder";

const sizes = v.array(v.number());
const rangeSchema = v.looseObject({ path: v.string(), startLine: v.number() });

/** As much of a graph as code walks through before it looks at a layer's settings. */
const graphSchema = v.looseObject({
  model: v.string(),
  framework: v.picklist(["pytorch", "keras"]),
  source: v.object({ path: v.string(), sha256: v.string() }),
  inputs: v.array(v.looseObject({ id: v.string(), shape: v.nullable(sizes) })),
  outputs: v.array(v.looseObject({ node: v.string() })),
  layers: v.array(
    v.looseObject({
      name: v.string(),
      className: v.string(),
      op: v.looseObject({ kind: v.string() }),
      range: rangeSchema,
    }),
  ),
  nodes: v.array(
    v.looseObject({ id: v.string(), layer: v.string(), inputs: v.array(v.string()), outputShape: v.nullable(sizes) }),
  ),
  unknowns: v.array(v.unknown()),
});

/**
 * Throws a ProblemError when there is no such file, or it contains no graph that can be trained: a folder may come
 * from anywhere.
 */
export function readRunGraph(runFolder: string): ModelGraph {
  const path = graphFile(runFolder);
  try {
    const graph = v.parse(graphSchema, JSON.parse(readFileSync(path, "utf8"))) as unknown as ModelGraph;
    if (trainabilityProblems(graph).length === 0) return graph;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ProblemError({ code: "run-unreadable", path, detail: code ?? "it contains no model" });
  }
  throw new ProblemError({ code: "run-unreadable", path, detail: "its model can't be trained" });
}
