/** Normalizations with learned weights γ and β (torch.nn, "Normalization Layers"). */
import type { BatchNormOp, GroupNormOp, InstanceNormOp, LayerNormOp } from "../../protocol/layerOps";
import { elementCount, type Shape } from "../../protocol/shape";
import { fits, known, misfit, type ShapeResult } from "../shapeRules";
import { ofOneInput, type OpEntry } from "./opEntry";

export const batchNorm: OpEntry<BatchNormOp> = {
  outputShape: ofOneInput(batchNormShape),
  parameters: ({ affine, numFeatures }) => (affine ? 2 * numFeatures : 0),
  untrainable: ({ spatialDims }) => (spatialDims === 3 ? "it normalizes volumes" : null),
  role: () => "normalization",
  statistics: ({ numFeatures, trackRunningStats }) => ({ channels: numFeatures, areTracked: trackRunningStats }),
};

export const groupNorm: OpEntry<GroupNormOp> = {
  outputShape: ofOneInput(({ channels }, input) =>
    fits(input[0], channels) ? known(input) : misfit(`${channels} channels`, input),
  ),
  parameters: ({ affine, channels }) => (affine ? 2 * channels : 0),
  untrainable: ({ channels, groups }) =>
    channels % groups === 0 ? null : `${channels} channels can't be divided into ${groups} groups`,
  role: () => "normalization",
};

export const instanceNorm: OpEntry<InstanceNormOp> = {
  outputShape: ofOneInput(instanceNormShape),
  parameters: ({ affine, numFeatures }) => (affine ? 2 * numFeatures : 0),
  untrainable: ({ trackRunningStats, runningStatsUpdateWeight }) =>
    trackRunningStats && runningStatsUpdateWeight === null
      ? "PyTorch keeps no running statistics for it without a momentum"
      : null,
  misfit: (_op, input) =>
    elementCount(input.slice(1)) > 1 ? null : "it normalizes over a single position, which PyTorch refuses",
  role: () => "normalization",
  statistics: ({ numFeatures, trackRunningStats }) => ({ channels: numFeatures, areTracked: trackRunningStats }),
};

export const layerNorm: OpEntry<LayerNormOp> = {
  outputShape: ofOneInput(({ normalizedShape }, input) => layerNormShape(normalizedShape, input)),
  parameters: ({ affine, normalizedShape }) => (affine ? 2 * elementCount(normalizedShape) : 0),
  role: () => "normalization",
};

const POSITIONS = ["", " × length", " × height × width", " × depth × height × width"];

/** SyncBatchNorm takes any number of axes, so only its channels can be checked. */
function batchNormShape(op: BatchNormOp, input: Shape, className: string): ShapeResult {
  const spatial = input.length - 1;
  const dims = op.spatialDims;
  const hasAxes = className === "SyncBatchNorm" || (dims === null ? spatial === 0 || spatial === 1 : spatial === dims);
  const axis = op.featureAxis ?? 0;
  if (hasAxes && fits(input[axis], op.numFeatures))
    return known(input.map((size, index) => (index === axis ? op.numFeatures : size)));
  const positions = dims === null || className === "SyncBatchNorm" ? "" : (POSITIONS[dims] ?? "");
  return misfit(`${op.numFeatures} channels${positions}`, input);
}

/** Without weights and running statistics PyTorch takes any number of channels. */
function instanceNormShape(op: InstanceNormOp, input: Shape): ShapeResult {
  const fitsChannels = !(op.affine || op.trackRunningStats) || fits(input[0], op.numFeatures);
  return input.length === op.spatialDims + 1 && fitsChannels
    ? known(input)
    : misfit(`${op.numFeatures} channels${POSITIONS[op.spatialDims] ?? ""}`, input);
}

function layerNormShape(normalized: Shape, input: Shape): ShapeResult {
  const first = input.length - normalized.length;
  if (first >= 0 && normalized.every((size, axis) => fits(input[first + axis], size))) return known(input);
  return misfit(
    normalized.length === 1 ? `${normalized[0] ?? 0} features` : `last axes of ${normalized.join("×")}`,
    input,
  );
}
