/**
 * BN over another axis than the one its input keeps its channels on: `BatchNormalization(axis=1)` after a convolution
 * with channels last, or `axis=-1` after `data_format="channels_first"`. It normalizes rows or columns of pixels
 * (keras.io, BatchNormalization: "axis: the axis that should be normalized, typically the features axis").
 */
import type { WeightedSum } from "../../protocol/layerOps";
import { inputShapeOf, INPUT_ID, type GraphNode } from "../../protocol/modelGraph";
import type { Shape } from "../../protocol/shape";
import {
  callsOf,
  constructorCall,
  groupBySite,
  layerOf,
  normLayers,
  rangeOf,
  type BatchNormLayer,
  type FindingContext,
} from "../context";
import { findingOf } from "../draft";
import { locateArgument } from "../python/arguments";
import type { SourceFinding } from "../sourceFinding";
import { atStart, layersText, verbFor } from "../layerText";

interface Mismatch {
  readonly norm: BatchNormLayer;
  /** The layer whose channels are on another axis. */
  readonly source: string;
  /** Statistics for each time step may be meant. */
  readonly isRecurrent: boolean;
  readonly channelAxis: number;
  readonly rank: number;
}

export function axisMismatch(context: FindingContext): SourceFinding[] {
  if (context.graph?.framework !== "keras") return [];
  const found = new Map(
    normLayers(context)
      .flatMap((norm) => mismatchOf(context, norm) ?? [])
      .map((mismatch) => [mismatch.norm.name, mismatch] as const),
  );
  return groupBySite([...found.values()].map(({ norm }) => norm)).flatMap((group) => {
    const first = found.get(group[0]?.name ?? "");
    return first === undefined
      ? []
      : [
          describe(
            context,
            first,
            group.map(({ name }) => name),
          ),
        ];
  });
}

/** null unless every call of the layer gets what a convolution made, with its channels on another axis. */
function mismatchOf(context: FindingContext, norm: BatchNormLayer): Mismatch | null {
  let mismatch: Mismatch | null = null;
  for (const call of callsOf(context, norm)) {
    const source = sourceOf(context, call);
    const rank = call.outputShape?.length;
    if (
      source === null ||
      rank === undefined ||
      norm.op.featureAxis === undefined ||
      source.sum.channelAxis === norm.op.featureAxis
    )
      return null;
    if (!isInBetween(norm.op.featureAxis, rank) && !isCertain(context, source.sum)) return null;
    const { channelAxis, isRecurrent = false } = source.sum;
    mismatch = { norm, source: source.name, isRecurrent, channelAxis, rank };
  }
  return mismatch;
}

/** Layers after which the channels are still where they were. */
const KEEPS_AXES = new RegExp(
  "^(Activation|ReLU|LeakyReLU|PReLU|ELU|Softmax|Identity|BatchNormalization|((Alpha|Gaussian|" +
    "Spatial)?Dropout([123]D)?)|(Max|Average)Pooling[123]D|UpSampling[123]D|ZeroPadding[123]D|Cropping[123]D)$",
);

/** A sequence of features, in every format. */
const RECURRENT = /^((CuDNN)?(LSTM|GRU)|SimpleRNN|Bidirectional)$/;
const FEATURES_LAST = { channelAxis: 1, isAxisWritten: true, isRecurrent: true } as const;

interface Source {
  readonly name: string;
  readonly sum: ChannelAxis;
}

type ChannelAxis = Pick<WeightedSum, "channelAxis" | "isAxisWritten"> & { readonly isRecurrent?: true };

/** The layer that made the value which a call takes, over layers that keep its axes. */
function sourceOf(context: FindingContext, call: GraphNode): Source | null {
  for (let [id, ...others] = call.inputs; id !== undefined && id !== INPUT_ID && others.length === 0; ) {
    const node = context.nodes.get(id);
    const layer = node === undefined ? null : layerOf(context, node);
    if (node === undefined || layer === null) return null;
    if (layer.op.kind === "other" && layer.op.weightedSum !== undefined)
      return { name: layer.name, sum: layer.op.weightedSum };
    if (RECURRENT.test(layer.className) && node.outputShape?.length === 2)
      return { name: layer.name, sum: FEATURES_LAST };
    if (!KEEPS_AXES.test(layer.className) && layer.op.kind !== "activation") return null;
    [id, ...others] = node.inputs;
  }
  return null;
}

/**
 * Keras's default may be another one in a config file, unless the file says it or the input is plainly a picture of
 * that format.
 */
function isCertain({ graph }: FindingContext, { isAxisWritten, channelAxis }: ChannelAxis): boolean {
  return isAxisWritten || (channelAxis !== 0 && looksChannelsLast(graph === null ? null : inputShapeOf(graph)));
}

/** Channels are the first axis or the last in every format, so an axis between them is wrong in all. */
const isInBetween = (axis: number, rank: number): boolean => axis > 0 && axis < rank - 1;

/** `(224, 224, 3)`: grey, colour or colour with opacity, and many pixels. `(1000, 12)`: many steps. */
function looksChannelsLast(shape: Shape | null): boolean {
  if (shape?.length === 2) return (shape[0] ?? 0) >= 8 * (shape[1] ?? Infinity);
  const [first = 0, second = 0, channels = 0, ...rest] = shape ?? [];
  return rest.length === 0 && [1, 3, 4].includes(channels) && first >= 8 && second >= 8;
}

/** What lies along an axis that is not the channels': of `depth × height × width` the last has columns. */
function placesOn(axis: number, channelAxis: number, rank: number): string {
  if (rank === 2) return "steps";
  const behind = rank - 1 - axis - (channelAxis === 0 ? 0 : 1);
  return behind === 0 ? "columns of pixels" : behind === 1 ? "rows of pixels" : "slices";
}

function describe(
  context: FindingContext,
  { norm, source, isRecurrent, channelAxis, rank }: Mismatch,
  names: readonly string[],
): SourceFinding {
  const call = constructorCall(context, norm);
  const argument = call === null ? null : locateArgument(call, "axis", 0);
  const meant = channelAxis === 0 ? 1 : -1;
  const axis = (norm.op.featureAxis ?? 0) + 1;
  const isWritten = argument?.value.kind === "number" || argument?.value.kind === "unary";
  return findingOf({
    rule: "axis-mismatch",
    ...(isRecurrent ? { severity: "information" as const } : {}),
    layers: names,
    expression: norm.range,
    ...(argument === null ? {} : { range: rangeOf(context, argument.span) }),
    verdict:
      `${atStart(layersText(context, names))} ${verbFor(names, "normalize")} axis ${axis}, but ` +
      `${source} puts its ${isRecurrent ? "features" : "channels"} on axis ${channelAxis + 1}.`,
    evidence:
      `Counting the batch axis there are ${rank + 1} axes, and axis ${axis} has ${norm.op.numFeatures} ` +
      `${placesOn(norm.op.featureAxis ?? 0, channelAxis, rank)}. Each gets its own mean, variance, γ and β, ` +
      `which all ${isRecurrent ? "features" : "channels"} share.`,
    next: `Pass axis=${meant} to ${layersText(context, names)}.`,
    fix: isWritten
      ? {
          title: `Change axis to ${meant}`,
          edits: [{ range: rangeOf(context, argument.value), newText: String(meant) }],
        }
      : null,
  });
}
