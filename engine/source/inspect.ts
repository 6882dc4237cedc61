import type { Finding } from "../protocol/finding";
import { batchNormLayers, type Framework, type ModelGraph } from "../protocol/modelGraph";
import type { Shape } from "../protocol/shape";
import { momentumInFramework } from "../protocol/normalization";
import type { ModelReading } from "./modelReading";

export interface InspectedLayer {
  readonly name: string;
  /** The class as the framework spells it. */
  readonly kind: string;
  readonly outputShape: Shape | null;
  readonly parameters: number | null;
  readonly line: number;
}

export interface InspectedNorm {
  readonly name: string;
  /** null where it follows from an argument that nobody gave. */
  readonly numFeatures: number | null;
  readonly eps: number;
  /** In the model's own framework's convention. */
  readonly momentum: number | null;
  readonly line: number;
}

/** What `normlens inspect --json` prints. */
export interface Inspection {
  readonly model: string | null;
  readonly framework: Framework;
  readonly parameters: number | null;
  /** False where something is unknown, so that there may be more layers than are listed. */
  readonly isWhole: boolean;
  /** Arguments that nobody gave. Likely ones were assumed, and sizes that follow from them are null. */
  readonly assumed: readonly string[];
  readonly layers: readonly InspectedLayer[];
  readonly batchNorms: readonly InspectedNorm[];
  readonly findings: readonly Finding[];
  readonly unknowns: readonly { readonly reason: string; readonly line: number }[];
}

/**
 * A listing of the variant: the model after its annotations. Findings are about the source, and the caller passes them
 * in.
 */
export function inspectionOf(reading: ModelReading, findings: readonly Finding[] = []): Inspection {
  const graph = reading.variant;
  return {
    model: reading.model,
    framework: graph?.framework ?? "pytorch",
    parameters: graph?.parameters ?? null,
    isWhole: graph !== null && graph.parameters !== null,
    assumed: reading.assumed,
    layers: graph === null ? [] : inspectedLayers(graph, reading.assumed.length > 0),
    batchNorms: graph === null ? [] : inspectedNorms(graph, reading.assumed.length > 0),
    findings: findings.map(({ rule, severity, layer, line, verdict, evidence, next }) => ({
      rule,
      severity,
      layer,
      line,
      verdict,
      evidence,
      next,
    })),
    unknowns: reading.unknowns.map(({ reason, range }) => ({ reason, line: range.startLine })),
  };
}

function inspectedLayers(graph: ModelGraph, isAssumed: boolean): InspectedLayer[] {
  const shapes = new Map<string, Shape | null>();
  for (const node of graph.nodes) if (!shapes.has(node.layer)) shapes.set(node.layer, node.outputShape);
  return graph.layers.map((layer) => ({
    name: layer.name,
    kind: layer.className,
    outputShape: isAssumed ? null : (shapes.get(layer.name) ?? null),
    parameters: layer.assumed !== undefined || (isAssumed && graph.framework === "keras") ? null : layer.parameters,
    line: layer.range.startLine,
  }));
}

function inspectedNorms(graph: ModelGraph, isAssumed: boolean): InspectedNorm[] {
  return batchNormLayers(graph).map((layer) => ({
    name: layer.name,
    numFeatures:
      layer.assumed !== undefined || (isAssumed && graph.framework === "keras") ? null : layer.op.numFeatures,
    eps: layer.op.epsilon,
    momentum: momentumInFramework(layer.op, graph.framework),
    line: layer.range.startLine,
  }));
}
