/**
 * Shape inference, shared by the reader (which traces a forward pass) and by the variant (which is checked again after
 * its annotations were applied). Shapes have no batch axis; see `Shape` in engine/protocol.
 */
import {
  type AvgPool2dOp,
  type BatchNormOp,
  type Conv2dOp,
  type ConvTranspose2dOp,
  type InstanceNormOp,
  type LayerOp,
  type MaxPool2dOp,
  type Pair,
  type Rearrangement,
  spatialDimsOf,
  spatialSizes,
} from "../protocol/layerOps";
import type { GraphNode, Layer, ModelGraph } from "../protocol/modelGraph";
import type { Shape } from "../protocol/shape";
import type { Problem } from "../protocol/problems";
import { convolvedSize, fits, known, misfit, shapeByRule, unknownShape, type ShapeResult } from "./shapeRules";

/** The output shape of a call of `layer`; unknown as soon as an input it depends on is. */
export function outputShape(layer: Pick<Layer, "className" | "op">, inputs: readonly (Shape | null)[]): ShapeResult {
  const [input] = inputs;
  if (input === undefined) return unknownShape;
  const op = layer.op;
  if (op.kind === "other") {
    return op.shapeRule === undefined ? unknownShape : shapeByRule(op.shapeRule, inputs);
  }
  if (op.kind === "add" || op.kind === "subtract" || op.kind === "multiply")
    return shapeByRule({ rule: "broadcast" }, inputs);
  if (op.kind === "concatenate") return shapeByRule({ rule: "concatenate", axis: op.axis }, inputs);
  if (op.kind === "rearrange") return rearrangedShape(op.rearrangement, input);
  return input === null ? unknownShape : shapeOfOp(layer.className, op, input);
}

function shapeOfOp(
  className: string,
  op: Exclude<LayerOp, { kind: "other" | "add" | "subtract" | "multiply" | "concatenate" | "rearrange" }>,
  input: Shape,
): ShapeResult {
  switch (op.kind) {
    case "linear":
      return fits(input.at(-1), op.inFeatures)
        ? known([...input.slice(0, -1), op.outFeatures])
        : misfit(`${op.inFeatures} features`, input);
    case "conv2d":
      return conv2dShape(op, input);
    case "convTranspose2d":
      return transposedShape(op, input);
    case "batchNorm":
      return batchNormShape(className, op, input);
    case "groupNorm":
      return fits(input[0], op.channels) ? known(input) : misfit(`${op.channels} channels`, input);
    case "instanceNorm":
      return instanceNormShape(op, input);
    case "layerNorm":
      return layerNormShape(op.normalizedShape, input);
    case "maxPool2d":
      return poolShape(op, op.dilation, input);
    case "avgPool2d":
      return poolShape(op, [1, 1], input);
    case "spatialMean":
      return input.length === 3 ? known(input.slice(0, 1)) : misfit("channels × height × width", input);
    case "adaptiveAvgPool2d":
    case "adaptiveMaxPool2d":
      return shapeByRule({ rule: "resize", size: spatialSizes(op, op.outputSize) }, [input]);
    case "flatten":
      return flattenShape(op.startDim, op.endDim, input);
    case "reduce":
      return shapeByRule({ rule: "reduce", axes: op.axes, keepDims: op.keepDims }, [input]);
    case "upsample":
      return shapeByRule(op.to, [input]);
    case "activation":
    case "prelu":
    case "softmax":
    case "dropout":
    case "affine":
    case "identity":
      return known(input);
  }
}

function rearrangedShape(rearrangement: Rearrangement, input: Shape | null): ShapeResult {
  switch (rearrangement.rule) {
    case "slice":
      return rearrangement.cuts.reduce<ShapeResult>(
        (before, { axis, size }) => shapeByRule({ rule: "narrow", axis, size }, [before.shape]),
        { shape: input, mismatch: null },
      );
    case "pad":
      return shapeByRule(
        { rule: "pad", amounts: rearrangement.before.map((before, axis) => before + (rearrangement.after[axis] ?? 0)) },
        [input],
      );
    case "channelShuffle":
    case "pixelShuffle":
    case "pixelUnshuffle":
      return input === null ? unknownShape : shuffledShape(rearrangement, input);
    default:
      return shapeByRule(rearrangement, [input]);
  }
}

function shuffledShape(
  rearrangement: Extract<Rearrangement, { rule: "channelShuffle" | "pixelShuffle" | "pixelUnshuffle" }>,
  input: Shape,
): ShapeResult {
  const [channels, height, width] = input;
  if (channels === undefined || height === undefined || width === undefined || input.length !== 3)
    return misfit("channels × height × width", input);
  // A size that is not known divides by everything.
  const divides = (size: number, by: number): boolean => !(size % by > 0);
  if (rearrangement.rule === "channelShuffle")
    return divides(channels, rearrangement.groups)
      ? known(input)
      : misfit(`a multiple of ${rearrangement.groups} channels`, input);
  const { rule, factor } = rearrangement;
  if (rule === "pixelShuffle")
    return divides(channels, factor ** 2)
      ? known([channels / factor ** 2, height * factor, width * factor])
      : misfit(`a multiple of ${factor ** 2} channels`, input);
  return divides(height, factor) && divides(width, factor)
    ? known([channels * factor ** 2, height / factor, width / factor])
    : misfit(`sizes that ${factor} divides`, input);
}

