/**
 * Dropout makes the variance larger in training than in evaluation, and BN keeps the training's: "variance shift"
 * (Li, Chen, Hu and Yang 2019, arXiv:1801.05134; keras-team/keras#8542). Through one convolution or Linear the shift
 * is the same, because the layer's output is a weighted sum of the dropped values.
 */
import type { GraphNode, Layer } from "../../protocol/modelGraph";
import { callsOf, constructorCall, groupBySite, isOurs, layerOf, type FindingContext } from "../context";
import { findingOf } from "../draft";
import { holdsNormInEval } from "../heldInEval";
import { locateArgument } from "../python/arguments";
import { constantNumber } from "../python/constants";
import { isActivation, isLinearOrConvolution } from "../../graph/layerKinds";
import type { SourceFinding } from "../sourceFinding";
import { atStart, layersText, layerText, verbFor } from "../layerText";
import { short } from "../wording";

const DROPOUT = /^(?:F\.|torch\.|nn\.)?(?:Dropout[123]?d?|dropout[123]?d?|SpatialDropout[123]D)$/;

interface Shifted {
  readonly layer: Layer;
  readonly norm: Layer;
  /** The convolution or Linear in between, if any. */
  readonly through: Layer | null;
  /** Other channels, which nothing drops, are beside the dropped ones. */
  readonly isJoined: boolean;
  /** An activation follows that convolution or Linear: the variance still differs, by how much depends on its mean. */
  readonly isActivated: boolean;
  /** Neighbours are blended on the way: measured with bilinear enlargement by 4, 1.7 of 2.5 remain. */
  readonly isResampled: boolean;
}

