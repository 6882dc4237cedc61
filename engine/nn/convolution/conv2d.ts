/**
 * 2-D convolution (torch.nn.Conv2d, zero padding), with g the group of o:
 * y[s, o, i, j] = b[o] + Σ W[o, c, u, v]·x[s, g·C/G + c, i·stride + u·dilation − pad, j·stride + v·dilation − pad].
 * Sequences are images of height 1 (torch.nn.Conv1d).
 */
import type { Conv2dOp } from "../../protocol/layerOps";
import type { HaloNeeds, LayerContext, NetworkLayer } from "../layer";
import type { ParameterSpec } from "../parameterSpec";
import { biasParameter, sumBiasGradient } from "./bias";
import { convolutionHalos, type ConvolutionParts, type Extent } from "./convolution";
import { methodFor } from "./methods";

export function conv2dParameters(name: string, op: Conv2dOp, inputColumns: number): ParameterSpec[] {
  const weight = methodFor(op, inputColumns).weight(`${name}.weight`, op, inputColumns);
  return op.bias ? [weight, biasParameter(name, op.outChannels)] : [weight];
}

export function conv2dHalos(op: Conv2dOp, input: Extent, output: Extent): HaloNeeds {
  const { image, map } = convolutionHalos(op, input, output);
  return { input: image, outputGradient: map };
}

export function createConv2d(op: Conv2dOp, context: LayerContext): NetworkLayer {
  const { name, arena, parameters, input: x, output: y, inputGradient: dx, outputGradient: dy } = context;
  const bias = parameters.weights(`${name}.bias`);
  const biasGradient = parameters.gradients(`${name}.bias`);
  const parts: ConvolutionParts = {
    arena,
    shape: op,
    weight: parameters.weights(`${name}.weight`),
    weightGradient: parameters.gradients(`${name}.weight`),
    image: x,
    map: y,
    imageColumns: x.columns,
  };
  const method = methodFor(op, x.columns);
  const product = method.createProduct(parts);
  const transposed = dx === null ? null : method.createTransposed(parts);
  return {
    name,
    forward: (_mode, count) => product.toMap(x, y, count, bias),
    backward: (count) => {
      if (!dy) return;
      product.weightGradient(x, dy, count);
      sumBiasGradient(arena, dy, count, biasGradient);
      if (dx && transposed) transposed(dy, dx, count, false);
    },
  };
}
