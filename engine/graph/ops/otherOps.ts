/**
 * Layers that the reader knows and the engine does not train: all that is known of one is its class and a shape rule.
 */
import type { OtherOp } from "../../protocol/layerOps";
import { shapeByRule, unknownShape } from "../shapeRules";
import type { OpEntry } from "./opEntry";

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

export const other: OpEntry<OtherOp> = {
  outputShape: ({ shapeRule }, inputs) => (shapeRule === undefined ? unknownShape : shapeByRule(shapeRule, inputs)),
  parameters: () => null,
  untrainable: ({ className }) => `${className} is not supported yet`,
  role: ({ className }) => {
    if (ACTIVATION_CLASSES.has(className)) return "activation";
    return NORMALIZATION_CLASSES.has(className) ? "normalization" : null;
  },
  keepsShape: ({ shapeRule }) => shapeRule?.rule === "same",
};
