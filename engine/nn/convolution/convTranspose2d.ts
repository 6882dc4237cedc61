/**
 * Transposed 2-D convolution (torch.nn.ConvTranspose2d, zero padding): the input gradient of the convolution that has
 * this layer's output for its image, with g the group of c (Dumoulin & Visin 2016, section 4):
 * y[s, g·O/G + o, i·stride + u·dilation − pad, j·stride + v·dilation − pad] += W[c, o, u, v]·x[s, c, i, j], from b[o]
 * on. Sequences are images of height 1 (torch.nn.ConvTranspose1d).
 */
import type { ConvTranspose2dOp } from "../../protocol/layerOps";
import { elementCount } from "../../protocol/shape";
import { padded } from "../activationBuffer";
import type { HaloNeeds, LayerContext, NetworkLayer } from "../layer";
import { type LayerEntry, uniformByFanIn } from "../layerEntry";
import type { ParameterSpec } from "../parameterSpec";
import { biasParameter, fillWithBias, sumBiasGradient } from "./bias";
import { convolutionHalos, type ConvolutionParts, type ConvolutionShape, type Extent } from "./convolution";
import { methodFor } from "./methods";

export const convTranspose2d: LayerEntry<ConvTranspose2dOp> = {
  create: createConvTranspose2d,
  parameters: convTranspose2dParameters,
  // PyTorch counts the second axis of the weights, which here are the outputs.
  initialValues: (op) => uniformByFanIn((op.outChannels / op.groups) * elementCount(op.kernelSize)),
  halos: convTranspose2dHalos,
};

/** Of the convolution that goes the other way. */
function reversed({ inChannels, outChannels, ...rest }: ConvTranspose2dOp): ConvolutionShape {
  return { ...rest, inChannels: outChannels, outChannels: inChannels };
}

function convTranspose2dParameters(name: string, op: ConvTranspose2dOp): ParameterSpec[] {
  const columns = padded(op.outChannels);
  const weight = methodFor(reversed(op), columns).weight(`${name}.weight`, reversed(op), columns);
  return op.bias ? [weight, biasParameter(name, op.outChannels)] : [weight];
}

function convTranspose2dHalos(op: ConvTranspose2dOp, input: Extent, output: Extent): HaloNeeds {
  const { image, map } = convolutionHalos(reversed(op), output, input);
  return { input: map, outputGradient: image };
}

function createConvTranspose2d(op: ConvTranspose2dOp, context: LayerContext): NetworkLayer {
  const { name, arena, parameters, input: x, output: y, inputGradient: dx, outputGradient: dy } = context;
  const bias = parameters.weights(`${name}.bias`);
  const biasGradient = parameters.gradients(`${name}.bias`);
  const parts: ConvolutionParts = {
    arena,
    shape: reversed(op),
    weight: parameters.weights(`${name}.weight`),
    weightGradient: parameters.gradients(`${name}.weight`),
    image: y,
    map: x,
    imageColumns: y.columns,
  };
  const method = methodFor(parts.shape, y.columns);
  const product = method.createProduct(parts);
  const transposed = method.createTransposed(parts);
  return {
    name,
    forward: (_mode, count) => {
      fillWithBias(arena, bias, y, count);
      transposed(x, y, count, bias !== 0);
    },
    backward: (count) => {
      if (!dy) return;
      product.weightGradient(dy, x, count);
      sumBiasGradient(arena, dy, count, biasGradient);
      if (dx) product.toMap(dy, dx, count, 0);
    },
  };
}
