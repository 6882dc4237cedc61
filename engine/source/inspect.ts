import type { Finding } from "../protocol/finding";
import { batchNormLayers, type Framework, type ModelGraph } from "../protocol/modelGraph";
import type { Shape } from "../protocol/shape";
import { momentumInFramework } from "../protocol/normalization";
import type { ModelReading } from "./readModel";

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
  readonly numFeatures: number;
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
    layers: graph === null ? [] : inspectedLayers(graph),
    batchNorms: graph === null ? [] : inspectedNorms(graph),
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

function inspectedLayers(graph: ModelGraph): InspectedLayer[] {
  const shapes = new Map<string, Shape | null>();
  for (const node of graph.nodes) if (!shapes.has(node.layer)) shapes.set(node.layer, node.outputShape);
  return graph.layers.map((layer) => ({
    name: layer.name,
    kind: layer.className,
    outputShape: shapes.get(layer.name) ?? null,
    parameters: layer.parameters,
    line: layer.range.startLine,
  }));
}

function inspectedNorms(graph: ModelGraph): InspectedNorm[] {
  return batchNormLayers(graph).map((layer) => ({
    name: layer.name,
    numFeatures: layer.op.numFeatures,
    eps: layer.op.epsilon,
    momentum: momentumInFramework(layer.op, graph.framework),
    line: layer.range.startLine,
  }));
}
