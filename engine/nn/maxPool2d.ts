/** Maximum over windows (torch.nn.MaxPool2d, MaxPool1d): the gradient goes to each window's first maximum. */
import type { MaxPool2dOp } from "../protocol/layerOps";
import type { LayerContext, NetworkLayer } from "./layer";
import type { LayerEntry } from "./layerEntry";
import { clearBuffer } from "./clearBuffer";

export const maxPool2d: LayerEntry<MaxPool2dOp> = { create: createMaxPool2d };

function createMaxPool2d(op: MaxPool2dOp, context: LayerContext): NetworkLayer {
  const { name, arena, batch, input: x, output: y } = context;
  const { kernels } = arena;
  const winners = arena.allocate(batch * y.height * y.width * y.columns * 4);
  return {
    name,
    forward: (_mode, count) => {
      kernels.maxPool(
        count,
        x.height,
        x.width,
        y.height,
        y.width,
        y.columns,
        op.kernelSize[0],
        op.kernelSize[1],
        op.stride[0],
        op.stride[1],
        op.padding[0],
        op.padding[1],
        op.dilation[0],
        op.dilation[1],
        x.base,
        x.image,
        x.row,
        x.position,
        y.base,
        y.image,
        y.row,
        y.position,
        winners,
      );
    },
    backward: (count) => sendToWinners(context, winners, count),
  };
}

/** Adds each output's gradient to the position that `winners` names for it: `[sample, row, position, column]` u32. */
export function sendToWinners(
  { arena, inputGradient: dx, outputGradient: dy }: LayerContext,
  winners: number,
  count: number,
): void {
  if (!dy || !dx) return;
  clearBuffer(arena, dx, count);
  arena.kernels.maxPoolGradient(
    count,
    dy.height,
    dy.width,
    dy.columns,
    winners,
    dx.base,
    dx.image,
    dx.row,
    dx.position,
    dy.base,
    dy.image,
    dy.row,
    dy.position,
  );
}
