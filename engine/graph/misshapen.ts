/** What of the shapes around a call the engine cannot hold, or compute with. */
import type { AvgPool2dOp, LayerOp, MaxPool2dOp, Rearrangement, SoftmaxOp, UpsampleOp } from "../protocol/layerOps";
import type { Layer } from "../protocol/modelGraph";
import { isStored, type Shape } from "../protocol/shape";
import { outputShape } from "./shapes";

const IMAGE_LAYERS = new Set<LayerOp["kind"]>(["maxPool2d", "avgPool2d", "adaptiveAvgPool2d", "adaptiveMaxPool2d", "spatialMean", "upsample"]);

/** As the end of a sentence about the layer; null when all is well. */
export function misshapen(layer: Layer, inputs: readonly Shape[], output: Shape | null): string | null {
  const { op } = layer;
  // Inputs that do not fit are a problem of their own.
  if (output === null) return outputShape(layer, inputs).mismatch === null ? "the shape of its output is not known" : null;
  if (output.some((size) => size < 1)) return "nothing is left for its output";
  if (op.kind === "identity") return null;
  const moves = op.kind === "rearrange" || op.kind === "flatten";
  const strange = moves ? undefined : [...inputs, output].find((shape) => !isStored(shape));
  if (strange !== undefined) return `it computes with ${strange.length} axes besides the batch`;
  if (IMAGE_LAYERS.has(op.kind) && inputs[0]?.length !== 3) return NO_IMAGE;
  return misfitOf(op, inputs[0] ?? [], output);
}

const NO_IMAGE = "it takes something else than an image";

function misfitOf(op: LayerOp, input: Shape, output: Shape): string | null {
  switch (op.kind) {
    case "prelu":
      return op.slopes === 1 || op.slopes === output[0] ? null : `it has ${op.slopes} slopes for ${output[0] ?? 0} channels`;
    case "softmax":
      return isOverChannels(op, output) ? null : "it is not over the channels";
    case "dropout":
      return op.isPerChannel && output.length !== 3 ? NO_IMAGE : null;
    case "upsample":
      if (op.to.rule === "resize") return op.to.size.length === 2 ? null : NO_IMAGE;
      return isAmbiguous(op, input, output) ? "PyTorch's own kernels do not agree on this factor for this size (pass size=…)" : null;
    case "maxPool2d":
    case "avgPool2d":
      return leavesWindowsEmpty(op, input, output) ? "a window of it holds no pixel" : null;
    case "rearrange":
      return unsupportedRearrangement(op.rearrangement, input);
    default:
      return null;
  }
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
  if (to.rule !== "scale" || (mode === "bilinear" && alignCorners)) return false;
  return [1, 2].some((axis) => {
    const [before = 0, after = 0] = [input[axis], output[axis]];
    const factor = to.factors[axis - 1] ?? to.factors[0] ?? 1;
    return factor !== after / before && (after === before || (mode === "nearest" && after === 2 * before));
  });
}

function leavesWindowsEmpty(op: MaxPool2dOp | AvgPool2dOp, input: Shape, output: Shape): boolean {
  return ([0, 1] as const).some((axis) => {
    const size = input[axis + 1] ?? 0;
    const step = op.kind === "maxPool2d" ? op.dilation[axis] : 1;
    return Array.from({ length: output[axis + 1] ?? 0 }, (_, index) => index * op.stride[axis] - op.padding[axis]).some((start) =>
      Array.from({ length: op.kernelSize[axis] }, (_, tap) => start + tap * step).every((place) => place < 0 || place >= size),
    );
  });
}

/** A part must lie within its axis, and mirrored padding must be smaller than the image (torch.nn.ReflectionPad2d). */
function unsupportedRearrangement(rearrangement: Rearrangement, input: Shape): string | null {
  if (rearrangement.rule === "slice") {
    const isInside = rearrangement.cuts.every(({ axis, start, step, size }) => start + (size - 1) * step < (input.at(axis < 0 ? axis : axis - 1) ?? 0));
    return isInside ? null : "it takes a part that its input has not";
  }
  if (rearrangement.rule !== "pad" || rearrangement.mode !== "reflect") return null;
  const first = input.length - rearrangement.before.length;
  const isTooWide = rearrangement.before.some((before, axis) => Math.max(before, rearrangement.after[axis] ?? 0) >= (input[first + axis] ?? 0));
  return isTooWide ? "it mirrors more than the image has" : null;
}