function conv2dShape(op: Conv2dOp, input: Shape): ShapeResult {
  const [channels, ...lengths] = input;
  const [kernelSize, stride, before, after, dilation] = [
    op.kernelSize,
    op.stride,
    op.padding,
    op.paddingAfter ?? op.padding,
    op.dilation,
  ].map((pair) => spatialSizes(op, pair));
  if (lengths.length !== spatialDimsOf(op) || !fits(channels, op.inChannels)) {
    return misfit(`${op.inChannels} channels × ${spatialDimsOf(op) === 1 ? "length" : "height × width"}`, input);
  }
  const size = lengths.map((length, axis) =>
    convolvedSize(length, {
      kernelSize: kernelSize?.[axis] ?? 1,
      stride: stride?.[axis] ?? 1,
      padding: (before?.[axis] ?? 0) + (after?.[axis] ?? 0),
      dilation: dilation?.[axis] ?? 1,
    }),
  );
  if (size.some((length) => length < 1))
    return misfit(
      `at least ${spatialSizes(op, op.kernelSize).join("×")} ${spatialDimsOf(op) === 1 ? "positions" : "pixels"}`,
      input,
    );
  return known([op.outChannels, ...size]);
}

function transposedShape(op: ConvTranspose2dOp, input: Shape): ShapeResult {
  const sizes = (pair: Pair): number[] => spatialSizes(op, pair);
  return shapeByRule(
    {
      rule: "transposedWindow",
      inChannels: op.inChannels,
      outChannels: op.outChannels,
      kernelSize: sizes(op.kernelSize),
      stride: sizes(op.stride),
      padding: sizes(op.padding).map((side) => 2 * side),
      outputPadding: sizes(op.outputPadding),
      dilation: sizes(op.dilation),
    },
    [input],
  );
}

function poolShape(op: MaxPool2dOp | AvgPool2dOp, dilation: Pair, input: Shape): ShapeResult {
  return shapeByRule(
    {
      rule: "window",
      kernelSize: spatialSizes(op, op.kernelSize),
      stride: spatialSizes(op, op.stride),
      padding: spatialSizes(op, op.padding).map((side) => 2 * side),
      dilation: spatialSizes(op, dilation),
      ceilMode: op.ceilMode,
    },
    [input],
  );
}

/** SyncBatchNorm takes any number of axes, so only its channels can be checked. */
function batchNormShape(className: string, op: BatchNormOp, input: Shape): ShapeResult {
  const spatial = input.length - 1;
  const dims = op.spatialDims;
  const hasAxes = className === "SyncBatchNorm" || (dims === null ? spatial === 0 || spatial === 1 : spatial === dims);
  const axis = op.featureAxis ?? 0;
  if (hasAxes && fits(input[axis], op.numFeatures))
    return known(input.map((size, index) => (index === axis ? op.numFeatures : size)));
  return misfit(
    `${op.numFeatures} channels${dims === null || className === "SyncBatchNorm" ? "" : (POSITIONS[dims] ?? "")}`,
    input,
  );
}

const POSITIONS = ["", " × length", " × height × width", " × depth × height × width"];

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

/** `torch.flatten`: axes count with the batch axis, and negative ones from the end. */
function flattenShape(startDim: number, endDim: number, input: Shape): ShapeResult {
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

export interface InferredShapes {
  readonly nodes: readonly GraphNode[];
  readonly problems: readonly Problem[];
}

/** Infers every node's shape anew from the input's. A layer that does not fit is one problem; what follows is unknown. */
export function inferShapes(graph: Pick<ModelGraph, "layers" | "nodes" | "inputs">): InferredShapes {
  const layers = new Map(graph.layers.map((layer) => [layer.name, layer]));
  const shapes = new Map<string, Shape | null>(graph.inputs.map(({ id, shape }) => [id, shape]));
  const problems: Problem[] = [];
  const nodes = graph.nodes.map((node) => {
    const layer = layers.get(node.layer);
    const result =
      layer === undefined
        ? unknownShape
        : outputShape(
            layer,
            node.inputs.map((id) => shapes.get(id) ?? null),
          );
    if (result.mismatch !== null) {
      problems.push({
        code: "shape-mismatch",
        layer: node.layer,
        line: layer?.range.startLine ?? null,
        ...result.mismatch,
      });
    }
    shapes.set(node.id, result.shape);
    return { ...node, outputShape: result.shape };
  });
  return { nodes, problems };
}
