/**
 * 2-D convolution (torch.nn.Conv2d, zero padding), with g the group of o:
 * y[s, o, i, j] = b[o] + Σ W[o, c, u, v]·x[s, g·C/G + c, i·stride + u·dilation − pad, j·stride + v·dilation − pad].
 * Sequences are images of height 1 (torch.nn.Conv1d).
 */
import { type Conv2dOp, type PaddingMode, spatialSizes } from "../../protocol/layerOps";
import { elementCount, type Shape } from "../../protocol/shape";
import type { HaloNeeds, LayerContext, NetworkLayer } from "../layer";
import { type LayerEntry, uniformByFanIn } from "../layerEntry";
import type { ParameterSpec } from "../parameterSpec";
import type { NewStep } from "../step";
import { biasParameter, sumBiasGradient } from "./bias";
import { convolutionHalos, type ConvolutionParts, type Extent } from "./convolution";
import { methodFor } from "./methods";

export const conv2d: LayerEntry<Conv2dOp> = {
  create: createConv2d,
  parameters: (name, op, columnsOf) => conv2dParameters(name, op, columnsOf(op.inChannels)),
  initialValues: (op) => uniformByFanIn((op.inChannels / op.groups) * elementCount(op.kernelSize)),
  halos: conv2dHalos,
  readsUnpadded: "calledOnce",
  stepsAround: (step, op, input) =>
    op.paddingMode === undefined ? [step] : afterPadding(step, op, op.paddingMode, input),
};

function conv2dParameters(name: string, op: Conv2dOp, inputColumns: number): ParameterSpec[] {
  const weight = methodFor(op, inputColumns).weight(`${name}.weight`, op, inputColumns);
  return op.bias ? [weight, biasParameter(name, op.outChannels)] : [weight];
}

function conv2dHalos(op: Conv2dOp, input: Extent, output: Extent): HaloNeeds {
  const { image, map } = convolutionHalos(op, input, output);
  return { input: image, outputGradient: map };
}

/** A convolution of what was padded with something else than zeros. */
function afterPadding(step: NewStep, op: Conv2dOp, mode: PaddingMode, input: Shape): NewStep[] {
  const { paddingAfter, paddingMode: _, ...rest } = op;
  const before = spatialSizes(op, op.padding);
  const after = spatialSizes(op, paddingAfter ?? op.padding);
  const output = input.map((size, axis) => size + (before[axis - 1] ?? 0) + (after[axis - 1] ?? 0));
  const padded = `${step.id} padded`;
  return [
    {
      ...step,
      id: padded,
      outputShape: output,
      moves: [{ rearrangement: { rule: "pad", before, after, mode }, input, output }],
    },
    { ...step, layer: { ...step.layer, op: { ...rest, padding: [0, 0] } }, inputIds: [padded] },
  ];
}

function createConv2d(op: Conv2dOp, context: LayerContext): NetworkLayer {
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
