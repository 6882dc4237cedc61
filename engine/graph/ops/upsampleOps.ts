/** Resampling of images and sequences (torch.nn.Upsample, torch.nn.functional.interpolate). */
import type { UpsampleOp } from "../../protocol/layerOps";
import type { Shape } from "../../protocol/shape";
import { shapeByRule } from "../shapeRules";
import { NO_IMAGE, NO_SEQUENCE, ofOneInput, type OpEntry } from "./opEntry";

export const upsample: OpEntry<UpsampleOp> = {
  outputShape: ofOneInput(({ to }, input) => shapeByRule(to, [input])),
  parameters: () => 0,
  spatialAxes: ({ mode }) => (mode === "nearest" ? null : mode === "linear" ? 1 : 2),
  misfit: (op, input, output) => {
    if (input.length < 2) return NO_IMAGE;
    if (op.to.rule === "resize")
      return op.to.size.length === input.length - 1 ? null : input.length === 2 ? NO_IMAGE : NO_SEQUENCE;
    return isAmbiguous(op, input, output)
      ? "PyTorch's own kernels disagree about this factor at this size (pass size=…)"
      : null;
  },
};

/**
 * Where a fractional factor keeps or doubles a size, some of PyTorch's kernels copy or repeat pixels and
 * others still compute with the factor (upsample_nearest2d and upsample_bilinear2d of ATen, by memory layout and
 * device).
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
