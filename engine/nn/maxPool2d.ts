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
      kernels.maxPool({
        images: count,
        inHeight: x.height,
        inWidth: x.width,
        outHeight: y.height,
        outWidth: y.width,
        columns: y.columns,
        kernelHeight: op.kernelSize[0],
        kernelWidth: op.kernelSize[1],
        strideY: op.stride[0],
        strideX: op.stride[1],
        padY: op.padding[0],
        padX: op.padding[1],
        dilationY: op.dilation[0],
        dilationX: op.dilation[1],
        x,
        y,
        winners,
      });
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
  arena.kernels.maxPoolGradient({
    images: count,
    outHeight: dy.height,
    outWidth: dy.width,
    columns: dy.columns,
    winners,
    dx,
    dy,
  });
}
