/** Small graphs for tests of what comes after reading: chains of layers, written down as ops. */
import type { BatchNormOp, LayerOp, NormStatistics } from "../../../engine/protocol/layerOps";
import type { ModelGraph } from "../../../engine/protocol/modelGraph";
import type { Shape } from "../../../engine/protocol/shape";

export const linear = (inFeatures: number, outFeatures: number): LayerOp => ({
  kind: "linear",
  inFeatures,
  outFeatures,
  bias: true,
});
export const batchNorm = (numFeatures: number, updateWeight = 0.1): BatchNormOp => ({
  kind: "batchNorm",
  spatialDims: null,
  numFeatures,
  epsilon: 1e-5,
  runningStatsUpdateWeight: updateWeight,
  affine: true,
  trackRunningStats: true,
  runningVarianceEstimator: "unbiased",
});
export const sigmoid: LayerOp = { kind: "activation", function: "sigmoid" };
export const relu: LayerOp = { kind: "activation", function: "relu" };
export const flatten: LayerOp = { kind: "flatten", startDim: 1, endDim: -1 };

export interface ChainLink {
  readonly name: string;
  readonly op: LayerOp;
  readonly outputShape: Shape;
}

/** A model whose layers follow each other; layer n is on line n of `model.py`. */
export function chain(inputShape: Shape, links: readonly ChainLink[]): ModelGraph {
  const range = (line: number): ModelGraph["layers"][number]["range"] => ({
    path: "model.py",
    startLine: line,
    startColumn: 0,
    endLine: line,
    endColumn: 1,
  });
  return {
    model: "Chain()",
    framework: "pytorch",
    source: { path: "model.py", sha256: "0".repeat(64) },
    inputs: [{ id: "input", name: "x", shape: inputShape }],
    parameters: 1,
    unknowns: [],
    outputs: [{ place: "", node: links.at(-1)?.name ?? "input" }],
    layers: links.map(({ name, op }, index) => ({
      name,
      className: op.kind,
      op,
      functional: false,
      parameters: 0,
      range: range(index + 1),
      origin: "source",
    })),
    nodes: links.map(({ name, outputShape }, index) => ({
      id: name,
      layer: name,
      inputs: [links[index - 1]?.name ?? "input"],
      outputShape,
      range: range(index + 1),
    })),
  };
}

export interface DigitsMlp {
  readonly width?: number;
  readonly normalized?: boolean;
  readonly updateWeight?: number;
  readonly dropout?: number;
  readonly statistics?: NormStatistics;
}

/** 28×28 digits through one hidden layer of `width`, with BN by default. */
export function digitsMlp({
  width = 16,
  normalized = true,
  updateWeight = 0.1,
  dropout = 0,
  statistics,
}: DigitsMlp = {}): ModelGraph {
  const hidden: ChainLink[] = [{ name: "fc1", op: linear(784, width), outputShape: [width] }];
  if (normalized)
    hidden.push({
      name: "bn1",
      op: { ...batchNorm(width, updateWeight), ...(statistics === undefined ? {} : { statistics }) },
      outputShape: [width],
    });
  return chain(
    [1, 28, 28],
    [
      { name: "flatten", op: flatten, outputShape: [784] },
      ...hidden,
      { name: "act1", op: sigmoid, outputShape: [width] },
      ...(dropout === 0
        ? []
        : [
            {
              name: "drop",
              op: { kind: "dropout", rate: dropout, isPerChannel: false, followsMode: true },
              outputShape: [width],
            } satisfies ChainLink,
          ]),
      { name: "out", op: linear(width, 10), outputShape: [10] },
    ],
  );
}
