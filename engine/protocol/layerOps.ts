/**
 * What each layer of a model graph computes, as plain data: one interface per kind of layer the engine trains, and
 * `other` for what the reader only knows.
 */
import type { Shape, ShapeRule } from "./shape";

export type Pair = readonly [vertical: number, horizontal: number];

export interface LinearOp {
  readonly kind: "linear";
  readonly inFeatures: number;
  readonly outFeatures: number;
  readonly bias: boolean;
}

/**
 * Layers of images that sequences `[channel, length]` go through too, as images of height 1: of each pair the first is
 * then that of an axis of size 1 (a kernel, stride and dilation of 1, no padding).
 */
interface OverImages {
  /** Set for a layer of sequences (Conv1d, MaxPool1d); absent for one of images. */
  readonly spatialDims?: 1;
}

/** How many axes after the channels such a layer takes. */
export const spatialDimsOf = ({ spatialDims }: OverImages): 1 | 2 => spatialDims ?? 2;

/** Of a pair what the framework knows: both, or of a layer of sequences the second. */
export const spatialSizes = <Size>(op: OverImages, pair: readonly [Size, Size]): Size[] =>
  pair.slice(-spatialDimsOf(op));

export interface Conv2dOp extends OverImages {
  readonly kind: "conv2d";
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernelSize: Pair;
  readonly stride: Pair;
  /** Before the first row and column, and after the last where `paddingAfter` says nothing else. */
  readonly padding: Pair;
  /** One more than before where `padding="same"` has an odd number to share out. */
  readonly paddingAfter?: Pair;
  /** Zeros when absent. */
  readonly paddingMode?: Exclude<PaddingMode, "zeros">;
  readonly dilation: Pair;
  readonly groups: number;
  readonly bias: boolean;
}

/** Sends values of the input to the places a convolution with these settings would take them from. */
export interface ConvTranspose2dOp extends OverImages {
  readonly kind: "convTranspose2d";
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernelSize: Pair;
  readonly stride: Pair;
  readonly padding: Pair;
  /** Added to the output's size below and at the right, where several sizes would do. */
  readonly outputPadding: Pair;
  readonly dilation: Pair;
  readonly groups: number;
  readonly bias: boolean;
}

/** Which estimate of the variance enters the running variance: PyTorch's is unbiased, Keras's is the batch's own. */
export type RunningVarianceEstimator = "unbiased" | "population";

/**
 * Limits of batch renormalisation's corrections (Ioffe 2017): 1/rMax ≤ r ≤ rMax and |d| ≤ dMax. They open over the
 * updates of the running statistics, from 1 and 0 during the first `plainUpdates` on.
 */
export interface RenormLimits {
  readonly rMax: number;
  readonly dMax: number;
  readonly plainUpdates: number;
}

/** Where the statistics of training come from when not from the whole batch alone. */
export type NormStatistics =
  /** Batch renormalisation: from the batch, corrected towards the running ones. */
  | ({ readonly rule: "renorm" } & RenormLimits)
  /** Ghost batch normalisation (Hoffer et al. 2017): from virtual batches of so many samples. */
  | { readonly rule: "ghost"; readonly samples: number };

export interface BatchNormOp {
  readonly kind: "batchNorm";
  /**
   * How many axes are normalised over besides the batch: 0 for features, 1 for sequences, 2 for images, 3 for volumes;
   * null when either 0 or 1 (BatchNorm1d).
   */
  readonly spatialDims: 0 | 1 | 2 | 3 | null;
  readonly numFeatures: number;
  readonly epsilon: number;
  /**
   * Weight of the new value in the running statistics (PyTorch's momentum, 1 − Keras's); null is the cumulative
   * average.
   */
  readonly runningStatsUpdateWeight: number | null;
  readonly affine: boolean;
  readonly trackRunningStats: boolean;
  readonly runningVarianceEstimator: RunningVarianceEstimator;
  /** Absent for plain batch normalisation. */
  readonly statistics?: NormStatistics;
  /** Which axis of the `Shape` contains the features; 0 when absent, as always in PyTorch. */
  readonly featureAxis?: number;
}

/** Normalizes each sample by itself, its channels in groups (Wu & He 2018). */
export interface GroupNormOp {
  readonly kind: "groupNorm";
  readonly groups: number;
  readonly channels: number;
  readonly epsilon: number;
  readonly affine: boolean;
}

