/** Pooling over windows of images and sequences (torch.nn, "Pooling Layers"). */
import {
  type AdaptiveAvgPool2dOp,
  type AdaptiveMaxPool2dOp,
  type AvgPool2dOp,
  type MaxPool2dOp,
  type Pair,
  type SpatialMeanOp,
  spatialDimsOf,
  spatialSizes,
} from "../../protocol/layerOps";
import type { Shape } from "../../protocol/shape";
import { known, misfit, shapeByRule, type ShapeResult } from "../shapeRules";
import { ofOneInput, type OpEntry } from "./opEntry";

const parameters = (): number => 0;

export const maxPool2d: OpEntry<MaxPool2dOp> = {
  outputShape: ofOneInput(pooledShape),
  parameters,
  misfit: (op, input, output) => (leavesWindowsEmpty(op, input, output) ? EMPTY_WINDOW : tooLong(input)),
  spatialAxes: spatialDimsOf,
};

const NO_DILATION: Pair = [1, 1];

export const avgPool2d: OpEntry<AvgPool2dOp> = {
  outputShape: ofOneInput((op, input) => pooledShape({ ...op, dilation: NO_DILATION }, input)),
  parameters,
  misfit: (op, input, output) =>
    leavesWindowsEmpty({ ...op, dilation: NO_DILATION }, input, output) ? EMPTY_WINDOW : null,
  spatialAxes: spatialDimsOf,
};

export const adaptiveAvgPool2d: OpEntry<AdaptiveAvgPool2dOp> = {
  outputShape: ofOneInput(adaptiveShape),
  parameters,
  spatialAxes: spatialDimsOf,
};

export const adaptiveMaxPool2d: OpEntry<AdaptiveMaxPool2dOp> = {
  outputShape: ofOneInput(adaptiveShape),
  parameters,
  misfit: (_op, input) => tooLong(input),
  spatialAxes: spatialDimsOf,
};

export const spatialMean: OpEntry<SpatialMeanOp> = {
  outputShape: ofOneInput((_op, input) =>
    input.length === 3 ? known(input.slice(0, 1)) : misfit("channels × height × width", input),
  ),
  parameters,
  spatialAxes: () => 2,
};

/** What the windows of a pooling layer are. */
type Windows = Pick<MaxPool2dOp, "spatialDims" | "kernelSize" | "stride" | "padding" | "dilation" | "ceilMode">;

function pooledShape(op: Windows, input: Shape): ShapeResult {
  return shapeByRule(
    {
      rule: "window",
      kernelSize: spatialSizes(op, op.kernelSize),
      stride: spatialSizes(op, op.stride),
      padding: spatialSizes(op, op.padding).map((side) => 2 * side),
      dilation: spatialSizes(op, op.dilation),
      ceilMode: op.ceilMode,
    },
    [input],
  );
}

function adaptiveShape(op: AdaptiveAvgPool2dOp | AdaptiveMaxPool2dOp, input: Shape): ShapeResult {
  return shapeByRule({ rule: "resize", size: spatialSizes(op, op.outputSize) }, [input]);
}

const EMPTY_WINDOW = "one of its windows contains no pixel";

function leavesWindowsEmpty(op: Windows, input: Shape, output: Shape): boolean {
  const [strides, paddings, dilations] = [op.stride, op.padding, op.dilation].map((pair) => spatialSizes(op, pair));
  return spatialSizes(op, op.kernelSize).some((kernel, axis) => {
    const size = input[axis + 1] ?? 0;
    const [stride = 1, padding = 0, dilation = 1] = [strides?.[axis], paddings?.[axis], dilations?.[axis]];
    const isOutside = (place: number): boolean => place < 0 || place >= size;
    return Array.from({ length: output[axis + 1] ?? 0 }, (_, index) => index * stride - padding).some((start) =>
      Array.from({ length: kernel }, (_, tap) => start + tap * dilation).every(isOutside),
    );
  });
}

/** Max pools store where a maximum was as 16 bits for each axis. */
const LONGEST_POOLED = 0xffff;

function tooLong([, ...lengths]: Shape): string | null {
  return lengths.some((length) => length > LONGEST_POOLED)
    ? `an axis of its input is longer than ${LONGEST_POOLED}`
    : null;
}
