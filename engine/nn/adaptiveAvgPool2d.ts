/** Mean over output-many windows (torch.nn.AdaptiveAvgPool2d, AdaptiveAvgPool1d): output (i, j) covers rows ⌊iH/O⌋ to ⌈(i+1)H/O⌉. */
import { clearBuffer } from "./clearBuffer";
import type { LayerContext, NetworkLayer } from "./layer";

export function createAdaptiveAvgPool2d(context: LayerContext): NetworkLayer {
  const { name, arena, input: x, output: y, inputGradient: dx, outputGradient: dy } = context;
  const { kernels } = arena;
  return {
    name,
    forward: (_mode, count) => {
      kernels.adaptiveAvgPool(
        count,
        x.height,
        x.width,
        y.height,
        y.width,
        y.columns,
        x.base,
        x.image,
        x.row,
        x.position,
        y.base,
        y.image,
        y.row,
        y.position,
      );
    },
    backward: (count) => {
      if (!dy || !dx) return;
      clearBuffer(arena, dx, count);
      kernels.adaptiveAvgPoolGradient(
        count,
        x.height,
        x.width,
        y.height,
        y.width,
        y.columns,
        dx.base,
        dx.image,
        dx.row,
        dx.position,
        dy.base,
        dy.image,
        dy.row,
        dy.position,
      );
    },
  };
}