/** Normalizes each sample's channels over their positions (Ulyanov et al. 2016). */
export interface InstanceNormOp {
  readonly kind: "instanceNorm";
  /** 1 for sequences, 2 for images, 3 for volumes. */
  readonly spatialDims: 1 | 2 | 3;
  readonly numFeatures: number;
  readonly epsilon: number;
  readonly affine: boolean;
  /** Whether running statistics are kept, which evaluation then uses. */
  readonly trackRunningStats: boolean;
  /** As that of batch normalization; null where it is None, which PyTorch refuses with running statistics. */
  readonly runningStatsUpdateWeight: number | null;
}

/** Normalizes each sample over its last axes (Ba et al. 2016). */
export interface LayerNormOp {
  readonly kind: "layerNorm";
  /** The sizes of those axes. */
  readonly normalizedShape: Shape;
  readonly epsilon: number;
  readonly affine: boolean;
}

export const activationFunctions = [
  "relu",
  "sigmoid",
  "leakyRelu",
  "relu6",
  "tanh",
  "elu",
  "gelu",
  "silu",
  "softplus",
  "hardswish",
  "hardsigmoid",
  "mish",
  "hardtanh",
] as const;
export type ActivationFunction = (typeof activationFunctions)[number];

export interface ActivationOp {
  readonly kind: "activation";
  readonly function: ActivationFunction;
  /** The slope of a leaky ReLU, the α of an ELU, the lower bound of a Hardtanh; absent for the others. */
  readonly parameter?: number;
  /** The upper bound of a Hardtanh. */
  readonly upper?: number;
}

/** max(x, 0) + a·min(x, 0) with a learned slope for all channels or one for each (He et al. 2015). */
export interface PReluOp {
  readonly kind: "prelu";
  readonly slopes: number;
  readonly initialSlope: number;
}

/** e^x/Σ e^x along an axis, or its logarithm. */
export interface SoftmaxOp {
  readonly kind: "softmax";
  /** Counted with the batch axis; null is PyTorch's choice, the channels of features and images. */
  readonly axis: number | null;
  readonly isLogarithm: boolean;
}

/**
 * In training each value is zero with probability `rate`, and the others are scaled by 1/(1 − rate) (Srivastava et al.
 * 2014).
 */
export interface DropoutOp extends OverImages {
  readonly kind: "dropout";
  /** null when it is not known. */
  readonly rate: number | null;
  /** Whole channels of a sample at once; then `spatialDims` says of what. */
  readonly isPerChannel: boolean;
  /** False for a function that drops in evaluation too (`F.dropout(x)`). */
  readonly followsMode: boolean;
}

/** Resamples height and width, or the length of a sequence. */
export interface UpsampleOp {
  readonly kind: "upsample";
  /** `linear` is for sequences, `bilinear` for images, `nearest` for both. */
  readonly mode: "nearest" | "linear" | "bilinear";
  /** Whether the outermost pixels' centres stay where they are; for `linear` and `bilinear`. */
  readonly alignCorners: boolean;
  readonly to: Extract<ShapeRule, { readonly rule: "resize" | "scale" }>;
}

export interface MaxPool2dOp extends OverImages {
  readonly kind: "maxPool2d";
  readonly kernelSize: Pair;
  readonly stride: Pair;
  readonly padding: Pair;
  readonly dilation: Pair;
  readonly ceilMode: boolean;
}

export interface AvgPool2dOp extends OverImages {
  readonly kind: "avgPool2d";
  readonly kernelSize: Pair;
  readonly stride: Pair;
  readonly padding: Pair;
  readonly ceilMode: boolean;
  /** Whether zeros of the padding count as values of a window. */
  readonly countIncludePad: boolean;
}

/** The mean over height and width, which leaves one value per channel. */
export interface SpatialMeanOp {
  readonly kind: "spatialMean";
}

/** The element-wise sum of all inputs (residual connections); an input of size 1 along an axis is repeated along it. */
export interface AddOp {
  readonly kind: "add";
}

/** The element-wise difference of two inputs, repeated as those of a sum are. */
export interface SubtractOp {
  readonly kind: "subtract";
}

/** The element-wise product of two inputs, repeated as those of a sum are (squeeze and excitation). */
export interface MultiplyOp {
  readonly kind: "multiply";
}

