import type { LayerOp } from "../protocol/layerOps";
import type { Layer } from "../protocol/modelGraph";
import { elementCount } from "../protocol/shape";

/**
 * Trainable parameters of a layer the engine knows, from its formula (torch.nn documentation, "Variables"). An
 * `other` layer has no formula here: the reader counts it from its constructor's arguments.
 */
export function parametersOf(op: Exclude<LayerOp, { kind: "other" }>): number {
  switch (op.kind) {
    case "linear":
      return op.outFeatures * (op.inFeatures + (op.bias ? 1 : 0));
    case "conv2d":
      return op.outChannels * ((op.inChannels / op.groups) * op.kernelSize[0] * op.kernelSize[1] + (op.bias ? 1 : 0));
    case "convTranspose2d":
      return (
        op.inChannels * (op.outChannels / op.groups) * op.kernelSize[0] * op.kernelSize[1] +
        (op.bias ? op.outChannels : 0)
      );
    case "batchNorm":
    case "instanceNorm":
      return op.affine ? 2 * op.numFeatures : 0;
    case "groupNorm":
      return op.affine ? 2 * op.channels : 0;
    case "layerNorm":
      return op.affine ? 2 * elementCount(op.normalizedShape) : 0;
    case "prelu":
      return op.slopes;
    case "activation":
    case "softmax":
    case "dropout":
    case "upsample":
    case "maxPool2d":
    case "avgPool2d":
    case "adaptiveAvgPool2d":
    case "adaptiveMaxPool2d":
    case "spatialMean":
    case "add":
    case "subtract":
    case "multiply":
    case "affine":
    case "reduce":
    case "rearrange":
    case "concatenate":
    case "flatten":
    case "identity":
      return 0;
  }
}

/** null as soon as one layer's count is unknown. */
export function totalParameters(layers: readonly Pick<Layer, "parameters">[]): number | null {
  let total = 0;
  for (const layer of layers) {
    if (layer.parameters === null) return null;
    total += layer.parameters;
  }
  return total;
}
