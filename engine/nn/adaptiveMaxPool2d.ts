/**
 * Maximum over output-many windows (torch.nn.AdaptiveMaxPool2d, AdaptiveMaxPool1d): output (i, j) covers rows ⌊iH/O⌋ to
 * ⌈(i+1)H/O⌉, and the gradient goes to each window's first maximum.
 */
import type { AdaptiveMaxPool2dOp } from "../protocol/layerOps";
import type { LayerContext, NetworkLayer } from "./layer";
import type { LayerEntry } from "./layerEntry";
import { sendToWinners } from "./maxPool2d";

export const adaptiveMaxPool2d: LayerEntry<AdaptiveMaxPool2dOp> = {
  create: (_op, context) => createAdaptiveMaxPool2d(context),
};

function createAdaptiveMaxPool2d(context: LayerContext): NetworkLayer {
  const { name, arena, batch, input: x, output: y } = context;
  const { kernels } = arena;
  const winners = arena.allocate(batch * y.height * y.width * y.columns * 4);
  return {
    name,
    forward: (_mode, count) => {
      kernels.adaptiveMaxPool({
        images: count,
        inHeight: x.height,
        inWidth: x.width,
        outHeight: y.height,
        outWidth: y.width,
        columns: y.columns,
        x,
        y,
        winners,
      });
    },
    backward: (count) => sendToWinners(context, winners, count),
  };
}
