/** One op of each kind. A kind without a sample does not compile. */
import type { LayerOp } from "../../../engine/protocol/layerOps";

type Samples = { readonly [Kind in LayerOp["kind"]]: Extract<LayerOp, { readonly kind: Kind }> };

const window = { kernelSize: [3, 3], stride: [1, 1], padding: [1, 1], dilation: [1, 1] } as const;
const channels = { inChannels: 4, outChannels: 4, groups: 1, bias: true } as const;
const norm = { epsilon: 1e-5, affine: true } as const;
const tracked = { numFeatures: 4, trackRunningStats: true, runningStatsUpdateWeight: 0.1 } as const;

export const sampleOps: Samples = {
  linear: { kind: "linear", inFeatures: 4, outFeatures: 3, bias: true },
  conv2d: { kind: "conv2d", ...window, ...channels },
  convTranspose2d: { kind: "convTranspose2d", ...window, ...channels, outputPadding: [0, 0] },
  batchNorm: { kind: "batchNorm", ...norm, ...tracked, spatialDims: 2, runningVarianceEstimator: "unbiased" },
  groupNorm: { kind: "groupNorm", ...norm, groups: 2, channels: 4 },
  instanceNorm: { kind: "instanceNorm", ...norm, ...tracked, spatialDims: 2 },
  layerNorm: { kind: "layerNorm", ...norm, normalizedShape: [4] },
  activation: { kind: "activation", function: "relu" },
  prelu: { kind: "prelu", slopes: 1, initialSlope: 0.25 },
  softmax: { kind: "softmax", axis: 1, isLogarithm: false },
  dropout: { kind: "dropout", rate: 0.5, isPerChannel: false, followsMode: true },
  upsample: { kind: "upsample", mode: "nearest", alignCorners: false, to: { rule: "scale", factors: [2] } },
  maxPool2d: { kind: "maxPool2d", ...window, ceilMode: false },
  avgPool2d: { kind: "avgPool2d", ...window, ceilMode: false, countIncludePad: true },
  adaptiveAvgPool2d: { kind: "adaptiveAvgPool2d", outputSize: [1, 1] },
  adaptiveMaxPool2d: { kind: "adaptiveMaxPool2d", outputSize: [1, 1] },
  spatialMean: { kind: "spatialMean" },
  add: { kind: "add" },
  subtract: { kind: "subtract" },
  multiply: { kind: "multiply" },
  affine: { kind: "affine", scale: 2, shift: 1 },
  reduce: { kind: "reduce", function: "mean", axes: [2, 3], keepDims: false },
  rearrange: { kind: "rearrange", rearrangement: { rule: "permute", order: [0, 2, 3, 1] } },
  concatenate: { kind: "concatenate", axis: 1 },
  flatten: { kind: "flatten", startDim: 1, endDim: -1 },
  identity: { kind: "identity" },
  other: { kind: "other", className: "GRU" },
};
