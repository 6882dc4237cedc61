/**
 * The model graph: what the reader found in a model file, and what the engine trains.
 *
 * Two lists tell the two halves apart. `layers` are the things that exist (a `nn.Conv2d` made on a line, with its
 * parameters), in definition order, which is the order of PyTorch's `named_modules()`. `nodes` are the calls that
 * happen in one forward pass, in execution order. A layer called twice is one layer and two nodes.
 */

export type Framework = "pytorch" | "keras";

/**
 * Sizes without the batch axis, in the framework's own order: `[channel, height, width]` for PyTorch, as its
 * `data_format` says for Keras (`[height, width, channel]` unless it is told otherwise).
 */
export type Shape = readonly number[];

/** A stretch of source text. Lines count from 1, columns from 0 (as Python's own `ast` does); the end is exclusive. */
export interface SourceRange {
  readonly path: string;
  readonly startLine: number;
  readonly startColumn: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** Something the reader could not determine. Nothing that depends on it is ever shown as certain. */
export interface Unknown {
  readonly reason: string;
  readonly range: SourceRange;
}

export type Pair = readonly [vertical: number, horizontal: number];

export interface LinearOp {
  readonly kind: "linear";
  readonly inFeatures: number;
  readonly outFeatures: number;
  readonly bias: boolean;
}

export interface Conv2dOp {
  readonly kind: "conv2d";
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernelSize: Pair;
  readonly stride: Pair;
  readonly padding: Pair;
  readonly dilation: Pair;
  readonly groups: number;
  readonly bias: boolean;
}

/** Sends values of the input to the places a convolution with these settings would take them from. */
export interface ConvTranspose2dOp {
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

export interface BatchNormOp {
  readonly kind: "batchNorm";
  /** How many axes are normalised over besides the batch: 0 for features, 1 for sequences, 2 for images, 3 for volumes; null when either 0 or 1 (BatchNorm1d). */
  readonly spatialDims: 0 | 1 | 2 | 3 | null;
  readonly numFeatures: number;
  readonly epsilon: number;
  /** Weight of the new value in the running statistics (PyTorch's momentum, 1 − Keras's); null is the cumulative average. */
  readonly runningStatsUpdateWeight: number | null;
  readonly affine: boolean;
  readonly trackRunningStats: boolean;
  readonly runningVarianceEstimator: RunningVarianceEstimator;
  /** Which axis of the `Shape` holds the features; 0 when absent, as always in PyTorch. */
  readonly featureAxis?: number;
}

/** Normalizes each sample by itself, its channels in groups (Wu & He 2018); one group per channel is instance normalization. */
export interface GroupNormOp {
  readonly kind: "groupNorm";
  readonly groups: number;
  readonly channels: number;
  readonly epsilon: number;
  readonly affine: boolean;
}

/** Normalizes each sample over its last axis (Ba et al. 2016). */
export interface LayerNormOp {
  readonly kind: "layerNorm";
  readonly features: number;
  readonly epsilon: number;
  readonly affine: boolean;
}

export const activationFunctions = ["relu", "sigmoid", "leakyRelu", "relu6", "tanh", "elu", "gelu", "silu", "softplus", "hardswish", "hardsigmoid", "mish", "hardtanh"] as const;
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

/** In training each value is zero with probability `rate`, and the others are scaled by 1/(1 − rate) (Srivastava et al. 2014). */
export interface DropoutOp {
  readonly kind: "dropout";
  /** null when it is not known. */
  readonly rate: number | null;
  /** Whole channels of a sample at once. */
  readonly isPerChannel: boolean;
  /** False for a function that drops in evaluation too (`F.dropout(x)`). */
  readonly followsMode: boolean;
}

/** Resamples height and width. */
export interface UpsampleOp {
  readonly kind: "upsample";
  readonly mode: "nearest" | "bilinear";
  /** Whether the outermost pixels' centres stay where they are; for `bilinear`. */
  readonly alignCorners: boolean;
  readonly to: Extract<ShapeRule, { readonly rule: "resize" | "scale" }>;
}

export interface MaxPool2dOp {
  readonly kind: "maxPool2d";
  readonly kernelSize: Pair;
  readonly stride: Pair;
  readonly padding: Pair;
  readonly dilation: Pair;
  readonly ceilMode: boolean;
}

export interface AvgPool2dOp {
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
  | { readonly rule: "pad"; readonly before: readonly number[]; readonly after: readonly number[]; readonly mode: PaddingMode };

/** Every `step`-th element of an axis from `start`, `size` in all. */
export interface Cut {
  readonly axis: number;
  readonly start: number;
  readonly step: number;
  readonly size: number;
}

/** What stands beyond the edge: zeros, the image mirrored at its outermost pixels, or those pixels again. */
export type PaddingMode = "zeros" | "reflect" | "replicate";

export interface RearrangeOp {
  readonly kind: "rearrange";
  readonly rearrangement: Rearrangement;
}

/** Joins the inputs along an axis, counted with the batch axis. */
export interface ConcatenateOp {
  readonly kind: "concatenate";
  readonly axis: number;
}

export interface AdaptiveAvgPool2dOp {
  readonly kind: "adaptiveAvgPool2d";
  /** null keeps the input's size on that axis. */
  readonly outputSize: readonly [number | null, number | null];
}

export interface AdaptiveMaxPool2dOp {
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

/**
 * How the output's shape follows from the inputs' shapes, for layers the engine does not train: plain data, so that a
 * graph can be checked again after its annotations were applied. Axes count from 0 at the batch axis.
 */
export type ShapeRule =
  /** Keeps the shape (dropout, activations, layer norm); `channels` is the size that axis 1 must have. */
  | { readonly rule: "same"; readonly channels?: number }
  /** Element-wise over several inputs. */
  | { readonly rule: "broadcast" }
  | { readonly rule: "concatenate"; readonly axis: number }
  /** Convolutions and poolings over the last axes, one entry per spatial axis. */
  | {
      readonly rule: "window";
      readonly kernelSize: readonly number[];
      readonly stride: readonly number[];
      /** Total padding of both sides. */
      readonly padding: readonly number[];
      readonly dilation: readonly number[];
      readonly ceilMode: boolean;
      readonly inChannels?: number;
      readonly outChannels?: number;
    }
  | {
      readonly rule: "transposedWindow";
      readonly kernelSize: readonly number[];
      readonly stride: readonly number[];
      /** Total padding of both sides. */
      readonly padding: readonly number[];
      readonly outputPadding: readonly number[];
      readonly dilation: readonly number[];
      readonly inChannels: number;
      readonly outChannels: number;
    }
  /** Adaptive pooling; null keeps the size. */
  | { readonly rule: "resize"; readonly size: readonly (number | null)[] }
  | { readonly rule: "scale"; readonly factors: readonly number[] }
  | { readonly rule: "pad"; readonly amounts: readonly number[] }
  /** Adds a last axis (embeddings). */
  | { readonly rule: "append"; readonly size: number }
  /** Sizes after the batch axis; one of them may be -1. */
  | { readonly rule: "reshape"; readonly sizes: readonly number[] }
  /** The order of all axes, the batch axis first. */
  | { readonly rule: "permute"; readonly order: readonly number[] }
  | { readonly rule: "reduce"; readonly axes: readonly number[]; readonly keepDims: boolean }
  /** Part `index` of an axis that is cut into this many parts of equal size, the last of which may be smaller. */
  | { readonly rule: "chunk"; readonly axis: number; readonly chunks: number; readonly index: number }
  /** A stretch of an axis. */
  | { readonly rule: "narrow"; readonly axis: number; readonly size: number }
  /** Repeats axes of size 1; sizes after the batch axis, −1 keeps one. */
  | { readonly rule: "expand"; readonly sizes: readonly number[] }
  | { readonly rule: "squeeze"; readonly axis: number }
  | { readonly rule: "unsqueeze"; readonly axis: number }
  /** What the reader worked out for exactly these inputs (Keras); for any others the output is not known. */
  | { readonly rule: "workedOut"; readonly cases: readonly { readonly inputs: readonly Shape[]; readonly output: Shape }[] };

/** What is known of a Keras convolution besides its shapes. */
export interface WeightedSum {
  readonly outChannels: number;
  readonly bias: boolean;
  /** Which axis of the output's `Shape` holds the channels. */
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
  /** Set for a sum of weighted inputs with nothing after it: a Keras convolution without an activation of its own. */
  readonly weightedSum?: WeightedSum;
}

export type LayerOp =
  | LinearOp
  | Conv2dOp
  | ConvTranspose2dOp
  | BatchNormOp
  | GroupNormOp
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

/** What an annotation did to a layer; kept so that views can say so. */
export type LayerOrigin = "source" | "added";

/** A call on the way to the line that makes a layer. */
export interface CallSite {
  /** The function the call stands in: `ResNet._make_layer`. */
  readonly function: string;
  readonly range: SourceRange;
}

export interface Layer {
  /** The framework's own name (`layer1.0.bn1`). Functional calls are named after the function (`relu`, `relu#2`). */
  readonly name: string;
  /** The class or function as the user's framework spells it: `BatchNorm2d`, `F.relu`. */
  readonly className: string;
  readonly op: LayerOp;
  /** True for a call such as `F.relu(x)`, which has no module and no parameters. */
  readonly functional: boolean;
  /**
   * Parameters as the framework counts them; null when an argument they depend on is unknown. PyTorch's `parameters()`
   * leaves running statistics out, Keras's `count_params()` and `summary()` count moving means and variances.
   */
  readonly parameters: number | null;
  /** The expression that made the layer (the call, for functional ones). */
  readonly range: SourceRange;
  /** The calls that led there, the nearest first; absent for a layer that the model's own constructor makes itself. */
  readonly callPath?: readonly CallSite[];
  readonly origin: LayerOrigin;
  /** What annotations promise of a batch normalisation layer. */
  readonly contracts?: NormContracts;
}

/** Promises about a batch normalisation layer, which are checked against the source and against runs. */
export interface NormContracts {
  /** Its weights and running statistics do not change. */
  readonly frozen?: true;
  /** It sees at least this many samples in each batch. */
  readonly minBatch?: number;
  /** All its data come from this domain, so it is called once in a forward pass. */
  readonly domain?: string;
}

/** The id of the model's first input where a node's `inputs` refer to it. */
export const INPUT_ID = "input";

/** A tensor that the model is called with. */
export interface GraphInput {
  /** `input` for the first, `input:<name>` for the others. */
  readonly id: string;
  /** The parameter of `forward`; empty where nothing names it. */
  readonly name: string;
  readonly shape: Shape | null;
}

/** A tensor that the model returns. */
export interface GraphOutput {
  /** Where it sits in the result: empty for a single tensor, `1` in a tuple, `aux` in a dict, `1.0` further inside. */
  readonly place: string;
  /** Id of the node whose value it is, or of an input that is passed through. */
  readonly node: string;
}

export interface GraphNode {
  /** Unique within the graph: the layer's name, with `@2` and on for its further calls. */
  readonly id: string;
  readonly layer: string;
  /** Ids of the nodes or inputs whose values this call takes. */
  readonly inputs: readonly string[];
  readonly outputShape: Shape | null;
  /** The call in `forward`. */
  readonly range: SourceRange;
}

export interface ModelGraph {
  /** The expression that builds the model: `MnistMlp()`. */
  readonly model: string;
  readonly framework: Framework;
  readonly source: { readonly path: string; readonly sha256: string };
  /** What `forward` takes, in its order; the first is `input`. */
  readonly inputs: readonly GraphInput[];
  readonly layers: readonly Layer[];
  readonly nodes: readonly GraphNode[];
  /** The values the model returns; none when the forward could not be followed to its end. */
  readonly outputs: readonly GraphOutput[];
  /** Parameters of the whole model, counted as those of a layer; null when unknown. */
  readonly parameters: number | null;
  readonly unknowns: readonly Unknown[];
}

/** The shape of the first input, the only one that the engine and the data know of. */
export function inputShapeOf(graph: Pick<ModelGraph, "inputs">): Shape | null {
  return graph.inputs[0]?.shape ?? null;
}

/** Whether the engine has a place for values of this shape: features, sequences and images. Others are only ever rearranged into such. */
export function isStored(shape: Shape): boolean {
  return shape.length >= 1 && shape.length <= 3;
}

/** The id of the only value the model returns; null when it returns several, or when that is not known. */
export function soleOutput(graph: ModelGraph): string | null {
  return graph.outputs.length === 1 ? (graph.outputs[0]?.node ?? null) : null;
}

/** Whether a value leaves the model. */
export function isReturned(graph: ModelGraph, id: string): boolean {
  return graph.outputs.some(({ node }) => node === id);
}

/** Batch normalisation layers in definition order. */
export function batchNormLayers(graph: ModelGraph): (Layer & { readonly op: BatchNormOp })[] {
  return graph.layers.filter((layer): layer is Layer & { op: BatchNormOp } => layer.op.kind === "batchNorm");
}
