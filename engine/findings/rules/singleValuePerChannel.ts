/**
 * BN over 1×1 pixels: each sample gives one value per channel, so a batch of one has no variance and PyTorch raises
 * "Expected more than 1 value per channel when training" (fastai/fastai#1352, pytorch/pytorch#7716). For features the
 * same is true of any batch of one; it is said only where the file trains with one.
 */
import type { GraphNode, Layer } from "../../protocol/modelGraph";
import { keepsShape } from "../../graph/layerKinds";
import { INPUT_ID, inputShapeOf } from "../../protocol/modelGraph";
import { callsOf, groupBySite, layerOf, normLayers, type BatchNormLayer, type FindingContext } from "../context";
import { findingOf } from "../draft";
import { holdsNormInEval } from "../heldInEval";
import type { CallExpression, Expression } from "../../python/expressions";
import { callsIn } from "../../python/walk";
import type { SourceFinding } from "../sourceFinding";
import { atStart, layersText, verbFor } from "../layerText";

export function singleValuePerChannel(context: FindingContext): SourceFinding[] {
  if (holdsNormInEval(context.file)) return [];
  const trainsWithOne = trainsWithBatchOfOne(context);
  const single = normLayers(context).filter(
    (layer) =>
      !isSynchronized(layer) &&
      callsOf(context, layer).some(
        (node) =>
          isSinglePixel(context, node.inputs[0], layer.op.featureAxis ?? 0) ||
          (trainsWithOne && isFeatures(context, layer, node)),
      ),
  );
  const isKeras = context.graph?.framework === "keras";
  return groupBySite(single).flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const names = group.map(({ name }) => name);
    return [
      findingOf({
        rule: "single-value-per-channel",
        layers: names,
        expression: first.range,
        verdict:
          `${atStart(layersText(context, names))} ${verbFor(names, "get")} one value per channel from each ` +
          `sample: a batch of 1 ${isKeras ? "becomes β" : "fails"} in training, and small batches are noisy.`,
        evidence:
          "Its input has no pixels to average over, so a batch of B gives B values per channel. With B = 2 " +
          "the two normalized values are always +1 and −1. With B = 1 " +
          (isKeras
            ? "the variance is 0 and every output is β."
            : 'PyTorch raises "Expected more than 1 value per channel when training".'),
        next: isKeras
          ? "Train with drop_remainder=True and batches of 16 or more, or use GroupNormalization here."
          : "Train with drop_last=True and batches of 16 or more, or use GroupNorm here.",
      }),
    ];
  });
}

/** It gets a value from each process, or each GPU. */
const isSynchronized = ({ className }: Layer): boolean => /sync/i.test(className);

/**
 * Whether the value is certainly 1×1 pixels, by its shape or by the layers that made it. A shape that follows from
 * arguments that nobody gave says nothing.
 */
function isSinglePixel(context: FindingContext, id: string | undefined, featureAxis: number): boolean {
  const isAssumed = context.reading.assumed.length > 0;
  for (let current = id; current !== undefined && current !== INPUT_ID; ) {
    const node = context.nodes.get(current);
    const layer = node === undefined ? null : layerOf(context, node);
    if (node === undefined || layer === null) return false;
    const shape = node.outputShape;
    if (shape !== null && !isAssumed)
      return shape.length > 1 && shape.every((size, axis) => size === 1 || axis === featureAxis);
    if (poolsToOne(layer)) return true;
    if (KERAS_GLOBAL.test(layer.className)) return shape !== null && shape.length > 1;
    if (node.inputs.length !== 1 || !keepsPixels(layer)) return false;
    current = node.inputs[0];
  }
  return false;
}

/** With `keepdims=True`: else its output are features. */
const KERAS_GLOBAL = /^Global(Average|Max)Pooling[23]D$/;

function poolsToOne({ op }: Layer): boolean {
  if (op.kind === "adaptiveAvgPool2d" || op.kind === "adaptiveMaxPool2d")
    return op.outputSize.every((size) => size === 1);
  return (
    op.kind === "other" &&
    op.shapeRule?.rule === "resize" &&
    op.shapeRule.size.length > 0 &&
    op.shapeRule.size.every((size) => size === 1)
  );
}

/** A convolution of one pixel gives one pixel, whatever its kernel. */
const KERAS_CONVOLUTION = /^(Depthwise|Separable)?Conv[23]D$/;

function keepsPixels({ op, className }: Layer): boolean {
  if (op.kind === "conv2d")
    return [...op.kernelSize, ...op.stride].every((size) => size === 1) && op.padding.every((size) => size === 0);
  return op.kind === "batchNorm" || keepsShape(op) || KERAS_CONVOLUTION.test(className);
}

function isFeatures({ graph, nodes }: FindingContext, layer: BatchNormLayer, node: GraphNode): boolean {
  const [input] = node.inputs;
  const shape =
    input === INPUT_ID ? (graph === null ? null : inputShapeOf(graph)) : (nodes.get(input ?? "")?.outputShape ?? null);
  return (layer.op.spatialDims ?? 0) === 0 && shape?.length === 1;
}

/** `fit(…, batch_size=1)`, and `DataLoader(…, batch_size=1, shuffle=True)`: shuffled data is what one trains on. */
const trainsWithBatchOfOne = ({ file }: FindingContext): boolean =>
  callsIn(file.module.body).some((call) => {
    const { callee } = call;
    const name = callee.kind === "attribute" || callee.kind === "name" ? callee.name : "";
    const third = call.arguments[2];
    const size = keywordOf(call, "batch_size") ?? (name === "fit" && third?.kind === "positional" ? third.value : null);
    if (size?.kind !== "number" || size.value !== 1) return false;
    const shuffle = keywordOf(call, "shuffle");
    return name === "fit" || (name === "DataLoader" && shuffle?.kind === "constant" && shuffle.value === true);
  });

const keywordOf = (call: CallExpression, wanted: string): Expression | undefined =>
  call.arguments.find((argument) => argument.kind === "keyword" && argument.name === wanted)?.value;
