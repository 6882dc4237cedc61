/**
 * Joins inputs along the channels (torch.cat with dim=1; Huang et al. 2017); each input gets its part of the gradient.
 */
import type { ConcatenateOp } from "../protocol/layerOps";
import { type ActivationBuffer, regionOf } from "./activationBuffer";
import { createJoin } from "./join";
import type { Operand } from "./kernels/operands";
import type { LayerContext, NetworkLayer } from "./layer";
import type { LayerEntry } from "./layerEntry";
import { axisAfterBatch } from "./rearrangement";

export const concatenate: LayerEntry<ConcatenateOp> = {
  create: (op, context, { step }) =>
    axisAfterBatch(op.axis, step.outputShape) === 0 ? createConcatenate(context) : createJoin(op, step, context),
};

function createConcatenate(context: LayerContext): NetworkLayer {
  const { name, arena, inputs, output, inputGradients, outputGradient } = context;
  const { kernels } = arena;
  const offsets = inputs.map((_, index) =>
    inputs.slice(0, index).reduce((bytes, { channels }) => bytes + channels * 4, 0),
  );
  /** Between a buffer of a part's own and its channels within the joined one. */
  const copyPart = (
    part: ActivationBuffer,
    joined: ActivationBuffer,
    offset: number,
    isInward: boolean,
    count: number,
  ): void => {
    const region = regionOf(count, part, joined);
    const within: Operand = {
      base: joined.base + offset,
      image: joined.image,
      row: joined.row,
      position: joined.position,
    };
    kernels.copyChannels(
      isInward
        ? { region, channels: part.channels, x: part, y: within }
        : { region, channels: part.channels, x: within, y: part },
    );
  };
  return {
    name,
    forward: (_mode, count) =>
      inputs.forEach((input, index) => copyPart(input, output, offsets[index] ?? 0, true, count)),
    backward: (count) => {
      if (outputGradient === null) return;
      inputGradients.forEach((gradient, index) => {
        if (gradient !== null) copyPart(gradient, outputGradient, offsets[index] ?? 0, false, count);
      });
    },
  };
}
