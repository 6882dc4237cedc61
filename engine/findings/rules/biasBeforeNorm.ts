/**
 * A convolution's or Linear's bias right before BN: the normalization subtracts each channel's mean and
 * with it the bias, and β does the same work (Ioffe and Szegedy 2015, section 3.2; milesial/Pytorch-UNet#325). Waste,
 * not an error.
 */
import type { GraphNode, Layer } from "../../protocol/modelGraph";
import { isConvolution } from "../../graph/layerKinds";
import {
  callsOf,
  constructorCall,
  groupBySite,
  isGiven,
  isOurs,
  layerOf,
  rangeKey,
  rangeOf,
  type BatchNormLayer,
  type FindingContext,
} from "../context";
import { biasElsewhere, biasFix } from "../biasFix";
import { findingOf } from "../draft";
import { holdsNormInEval } from "../heldInEval";
import { isHandledElsewhere } from "../mentions";
import { biasArgument, locateArgument } from "../python/arguments";
import { dottedName } from "../../python/walk";
import type { SourceFinding } from "../sourceFinding";
import { soleConsumer } from "../unnamedValue";
import { layersText, layerText } from "../layerText";
import { counted } from "../wording";
import { textualPairs, type TextualPair } from "../textualPairs";

interface Wasted {
  readonly layer: Layer;
  readonly norm: BatchNormLayer;
  readonly biases: number;
}

export function biasBeforeNorm(context: FindingContext): SourceFinding[] {
  // A layer that stays in eval mode subtracts a fixed mean, so a bias before it counts.
  if (holdsNormInEval(context.file)) return [];
  const wasted = (context.graph?.layers ?? []).flatMap((layer) => wastedBias(context, layer) ?? []);
  const byLayer = new Map(wasted.map((entry) => [entry.layer.name, entry]));
  const madeAt = new Map(
    groupBySite(context.graph?.layers ?? []).flatMap((group) =>
      group.slice(0, 1).map(({ range }) => [rangeKey(range), group.length]),
    ),
  );
  const found = groupBySite(wasted.map(({ layer }) => layer)).map((group) =>
    describe(
      context,
      group.flatMap(({ name }) => byLayer.get(name) ?? []),
      madeAt,
    ),
  );
  return [...found, ...textualPairs(context).map((pair) => describeText(context, pair))];
}

/** null unless every call of the layer goes to a BN layer and nowhere else. */
function wastedBias(context: FindingContext, layer: Layer): Wasted | null {
  const biases = biasesOf(layer);
  const nodes = callsOf(context, layer);
  if (
    biases === 0 ||
    !isGiven(layer, context.graph?.framework === "keras" ? "use_bias" : "bias") ||
    (context.reading.assumed.length > 0 && isHandledElsewhere(context.file, layer)) ||
    layer.functional ||
    nodes.length === 0 ||
    !isOurs(context, layer) ||
    isMadeByLibrary(context, layer)
  )
    return null;
  let norm: BatchNormLayer | null = null;
  for (const node of nodes) {
    const consumer = soleConsumer(context, node);
    const next = consumer === null ? null : layerOf(context, consumer);
    if (next?.op.kind !== "batchNorm" || next.op.numFeatures !== biases || context.removed.has(next.name)) return null;
    if (!isOverChannels(context, layer, next as BatchNormLayer, node)) return null;
    norm ??= next as BatchNormLayer;
  }
  return norm === null ? null : { layer, norm, biases };
}

/** `torchvision.models.vgg16_bn()`: the file can't pass another bias to its layers. */
function isMadeByLibrary({ calls, names }: FindingContext, { range }: Layer): boolean {
  const call = calls.get(rangeKey(range));
  const [first = "", ...rest] = (call === undefined ? "" : (dottedName(call.callee) ?? "")).split(".");
  return LIBRARY_MODELS.test([names.imports.get(first) ?? first, ...rest].join("."));
}

const LIBRARY_MODELS =
  /^(torchvision|timm|segmentation_models_pytorch|pretrainedmodels|efficientnet_pytorch)\.|(^|\.)applications\./;

