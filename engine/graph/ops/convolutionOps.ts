/** Convolutions of images and sequences (torch.nn.Conv1d, Conv2d, ConvTranspose1d, ConvTranspose2d). */
import { type Conv2dOp, type ConvTranspose2dOp, type Pair, spatialDimsOf, spatialSizes } from "../../protocol/layerOps";
import { elementCount, type Shape } from "../../protocol/shape";
import { convolvedSize, fits, known, misfit, shapeByRule, type ShapeResult } from "../shapeRules";
import { ofOneInput, type OpEntry } from "./opEntry";
import { paddedTooFar } from "./paddedTooFar";

/** The ops whose role is `convolution`. */
export type ConvolutionOp = Conv2dOp | ConvTranspose2dOp;

export const conv2d: OpEntry<Conv2dOp> = {
  outputShape: ofOneInput(convolvedShape),
  parameters: (op) => op.outChannels * ((op.inChannels / op.groups) * elementCount(op.kernelSize) + Number(op.bias)),
  multiplyAdds: (op, _input, output) =>
    (op.inChannels / op.groups) * elementCount(op.kernelSize) * elementCount(output),
  untrainable: undivided,
  misfit: (op, input) => {
    const { before, after } = paddingOf(op);
    return op.paddingMode === undefined ? null : paddedTooFar({ mode: op.paddingMode, before, after }, input);
  },
  role: () => "convolution",
};

export const convTranspose2d: OpEntry<ConvTranspose2dOp> = {
  outputShape: ofOneInput(transposedShape),
  parameters: (op) =>
    op.inChannels * (op.outChannels / op.groups) * elementCount(op.kernelSize) + (op.bias ? op.outChannels : 0),
  multiplyAdds: (op, input) => (op.outChannels / op.groups) * elementCount(op.kernelSize) * elementCount(input),
  untrainable: undivided,
  role: () => "convolution",
};

/** PyTorch refuses to make such a layer. */
function undivided({ inChannels, outChannels, groups }: ConvolutionOp): string | null {
  return inChannels % groups === 0 && outChannels % groups === 0
    ? null
    : `${inChannels} and ${outChannels} channels can't be divided into ${groups} groups`;
}

function paddingOf(op: Conv2dOp): { readonly before: readonly number[]; readonly after: readonly number[] } {
  return { before: spatialSizes(op, op.padding), after: spatialSizes(op, op.paddingAfter ?? op.padding) };
}

function convolvedShape(op: Conv2dOp, input: Shape): ShapeResult {
  const [channels, ...lengths] = input;
  const isSequence = spatialDimsOf(op) === 1;
  if (lengths.length !== spatialDimsOf(op) || !fits(channels, op.inChannels))
    return misfit(`${op.inChannels} channels × ${isSequence ? "length" : "height × width"}`, input);
  const sizes = convolvedSizes(op, lengths);
  return sizes.some((length) => length < 1)
    ? misfit(`at least ${spatialSizes(op, op.kernelSize).join("×")} ${isSequence ? "positions" : "pixels"}`, input)
    : known([op.outChannels, ...sizes]);
}

function convolvedSizes(op: Conv2dOp, lengths: readonly number[]): number[] {
  const [kernelSizes, strides, dilations] = [op.kernelSize, op.stride, op.dilation].map((pair) =>
    spatialSizes(op, pair),
  );
  const { before, after } = paddingOf(op);
  return lengths.map((length, axis) =>
    convolvedSize(length, {
      kernelSize: kernelSizes?.[axis] ?? 1,
      stride: strides?.[axis] ?? 1,
      padding: (before[axis] ?? 0) + (after[axis] ?? 0),
      dilation: dilations?.[axis] ?? 1,
    }),
  );
}

function transposedShape(op: ConvTranspose2dOp, input: Shape): ShapeResult {
  const sizes = (pair: Pair): number[] => spatialSizes(op, pair);
  return shapeByRule(
    {
      rule: "transposedWindow",
      inChannels: op.inChannels,
      outChannels: op.outChannels,
      kernelSize: sizes(op.kernelSize),
      stride: sizes(op.stride),
      padding: sizes(op.padding).map((side) => 2 * side),
      outputPadding: sizes(op.outputPadding),
      dilation: sizes(op.dilation),
    },
    [input],
  );
}
