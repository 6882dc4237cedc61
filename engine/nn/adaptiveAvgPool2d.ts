/**
 * Mean over output-many windows (torch.nn.AdaptiveAvgPool2d, AdaptiveAvgPool1d): output (i, j) covers rows ⌊iH/O⌋ to
 * ⌈(i+1)H/O⌉.
 */
import type { AdaptiveAvgPool2dOp, SpatialMeanOp } from "../protocol/layerOps";
import { clearBuffer } from "./clearBuffer";
import type { LayerContext, NetworkLayer } from "./layer";
import type { LayerEntry } from "./layerEntry";

export const adaptiveAvgPool2d: LayerEntry<AdaptiveAvgPool2dOp> = {
  create: (_op, context) => createAdaptiveAvgPool2d(context),
};

/** One window over height and width. */
export const spatialMean: LayerEntry<SpatialMeanOp> = { create: (_op, context) => createAdaptiveAvgPool2d(context) };

function createAdaptiveAvgPool2d(context: LayerContext): NetworkLayer {
  const { name, arena, input: x, output: y, inputGradient: dx, outputGradient: dy } = context;
  const { kernels } = arena;
  return {
    name,
    forward: (_mode, count) => {
      kernels.adaptiveAvgPool({
        images: count,
        inHeight: x.height,
        inWidth: x.width,
        outHeight: y.height,
        outWidth: y.width,
        columns: y.columns,
        x,
        y,
      });
    },
    backward: (count) => {
      if (!dy || !dx) return;
      clearBuffer(arena, dx, count);
      kernels.adaptiveAvgPoolGradient({
        images: count,
        inHeight: x.height,
        inWidth: x.width,
        outHeight: y.height,
        outWidth: y.width,
        columns: y.columns,
        dx,
        dy,
      });
    },
  };
}