/** Whether the normalization subtracts a mean of each of the layer's channels. */
function isOverChannels(
  { graph }: FindingContext,
  { op }: Layer,
  { op: norm }: BatchNormLayer,
  { outputShape }: GraphNode,
): boolean {
  // BatchNorm1d over [batch, length, feature] normalizes positions, and the bias of a feature survives.
  if (graph?.framework !== "keras") return op.kind !== "linear" || outputShape === null || outputShape.length === 1;
  // In Keras the normalization says which axis it is about.
  const axis =
    op.kind === "other" ? op.weightedSum?.channelAxis : outputShape === null ? undefined : outputShape.length - 1;
  return axis !== undefined && norm.featureAxis === axis;
}

/** How many biases a layer has; 0 when it has none or when that is not certain. */
function biasesOf({ op, parameters }: Layer): number {
  if (op.kind === "linear") return op.bias ? op.outFeatures : 0;
  if (isConvolution(op)) return op.bias ? op.outChannels : 0;
  if (op.kind === "other" && op.weightedSum !== undefined) return op.weightedSum.bias ? op.weightedSum.outChannels : 0;
  if (op.kind !== "other" || !/^Conv(Transpose)?[123]d$/.test(op.className)) return 0;
  const rule = op.shapeRule;
  if (rule?.rule !== "window" && rule?.rule !== "transposedWindow") return 0;
  const { inChannels, outChannels, kernelSize } = rule;
  if (inChannels === undefined || outChannels === undefined) return 0;
  // The rule does not keep the groups: with more than one of them the count does not fit, and nothing is said.
  const weights = kernelSize.reduce((product, size) => product * size, inChannels * outChannels);
  return parameters === weights + outChannels ? outChannels : 0;
}

/** `madeAt` counts the layers that each constructor makes. */
function describe(
  context: FindingContext,
  group: readonly Wasted[],
  madeAt: ReadonlyMap<string, number>,
): SourceFinding {
  const [first] = group;
  if (first === undefined) throw new Error("A site without layers");
  const { layer, norm } = first;
  const names = group.map((entry) => entry.layer.name);
  const biases = group.reduce((sum, entry) => sum + entry.biases, 0);
  const call = constructorCall(context, layer);
  const place = biasArgument(layer.className);
  const argument = call === null || place === null ? null : locateArgument(call, place.name, place.position);
  const isKeras = context.graph?.framework === "keras";
  const lost = isKeras
    ? `Without it ${layerText(layer)} has one weight less than in weights that were saved earlier.`
    : `Without it ${layer.name}.bias is no longer in the state_dict.`;
  const made = madeAt.get(rangeKey(layer.range)) ?? 0;
  const needed = made - group.length;
  const others =
    needed > 0
      ? ` ${needed} of the ${made} layers that this line creates ` +
        `${needed === 1 ? "has no BN after it and needs its" : "have no BN after them and need their"} bias.`
      : "";
  return findingOf({
    rule: "bias-before-norm",
    layers: names,
    expression: layer.range,
    ...(argument === null ? {} : { range: rangeOf(context, argument.span) }),
    verdict: `The bias of ${layersText(context, names)} has no effect: ${layerText(norm)} subtracts the batch mean.`,
    evidence:
      `${counted(biases, "bias parameter")} ${biases === 1 ? "is" : "are"} stored and updated without ` +
      `effect${norm.op.affine ? `; β of ${layerText(norm)} does the same work` : ""}.${others} ${lost}`,
    next: isKeras
      ? `Pass use_bias=False to ${layersText(context, names)}. Then train again, or remove the biases from ` +
        "saved weights."
      : `Pass bias=False to ${layersText(context, names)}, and remove the bias keys from saved weights.` +
        biasElsewhere(context),
    fix: others === "" && call !== null ? biasFix(context, call, layer.className) : null,
  });
}

function describeText(context: FindingContext, { layer, norm }: TextualPair): SourceFinding {
  return findingOf({
    rule: "bias-before-norm",
    layers: [],
    expression: rangeOf(context, layer.call),
    verdict:
      `The bias of this ${layer.className} has no effect: the ${norm.className} after it subtracts the ` +
      "batch mean.",
    evidence:
      "One bias parameter per output channel is stored and updated without effect; β of the " +
      `${norm.className} does the same work. Without it the bias is no longer in the state_dict.`,
    next:
      `Pass bias=False to the ${layer.className}, and remove the bias key from saved weights.` + biasElsewhere(context),
    fix: biasFix(context, layer.call, layer.className),
  });
}