export function dropoutBeforeNorm(context: FindingContext): SourceFinding[] {
  if (holdsNormInEval(context.file)) return [];
  const shifted = (context.graph?.layers ?? []).flatMap((layer) => {
    const isKind = layer.op.kind === "dropout" || (layer.op.kind === "other" && DROPOUT.test(layer.className));
    const isDropout = isKind && isOurs(context, layer) && isNoticed(rateOf(context, layer));
    return isDropout
      ? callsOf(context, layer)
          .flatMap((node) => shiftedNorm(context, layer, node) ?? [])
          .slice(0, 1)
      : [];
  });
  const byLayer = new Map(shifted.map((entry) => [entry.layer.name, entry]));
  return groupBySite(shifted.map(({ layer }) => layer)).flatMap((group) => {
    const first = byLayer.get(group[0]?.name ?? "");
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

/**
 * Follows the dropped values to a BN layer over steps that keep them apart, and over one weighted sum at most, with its
 * activation: measured after a Linear and a ReLU, the variance in training is 2.6 times that in evaluation (median of
 * 200 random units, rate 0.5; 2.0 to 6.3 in nine of ten, under 1 in none).
 */
function shiftedNorm(context: FindingContext, layer: Layer, start: GraphNode): Shifted | null {
  const pending: Followed[] = [{ node: start, through: null, isJoined: false, isActivated: false, isResampled: false }];
  const seen = new Set<string>();
  for (let entry = pending.pop(); entry !== undefined; entry = pending.pop()) {
    for (const consumer of context.consumers.get(entry.node.id) ?? []) {
      const next = layerOf(context, consumer);
      const joins = next !== null && consumer.inputs.length > 1;
      if (next === null || seen.has(consumer.id) || (joins && !isConcatenation(next))) continue;
      seen.add(consumer.id);
      const { node: _, ...way } = entry;
      if (isBatchNorm(next)) {
        if (!context.removed.has(next.name)) return { layer, norm: next, ...way };
        continue;
      }
      const on = followedOver(way, next, joins);
      if (on !== null) pending.push({ ...on, node: consumer });
    }
  }
  return null;
}

/** Also one of unknown size. */
const isBatchNorm = ({ op, className }: Layer): boolean =>
  op.kind === "batchNorm" || (op.kind === "other" && className === "BatchNormalization");

/** How dropped values came to a place in the graph. */
type Way = Omit<Shifted, "layer" | "norm">;
type Followed = Way & { readonly node: GraphNode };

/** The way with one more layer; null where it ends. */
function followedOver(way: Way, next: Layer, joins: boolean): Way | null {
  const { through, isJoined } = way;
  if (resamples(next)) return { ...way, isResampled: true };
  if (through === null ? joins || keepsValues(next) : onlyMoves(next)) return { ...way, isJoined: isJoined || joins };
  if (through === null && isWeightedSum(next)) return { ...way, through: next };
  if (isJoined) return null;
  if (through === null) return isActivatedSum(next) ? { ...way, through: next, isActivated: true } : null;
  return isActivation(next) ? { ...way, isActivated: true } : null;
}

const isConcatenation = ({ op, className }: Layer): boolean =>
  op.kind === "concatenate" || /^concat(enate)?$/i.test(className);

function isWeightedSum({ op, functional }: Layer): boolean {
  if (functional) return false;
  return (
    isLinearOrConvolution(op) ||
    (op.kind === "other" && (op.weightedSum !== undefined || /^Conv(Transpose)?[123]d$/.test(op.className)))
  );
}

/** A Keras layer with an activation of its own. */
const isActivatedSum = ({ op, className }: Layer): boolean =>
  op.kind === "other" &&
  op.weightedSum === undefined &&
  /^((Separable|Depthwise)?Conv[123]D(Transpose)?|Dense)$/.test(className);

/** Enlarging or shrinking an image, also where the sizes are not known. */
const resamples = ({ op, className }: Layer): boolean =>
  op.kind === "upsample" || /^(Upsample|Upsampling(Nearest|Bilinear)2d|UpSampling[123]D)$/.test(nameOf(op, className));

const nameOf = (op: Layer["op"], className: string): string => (op.kind === "other" ? op.className : className);

/** Keras layers that only move values. */
const KERAS_MOVING = /^(Flatten|Reshape|Permute|ZeroPadding[123]D)$/;
/** Functions and methods of tensors that do, also where the sizes are not known. */
const MOVING = /^(view|reshape|pad|transpose|permute|squeeze|unsqueeze|swapaxes|swapdims|movedim|moveaxis)$/;

const onlyMoves = ({ op, className, functional }: Layer): boolean =>
  op.kind === "identity" ||
  op.kind === "flatten" ||
  op.kind === "rearrange" ||
  KERAS_MOVING.test(className) ||
  (functional && op.kind === "other" && MOVING.test(op.className));

function keepsValues(layer: Layer): boolean {
  const chooses = layer.op.kind === "maxPool2d" || /^MaxPooling[123]D$/.test(layer.className);
  return onlyMoves(layer) || chooses || isActivation(layer);
}

function describe(context: FindingContext, shifted: Shifted, names: readonly string[]): SourceFinding {
  const { layer, norm } = shifted;
  const rate = rateOf(context, layer);
  const ratio = shiftAt(rate ?? 0.5);
  return findingOf({
    rule: "dropout-before-norm",
    layers: names,
    expression: layer.range,
    verdict:
      `${atStart(layersText(context, names))} ${verbFor(names, "make")} the variance at ${layerText(norm)} ` +
      "larger in training than in evaluation, so its running variance is too large.",
    evidence:
      `With a dropout rate of ${short(rate ?? 0.5)}, the variance ${shifted.isJoined ? "of these channels " : ""}` +
      `after a ReLU is ${short(1 / ratio)} times as large in training as in evaluation${passedOn(shifted)}.` +
      (isDiluted(shifted) || shifted.isActivated || shifted.isResampled
        ? ""
        : ` In evaluation the variance is ${short(100 * (1 - ratio))} % smaller than the running variance.`),
    next: `Move the dropout after ${layerText(norm)}, or after the last normalization of the model.`,
  });
}

const isDiluted = ({ through, isJoined }: Shifted): boolean => through !== null && isJoined;

function passedOn(shifted: Shifted): string {
  const resampled = shifted.isResampled ? ", of which resampling keeps a part" : "";
  if (shifted.through === null) return resampled;
  const words = isDiluted(shifted) ? "adds them to others" : "passes that on";
  const activated = shifted.isActivated ? " through its activation" : "";
  return `${resampled}, and ${layerText(shifted.through)} ${words}${activated}`;
}

/** v / ((c² + v)/p − c²) for a unit normal through a ReLU: c = 0.399, v = 0.341 (Li et al., equation 8). */
function shiftAt(rate: number): number {
  const square = 1 / (2 * Math.PI);
  const variance = 0.5 - square;
  return rate >= 1 ? 0 : variance / (0.5 / (1 - rate) - square);
}

/** A shift of less than 1 % is lost in the noise of batches. */
const isNoticed = (rate: number | null): boolean => rate === null || shiftAt(rate) < 0.99;

/** As the model that was read has it, else as the text says it. */
function rateOf(context: FindingContext, layer: Layer): number | null {
  if (layer.op.kind === "dropout" && layer.op.rate !== null) return layer.op.rate;
  const call = layer.functional ? undefined : constructorCall(context, layer);
  if (call === undefined || call === null) return null;
  const argument = locateArgument(call, context.graph?.framework === "keras" ? "rate" : "p", 0);
  return argument === null
    ? call.arguments.length === 0
      ? 0.5
      : null
    : constantNumber(argument.value, context.names.numbers);
}
