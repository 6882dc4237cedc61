/** What of the shapes around a call the engine cannot hold, or compute with. */
import {
  type AvgPool2dOp,
  type LayerOp,
  type MaxPool2dOp,
  type PaddingMode,
  type Rearrangement,
  type SoftmaxOp,
  spatialDimsOf,
  spatialSizes,
  type UpsampleOp,
} from "../protocol/layerOps";
import type { Layer } from "../protocol/modelGraph";
import { elementCount, isStored, type Shape } from "../protocol/shape";
import { outputShape } from "./shapes";

/** How many axes after the channels a layer computes with; null where any number will do. */
function axesOf(op: LayerOp): 1 | 2 | null {
  switch (op.kind) {
    case "maxPool2d":
    case "avgPool2d":
    case "adaptiveAvgPool2d":
    case "adaptiveMaxPool2d":
      return spatialDimsOf(op);
    case "upsample":
      return op.mode === "nearest" ? null : op.mode === "linear" ? 1 : 2;
    case "spatialMean":
      return 2;
    default:
      return null;
  }
}

/** Max pools keep where a maximum was as 16 bits for each axis. */
const LONGEST_POOLED = 0xffff;

/** As the end of a sentence about the layer; null when all is well. */
export function misshapen(layer: Layer, inputs: readonly Shape[], output: Shape | null): string | null {
  const { op } = layer;
  // Inputs that do not fit are a problem of their own.
  if (output === null)
    return outputShape(layer, inputs).mismatch === null ? "the shape of its output is not known" : null;
  if (output.some((size) => size < 1)) return "nothing is left for its output";
  if (op.kind === "identity") return null;
  const moves = op.kind === "rearrange" || op.kind === "flatten";
  const strange = moves ? undefined : [...inputs, output].find((shape) => !isStored(shape));
  if (strange !== undefined) return `it computes with ${strange.length} axes besides the batch`;
  const axes = axesOf(op);
  if (axes !== null && inputs[0]?.length !== axes + 1) return axes === 2 ? NO_IMAGE : NO_SEQUENCE;
  return misfitOf(op, inputs[0] ?? [], output);
}

const NO_IMAGE = "it takes something else than an image";
const NO_SEQUENCE = "it takes something else than a sequence";

function misfitOf(op: LayerOp, input: Shape, output: Shape): string | null {
  switch (op.kind) {
    case "instanceNorm":
      return elementCount(input.slice(1)) > 1 ? null : "it normalizes over one position, which PyTorch refuses";
    case "prelu":
      return op.slopes === 1 || op.slopes === output[0]
        ? null
        : `it has ${op.slopes} slopes for ${output[0] ?? 0} channels`;
    case "softmax":
      return isOverChannels(op, output) ? null : "it is not over the channels";
    case "dropout":
      if (!op.isPerChannel || output.length === spatialDimsOf(op) + 1) return null;
      return spatialDimsOf(op) === 2 ? NO_IMAGE : NO_SEQUENCE;
    case "upsample":
      if (input.length < 2) return NO_IMAGE;
      if (op.to.rule === "resize")
        return op.to.size.length === input.length - 1 ? null : input.length === 2 ? NO_IMAGE : NO_SEQUENCE;
      return isAmbiguous(op, input, output)
        ? "PyTorch's own kernels do not agree on this factor for this size (pass size=…)"
        : null;
    case "adaptiveMaxPool2d":
      return tooLong(input);
    case "maxPool2d":
      return leavesWindowsEmpty(op, input, output) ? EMPTY_WINDOW : tooLong(input);
    case "avgPool2d":
      return leavesWindowsEmpty(op, input, output) ? EMPTY_WINDOW : null;
    case "conv2d":
      return op.paddingMode === undefined
        ? null
        : paddedTooFar(
            op.paddingMode,
            spatialSizes(op, op.padding),
            spatialSizes(op, op.paddingAfter ?? op.padding),
            input,
          );
    case "rearrange":
      return unsupportedRearrangement(op.rearrangement, input);
    default:
      return null;
  }
}

const EMPTY_WINDOW = "a window of it holds no pixel";

function tooLong([, ...lengths]: Shape): string | null {
  return lengths.some((length) => length > LONGEST_POOLED)
    ? `it takes more than ${LONGEST_POOLED} positions along an axis`
    : null;
}

/** Without `dim` PyTorch takes axis 0 for three axes with the batch's, and the channels for two and four. */
function isOverChannels({ axis }: SoftmaxOp, shape: Shape): boolean {
  return axis === null ? shape.length !== 2 : axis === 1 || axis === -shape.length;
}

/**
 * Where a factor that is no whole number keeps or doubles a size, some of PyTorch's kernels copy or repeat pixels and others
 * still compute with the factor (upsample_nearest2d and upsample_bilinear2d of ATen, by memory layout and device).
 */
function isAmbiguous({ to, mode, alignCorners }: UpsampleOp, input: Shape, output: Shape): boolean {
  if (to.rule !== "scale" || (mode !== "nearest" && alignCorners)) return false;
  return input.slice(1).some((_, place) => {
    const axis = place + 1;
    const [before = 0, after = 0] = [input[axis], output[axis]];
    const factor = to.factors[axis - 1] ?? to.factors[0] ?? 1;
    return factor !== after / before && (after === before || (mode === "nearest" && after === 2 * before));
  });
}

function leavesWindowsEmpty(op: MaxPool2dOp | AvgPool2dOp, input: Shape, output: Shape): boolean {
  const [stride, padding, dilation] = [
    op.stride,
    op.padding,
    op.kind === "maxPool2d" ? op.dilation : ([1, 1] as const),
  ].map((pair) => spatialSizes(op, pair));
  return spatialSizes(op, op.kernelSize).some((kernel, axis) => {
    const size = input[axis + 1] ?? 0;
    return Array.from(
      { length: output[axis + 1] ?? 0 },
      (_, index) => index * (stride?.[axis] ?? 1) - (padding?.[axis] ?? 0),
    ).some((start) =>
      Array.from({ length: kernel }, (_, tap) => start + tap * (dilation?.[axis] ?? 1)).every(
        (place) => place < 0 || place >= size,
      ),
    );
  });
}

/** Mirrored padding must be smaller than the image, and repeated padding no larger (torch.nn.functional.pad). */
function paddedTooFar(
  mode: PaddingMode,
  before: readonly number[],
  after: readonly number[],
  input: Shape,
): string | null {
  const first = input.length - before.length;
  const furthest = (axis: number): number => Math.max(before[axis] ?? 0, after[axis] ?? 0);
  const sizes = before.map((_, axis) => ({ size: input[first + axis] ?? 0, padding: furthest(axis) }));
  if (mode === "reflect" && sizes.some(({ size, padding }) => padding >= size))
    return "it mirrors more than the image has";
  return mode === "circular" && sizes.some(({ size, padding }) => padding > size)
    ? "it repeats the image more than once"
    : null;
}

/** A part must lie within its axis. */
function unsupportedRearrangement(rearrangement: Rearrangement, input: Shape): string | null {
  if (rearrangement.rule === "slice") {
    const isInside = rearrangement.cuts.every(
      ({ axis, start, step, size }) => start + (size - 1) * step < (input.at(axis < 0 ? axis : axis - 1) ?? 0),
    );
    return isInside ? null : "it takes a part that its input has not";
  }
  return rearrangement.rule === "pad"
    ? paddedTooFar(rearrangement.mode, rearrangement.before, rearrangement.after, input)
    : null;
}
