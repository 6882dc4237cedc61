/**
 * Layers that compute nothing: values change their places, tensors are joined, or nothing happens (torch.Tensor.view,
 * torch.cat).
 */
import type { ConcatenateOp, FlattenOp, IdentityOp, RearrangeOp, Rearrangement } from "../../protocol/layerOps";
import type { Shape } from "../../protocol/shape";
import { known, misfit, shapeByRule, type ShapeResult, unknownShape } from "../shapeRules";
import { ofOneInput, type OpEntry, unchangedShape } from "./opEntry";
import { paddedTooFar } from "./paddedTooFar";

export const rearrange: OpEntry<RearrangeOp> = {
  outputShape: ({ rearrangement }, [input = null]) => rearrangedShape(rearrangement, input),
  parameters: () => 0,
  misfit: ({ rearrangement }, input) => unsupportedRearrangement(rearrangement, input),
  onlyMoves: true,
  mayGoUnused: true,
};

export const concatenate: OpEntry<ConcatenateOp> = {
  outputShape: ({ axis }, inputs) => shapeByRule({ rule: "concatenate", axis }, inputs),
  parameters: () => 0,
  miscounted: () => null,
};

export const flatten: OpEntry<FlattenOp> = {
  outputShape: ofOneInput(flattenedShape),
  parameters: () => 0,
  onlyMoves: true,
};

export const identity: OpEntry<IdentityOp> = { ...unchangedShape, onlyMoves: true };

function rearrangedShape(rearrangement: Rearrangement, input: Shape | null): ShapeResult {
  switch (rearrangement.rule) {
    case "slice":
      return rearrangement.cuts.reduce<ShapeResult>(
        (before, { axis, size }) => shapeByRule({ rule: "narrow", axis, size }, [before.shape]),
        { shape: input, mismatch: null },
      );
    case "pad": {
      const { before, after } = rearrangement;
      return shapeByRule({ rule: "pad", amounts: before.map((amount, axis) => amount + (after[axis] ?? 0)) }, [input]);
    }
    case "channelShuffle":
    case "pixelShuffle":
    case "pixelUnshuffle":
      return input === null ? unknownShape : shuffledShape(rearrangement, input);
    default:
      return shapeByRule(rearrangement, [input]);
  }
}

type Shuffle = Extract<Rearrangement, { rule: "channelShuffle" | "pixelShuffle" | "pixelUnshuffle" }>;

function shuffledShape(shuffle: Shuffle, input: Shape): ShapeResult {
  const [channels, height, width] = input;
  if (channels === undefined || height === undefined || width === undefined || input.length !== 3)
    return misfit("channels × height × width", input);
  // A size that is not known divides by everything.
  const divides = (size: number, by: number): boolean => !(size % by > 0);
  if (shuffle.rule === "channelShuffle")
    return divides(channels, shuffle.groups) ? known(input) : misfit(`a multiple of ${shuffle.groups} channels`, input);
  const { rule, factor } = shuffle;
  if (rule === "pixelShuffle")
    return divides(channels, factor ** 2)
      ? known([channels / factor ** 2, height * factor, width * factor])
      : misfit(`a multiple of ${factor ** 2} channels`, input);
  return divides(height, factor) && divides(width, factor)
    ? known([channels * factor ** 2, height / factor, width / factor])
    : misfit(`sizes that ${factor} divides`, input);
}

/** `torch.flatten`: axes count with the batch axis, and negative ones from the end. */
function flattenedShape({ startDim, endDim }: FlattenOp, input: Shape): ShapeResult {
  const rank = input.length + 1;
  const start = startDim < 0 ? startDim + rank : startDim;
  const end = endDim < 0 ? endDim + rank : endDim;
  // Flattening into the batch axis leaves no shape per sample.
  if (start === 0 && end > 0) return unknownShape;
  if (start < 0 || start >= rank || end >= rank || end < start) return misfit(`axes ${startDim} to ${endDim}`, input);
  if (start === 0) return known(input);
  const joined = input.slice(start - 1, end).reduce((product, size) => product * size, 1);
  return known([...input.slice(0, start - 1), joined, ...input.slice(end)]);
}

/** A part must be within its axis. */
function unsupportedRearrangement(rearrangement: Rearrangement, input: Shape): string | null {
  if (rearrangement.rule === "pad") return paddedTooFar(rearrangement, input);
  if (rearrangement.rule !== "slice") return null;
  const isInside = rearrangement.cuts.every(
    ({ axis, start, step, size }) => start + (size - 1) * step < (input.at(axis < 0 ? axis : axis - 1) ?? 0),
  );
  return isInside ? null : "it takes a part that its input does not have";
}
