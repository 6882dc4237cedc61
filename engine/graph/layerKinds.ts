import type { Conv2dOp, ConvTranspose2dOp, LayerOp, LinearOp } from "../protocol/layerOps";
import type { Layer } from "../protocol/modelGraph";

const ACTIVATION_CLASSES = new Set([
  // Keras
  "Activation",
  "ReLU",
  "ThresholdedReLU",
  "elu",
  "gelu",
  "leaky_relu",
  "relu6",
  "selu",
  "silu",
  "swish",
  "tanh",
  // PyTorch
  "CELU",
  "ELU",
  "GELU",
  "Hardsigmoid",
  "Hardswish",
  "Hardtanh",
  "LeakyReLU",
  "LogSigmoid",
  "Mish",
  "PReLU",
  "RReLU",
  "ReLU6",
  "SELU",
  "SiLU",
  "Softplus",
  "Softsign",
  "Tanh",
]);

const NORMALIZATION_CLASSES = new Set([
  "BatchRenorm",
  "GhostBatchNorm",
  "GroupNorm",
  "GroupNormalization",
  "InstanceNorm1d",
  "InstanceNorm2d",
  "InstanceNorm3d",
  "LayerNorm",
  "LayerNormalization",
]);

/** Of images or sequences. */
export function isConvolution(op: LayerOp): op is Conv2dOp | ConvTranspose2dOp {
  return op.kind === "conv2d" || op.kind === "convTranspose2d";
}

/** Layers that sum weighted inputs, which is what BN is put behind; not Keras's convolutions. */
export function isLinearOrConvolution(op: LayerOp): op is LinearOp | Conv2dOp | ConvTranspose2dOp {
  return op.kind === "linear" || isConvolution(op);
}

function isTrainedNormalization({ kind }: LayerOp): boolean {
  return kind === "batchNorm" || kind === "groupNorm" || kind === "instanceNorm" || kind === "layerNorm";
}

/** Batch normalization and what may stand in its place. */
export function isNormalization(layer: Layer): boolean {
  return (
    isTrainedNormalization(layer.op) || (layer.op.kind === "other" && NORMALIZATION_CLASSES.has(layer.op.className))
  );
}

function keepsAnyShape(kind: LayerOp["kind"]): boolean {
  return (
    kind === "activation" ||
    kind === "prelu" ||
    kind === "softmax" ||
    kind === "dropout" ||
    kind === "affine" ||
    kind === "identity"
  );
}

/** Layers that keep the shape, whatever it is. */
export function keepsShape(op: LayerOp): boolean {
  return keepsAnyShape(op.kind) || (op.kind === "other" && op.shapeRule?.rule === "same");
}

/** Activations by their class; functional calls carry the class in their op. */
export function isActivation(layer: Layer): boolean {
  return (
    layer.op.kind === "activation" ||
    layer.op.kind === "prelu" ||
    (layer.op.kind === "other" && ACTIVATION_CLASSES.has(layer.op.className))
  );
}
