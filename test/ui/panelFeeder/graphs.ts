/** Hand-made model graphs to feed the panel with: a small perceptron and a deep convolutional net. */
import type { BatchNormOp, LayerOp } from "../../../engine/protocol/layerOps";
import type { ModelGraph } from "../../../engine/protocol/modelGraph";
import type { Shape } from "../../../engine/protocol/shape";

interface Part {
  readonly name: string;
  readonly className: string;
  readonly op: LayerOp;
  readonly line: number;
  readonly parameters: number;
  readonly outputShape: Shape;
}

export interface GraphOptions {
  readonly withBatchNorm: boolean;
  /** Weight of the new value in the running statistics. */
  readonly updateWeight: number;
}

const batchNorm = (numFeatures: number, spatialDims: 0 | 2, updateWeight: number): BatchNormOp => ({
  kind: "batchNorm",
  spatialDims,
  numFeatures,
  epsilon: 1e-5,
  runningStatsUpdateWeight: updateWeight,
  affine: true,
  trackRunningStats: true,
  runningVarianceEstimator: "unbiased",
});

const linear = (name: string, line: number, inFeatures: number, outFeatures: number): Part => ({
  name,
  className: "Linear",
  op: { kind: "linear", inFeatures, outFeatures, bias: true },
  line,
  parameters: (inFeatures + 1) * outFeatures,
  outputShape: [outFeatures],
});

export function perceptron({ withBatchNorm, updateWeight }: GraphOptions): ModelGraph {
  const hidden = [1, 2, 3].flatMap((index): Part[] => {
    const line = 7 + 2 * index;
    const inputs = index === 1 ? 784 : 100;
    const bn: Part = {
      name: `bn${index}`,
      className: "BatchNorm1d",
      op: batchNorm(100, 0, updateWeight),
      line: line + 1,
      parameters: 200,
      outputShape: [100],
    };
    const activation: Part = {
      name: index === 1 ? "sigmoid" : `sigmoid#${index}`,
      className: "torch.sigmoid",
      op: { kind: "activation", function: "sigmoid" },
      line: 20 + index,
      parameters: 0,
      outputShape: [100],
    };
    return [linear(`fc${index}`, line, inputs, 100), ...(withBatchNorm ? [bn] : []), activation];
  });
  const flatten: Part = {
    name: "flatten",
    className: "nn.Flatten",
    op: { kind: "flatten", startDim: 1, endDim: -1 },
    line: 8,
    parameters: 0,
    outputShape: [784],
  };
  return graphOf("MnistMlp()", "examples/mnist_mlp.py", [flatten, ...hidden, linear("fc4", 15, 100, 10)]);
}

/** Twenty convolutions with BN in four stages; all BN layers come from four source lines, as in a real residual net. */
export function deepNet({ withBatchNorm, updateWeight }: GraphOptions): ModelGraph {
  const parts: Part[] = [];
  const stages = [6, 8, 12, 16];
  let channels = 1;
  let size = 28;
  const add = (prefix: string, suffix: string, outChannels: number, stride: 1 | 2, line: number): void => {
    size = Math.ceil(size / stride);
    const outputShape = [outChannels, size, size];
    parts.push({
      name: `${prefix}conv${suffix}`,
      className: "Conv2d",
      op: {
        kind: "conv2d",
        inChannels: channels,
        outChannels,
        kernelSize: [3, 3],
        stride: [stride, stride],
        padding: [1, 1],
        dilation: [1, 1],
        groups: 1,
        bias: false,
      },
      line: line - 1,
      parameters: 9 * channels * outChannels,
      outputShape,
    });
    if (withBatchNorm) {
      parts.push({
        name: `${prefix}bn${suffix}`,
        className: "BatchNorm2d",
        op: batchNorm(outChannels, 2, updateWeight),
        line,
        parameters: 2 * outChannels,
        outputShape,
      });
    }
    parts.push({
      name: `${prefix}relu${suffix}`,
      className: "F.relu",
      op: { kind: "activation", function: "relu" },
      line: line + 10,
      parameters: 0,
      outputShape,
    });
    channels = outChannels;
  };
  add("", "1", 6, 1, 31);
  stages.forEach((width, stage) => {
    for (let block = 0; block < 2; block++) {
      add(`layer${stage + 1}.${block}.`, "1", width, stage > 0 && block === 0 ? 2 : 1, 13);
      add(`layer${stage + 1}.${block}.`, "2", width, 1, 15);
    }
    if (stage > 0) add(`layer${stage + 1}.1.downsample.`, "", width, 1, 18);
  });
  parts.push({
    name: "pool",
    className: "nn.AdaptiveAvgPool2d",
    op: { kind: "adaptiveAvgPool2d", outputSize: [1, 1] },
    line: 35,
    parameters: 0,
    outputShape: [channels, 1, 1],
  });
  parts.push({
    name: "flatten",
    className: "torch.flatten",
    op: { kind: "flatten", startDim: 1, endDim: -1 },
    line: 50,
    parameters: 0,
    outputShape: [channels],
  });
  parts.push(linear("fc", 36, channels, 10));
  return graphOf("DigitsNet()", "models/digits_resnet.py", parts);
}

function graphOf(model: string, path: string, parts: readonly Part[]): ModelGraph {
  const range = (line: number) => ({ path, startLine: line, startColumn: 8, endLine: line, endColumn: 40 });
  return {
    model,
    framework: "pytorch",
    source: { path, sha256: "0".repeat(64) },
    inputs: [{ id: "input", name: "x", shape: [1, 28, 28] }],
    parameters: parts.reduce((sum, { parameters }) => sum + parameters, 0),
    unknowns: [],
    outputs: [{ place: "", node: parts.at(-1)?.name ?? "input" }],
    layers: parts.map(({ name, className, op, line, parameters }) => ({
      name,
      className,
      op,
      functional: parameters === 0,
      parameters,
      range: range(line),
      origin: "source",
    })),
    nodes: parts.map(({ name, outputShape, line }, index) => ({
      id: name,
      layer: name,
      inputs: [index === 0 ? "input" : (parts[index - 1]?.name ?? "input")],
      outputShape,
      range: range(line + 20),
    })),
  };
}
