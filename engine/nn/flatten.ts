/** Joins channel, height and width into features, in PyTorch's order (channel outermost); torch.nn.Flatten. */
import type { LayerContext, NetworkLayer } from "./layer";

export function createFlatten(context: LayerContext): NetworkLayer {
  const { name, arena, input: x, output: y, inputGradient: dx, outputGradient: dy } = context;
  const { kernels } = arena;
  return {
    name,
    forward: (_mode, count) =>
      kernels.flatten(count, x.height, x.width, x.channels, x.base, x.image, x.row, x.position, y.base, y.position),
    backward: (count) => {
      if (dy && dx)
        kernels.unflatten(
          count,
          x.height,
          x.width,
          x.channels,
          dy.base,
          dy.position,
          dx.base,
          dx.image,
          dx.row,
          dx.position,
        );
    },
  };
}
