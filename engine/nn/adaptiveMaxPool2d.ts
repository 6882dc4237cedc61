/**
 * Maximum over output-many windows (torch.nn.AdaptiveMaxPool2d): output (i, j) covers rows ⌊iH/O⌋ to ⌈(i+1)H/O⌉, and the
 * gradient goes to each window's first maximum.
 */
import { clearBuffer } from "./clearBuffer";
import type { LayerContext, NetworkLayer } from "./layer";

export function createAdaptiveMaxPool2d(context: LayerContext): NetworkLayer {
  const { name, arena, batch, input: x, output: y, inputGradient: dx, outputGradient: dy } = context;
  const { kernels } = arena;
  const winners = arena.allocate(batch * y.height * y.width * y.columns * 4);
  return {
    name,
    forward: (_mode, count) => {
      kernels.adaptiveMaxPool(
        count, x.height, x.width, y.height, y.width, y.columns,
        x.base, x.image, x.row, x.position, y.base, y.image, y.row, y.position, winners,
      );
    },
    backward: (count) => {
      if (!dy || !dx) return;
      clearBuffer(arena, dx, count);
      kernels.maxPoolGradient(
        count, y.height, y.width, y.columns, winners,
        dx.base, dx.image, dx.row, dx.position, dy.base, dy.image, dy.row, dy.position,
      );
    },
  };
}
