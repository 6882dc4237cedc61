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
  const window = {
    inHeight: x.height,
    inWidth: x.width,
    outHeight: y.height,
    outWidth: y.width,
    columns: y.columns,
    kernelHeight: kernelSize[0],
    kernelWidth: kernelSize[1],
    strideY: stride[0],
    strideX: stride[1],
    padY: padding[0],
    padX: padding[1],
    countPadding: Number(countIncludePad),
  };
  return {
    name,
    forward: (_mode, count) => kernels.avgPool({ ...window, images: count, x, y }),
    backward: (count) => {
      if (!dy || !dx) return;
      clearBuffer(arena, dx, count);
      kernels.avgPoolGradient({ ...window, images: count, dx, dy });
    },
  };
}
