/** Mean over windows (torch.nn.AvgPool2d, AvgPool1d); the gradient is spread evenly over each window. */
import type { AvgPool2dOp } from "../protocol/layerOps";
import { clearBuffer } from "./clearBuffer";
import type { LayerContext, NetworkLayer } from "./layer";
import type { LayerEntry } from "./layerEntry";

export const avgPool2d: LayerEntry<AvgPool2dOp> = { create: createAvgPool2d };

function createAvgPool2d(op: AvgPool2dOp, context: LayerContext): NetworkLayer {
  const { name, arena, input: x, output: y, inputGradient: dx, outputGradient: dy } = context;
  const { kernels } = arena;
  const { kernelSize, stride, padding, countIncludePad } = op;
  const window = [
    kernelSize[0],
    kernelSize[1],
    stride[0],
    stride[1],
    padding[0],
    padding[1],
    Number(countIncludePad),
  ] as const;
  return {
    name,
    forward: (_mode, count) => {
      kernels.avgPool(
        count,
        x.height,
        x.width,
        y.height,
        y.width,
        y.columns,
        ...window,
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
      kernels.avgPoolGradient(
        count,
        x.height,
        x.width,
        y.height,
        y.width,
        y.columns,
        ...window,
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