/** Arithmetic with known numbers: scale·x + shift. */
export interface AffineOp {
  readonly kind: "affine";
  readonly scale: number;
  readonly shift: number;
}

/** The mean or sum over axes, counted with the batch axis. */
export interface ReduceOp {
  readonly kind: "reduce";
  readonly function: "mean" | "sum";
  readonly axes: readonly number[];
  readonly keepDims: boolean;
}

/**
 * Where each element of an output comes from, when nothing is computed: every one is an element of the input, or zero.
 * Axes count from 0 at the batch axis, which stays where it is.
 */
export type Rearrangement =
  | Extract<ShapeRule, { readonly rule: "reshape" | "permute" | "squeeze" | "unsqueeze" | "chunk" | "expand" }>
  | { readonly rule: "slice"; readonly cuts: readonly Cut[] }
  /** Channels change places: of `groups` groups the first of each, then the second of each (Zhang et al. 2018). */
  | { readonly rule: "channelShuffle"; readonly groups: number }
  /** `factor`² channels become one of that many times more pixels (Shi et al. 2016), and the other way round. */
  | { readonly rule: "pixelShuffle" | "pixelUnshuffle"; readonly factor: number }
  /** More elements before and after those of the last axes, one entry per axis; a negative number crops. */
  | {
      readonly rule: "pad";
      readonly before: readonly number[];
      readonly after: readonly number[];
      readonly mode: PaddingMode;
    };

/** Every `step`-th element of an axis from `start`, `size` in all. */
export interface Cut {
  readonly axis: number;
  readonly start: number;
  readonly step: number;
  readonly size: number;
}

/**
 * What stands beyond the edge: zeros, the image mirrored at its outermost pixels, those pixels again, or the image
 * again.
 */
export type PaddingMode = "zeros" | "reflect" | "replicate" | "circular";

export interface RearrangeOp {
  readonly kind: "rearrange";
  readonly rearrangement: Rearrangement;
}

/** Joins the inputs along an axis, counted with the batch axis. */
export interface ConcatenateOp {
  readonly kind: "concatenate";
  readonly axis: number;
}

export interface AdaptiveAvgPool2dOp extends OverImages {
  readonly kind: "adaptiveAvgPool2d";
  /** null keeps the input's size on that axis. */
  readonly outputSize: readonly [number | null, number | null];
}

export interface AdaptiveMaxPool2dOp extends OverImages {
  readonly kind: "adaptiveMaxPool2d";
  /** null keeps the input's size on that axis. */
  readonly outputSize: readonly [number | null, number | null];
}

/** Joins axes `startDim..endDim` of the batched tensor (batch is axis 0) into one. */
export interface FlattenOp {
  readonly kind: "flatten";
  readonly startDim: number;
  readonly endDim: number;
}

/** Does nothing to values or shapes (`nn.Identity`, a removed layer). */
export interface IdentityOp {
  readonly kind: "identity";
}

/** What is known of a Keras convolution besides its shapes. */
export interface WeightedSum {
  readonly outChannels: number;
  readonly bias: boolean;
  /** Which axis of the output's `Shape` contains the channels. */
  readonly channelAxis: number;
  /** True when the file itself says so (`data_format=`), false when it is Keras's default. */
  readonly isAxisWritten: boolean;
}

/** A layer the reader knows (class, parameters, perhaps shape) and the engine does not train yet. */
export interface OtherOp {
  readonly kind: "other";
  readonly className: string;
  /** Absent when the output's shape is not known. */
  readonly shapeRule?: ShapeRule;
  /** Set for a sum of weighted inputs with nothing after it: a Keras convolution without its own activation. */
  readonly weightedSum?: WeightedSum;
}

export type LayerOp =
  | LinearOp
  | Conv2dOp
  | ConvTranspose2dOp
  | BatchNormOp
  | GroupNormOp
  | InstanceNormOp
  | LayerNormOp
  | ActivationOp
  | MaxPool2dOp
  | AvgPool2dOp
  | AdaptiveAvgPool2dOp
  | AdaptiveMaxPool2dOp
  | SpatialMeanOp
  | AddOp
  | SubtractOp
  | MultiplyOp
  | AffineOp
  | ReduceOp
  | RearrangeOp
  | PReluOp
  | SoftmaxOp
  | DropoutOp
  | UpsampleOp
  | ConcatenateOp
  | FlattenOp
  | IdentityOp
  | OtherOp;
