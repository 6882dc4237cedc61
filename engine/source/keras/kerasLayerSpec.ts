import type { LayerOp } from "../../protocol/layerOps";
import type { OpenShape, UnknownValue, Value } from "../interpreter/values";
import type { LayerArguments } from "../torch/layerArguments";

/** What a layer makes of its inputs: Keras builds a layer when it is called, for the sizes it is called with. */
export interface BuiltCall {
  readonly sizes: OpenShape | null;
  /** All weights, moving statistics included, as `count_params()` counts them; null when unknown. */
  readonly parameters: number | null;
  /** Absent for layers that only have a class name and a shape. */
  readonly op?: LayerOp;
  /** The sizes of further results (states of recurrent layers). */
  readonly more?: readonly (OpenShape | null)[];
}

/** One call of a layer, as its description sees it. */
export interface LayerCall {
  readonly className: string;
  readonly args: LayerArguments;
  /** Sizes of the inputs, without the batch axis. */
  readonly inputs: readonly (OpenShape | null)[];
  /** The first of them. */
  readonly input: OpenShape | null;
  /** `data_format`, or the default where the layer has none; null when unknown. */
  readonly channelsFirst: boolean | null;
  /** Whether the file itself says which data format is meant. */
  readonly isFormatWritten: boolean;
  /** Notes why something cannot be determined. */
  readonly fail: (reason: string) => void;
  /** Builds another layer that this one wraps; null when it is none. */
  readonly inner: (layer: Value, input: OpenShape | null) => BuiltCall | null;
}

/** One layer class. The signature is the one on its page of the Keras documentation, defaults included. */
export interface KerasLayerSpec {
  readonly signature: string;
  build(call: LayerCall): BuiltCall;
}

export type KerasLayerSpecs = Readonly<Record<string, KerasLayerSpec>>;

/** What is known of a layer instance besides its attributes. */
export interface KerasLayer {
  readonly className: string;
  /** null for models and user-defined layers, whose calls are followed. */
  readonly spec: KerasLayerSpec | null;
  /** The constructor's arguments; later changes are in the instance's attributes. */
  readonly bound: ReadonlyMap<string, Value>;
  readonly failure: UnknownValue | null;
  /** True where its constructor may get other arguments, because nobody wrote the call that `**kwargs` comes from. */
  readonly isOpen?: boolean;
  readonly serial: number;
  /** True for `x + y` or `tf.nn.relu(x)`, which have no layer object. */
  readonly functional: boolean;
}

/** Arguments that every layer takes and that change neither shapes nor the number of weights. */
export const COMMON_ARGUMENTS = [
  "name dtype trainable input_shape input_dim batch_input_shape batch_shape input_length batch_size weights " +
    "autocast dynamic activity_regularizer sparse ragged",
  "kernel_initializer bias_initializer kernel_regularizer bias_regularizer kernel_constraint " +
    "bias_constraint lora_rank lora_alpha quantization_config",
  "depthwise_initializer depthwise_regularizer depthwise_constraint pointwise_initializer " +
    "pointwise_regularizer pointwise_constraint",
  "beta_initializer gamma_initializer beta_regularizer gamma_regularizer beta_constraint gamma_constraint " +
    "moving_mean_initializer moving_variance_initializer",
  "embeddings_initializer embeddings_regularizer embeddings_constraint recurrent_initializer " +
    "recurrent_regularizer recurrent_constraint",
  "alpha_initializer alpha_regularizer alpha_constraint seed",
]
  .join(" ")
  .split(" ");

/** A layer without weights that keeps its input's shape. */
export function keepsShape(signature: string): KerasLayerSpec {
  return { signature, build: ({ input }) => ({ sizes: input, parameters: 0 }) };
}

/** A product that is null as soon as a factor is. */
export function times(...factors: readonly (number | null | undefined)[]): number | null {
  return factors.reduce<number | null>(
    (total, factor) => (total === null || factor === null || factor === undefined ? null : total * factor),
    1,
  );
}

/** `None`, `"linear"` and the identity change nothing after a weighted sum. */
export function isLinear(activation: Value): boolean {
  return (
    activation.kind === "none" ||
    (activation.kind === "string" && activation.value === "linear") ||
    (activation.kind === "library" && activation.path === "keras.activations.linear")
  );
}
