/** keras.io, "Core layers", "Layer activations", "Regularization layers" and "Reshaping layers" that only rearrange. */
import { numberOf } from "../../interpreter/aboutValues";
import { settled } from "../../interpreter/openValues";
import type { LayerOp } from "../../../protocol/layerOps";
import type { OpenShape, Value } from "../../interpreter/values";
import { plus, when } from "../../torch/layerArguments";
import {
  isLinear,
  keepsShape,
  times,
  type KerasLayerSpec,
  type KerasLayerSpecs,
  type LayerCall,
} from "../kerasLayerSpec";

const dense: KerasLayerSpec = {
  signature: "units, activation=None, use_bias=True",
  build: ({ args, input, className }) => {
    const units = args.size("units");
    const bias = args.flag("use_bias");
    const features = input?.at(-1) ?? null;
    return {
      sizes: input === null ? null : [...input.slice(0, -1), units],
      parameters: plus(times(features, units), when(bias, units)),
      op:
        units !== null && bias !== null && input !== null && isLinear(args.value("activation"))
          ? weightedFeatures(input, units, bias)
          : { kind: "other", className },
    };
  },
};

/** What goes in may be of unknown size, after a model or a call that is not followed. */
function weightedFeatures(input: OpenShape, units: number, bias: boolean): LayerOp {
  const features = input.at(-1) ?? null;
  if (features !== null) return { kind: "linear", inFeatures: features, outFeatures: units, bias };
  const weightedSum = { outChannels: units, bias, channelAxis: input.length - 1, isAxisWritten: true };
  return { kind: "other", className: "Dense", weightedSum };
}

function product(sizes: OpenShape): number | null {
  return times(...sizes);
}

const flatten: KerasLayerSpec = {
  signature: "data_format=None",
  build: ({ input }) => ({ sizes: [input === null ? null : product(input)], parameters: 0 }),
};

/** Sizes of a target shape; -1 stands for what is left. */
export function reshaped(
  call: Pick<LayerCall, "fail" | "className">,
  target: readonly (number | null)[],
  input: OpenShape | null,
): OpenShape {
  const free = target.indexOf(-1);
  const total = input === null ? null : product(input);
  const fixed = product(target.filter((size) => size !== -1));
  if (free < 0) {
    if (total !== null && fixed !== null && total !== fixed)
      call.fail(`this ${call.className} makes ${fixed} values from ${total} (Keras raises a ValueError)`);
    return target;
  }
  const rest = total === null || fixed === null || fixed === 0 ? null : total / fixed;
  if (rest !== null && !Number.isInteger(rest))
    call.fail(
      `this ${call.className} can't divide ${total ?? 0} values into pieces of ${fixed ?? 0} (Keras raises ` +
        "a ValueError)",
    );
  return target.map((size, axis) => (axis === free ? rest : size));
}

/** A tuple of whole numbers, of which one may be -1; a single number is a tuple of one. An open value is its number. */
export function wholeNumbers(value: Value): number[] | null {
  if (value.kind === "int") return [value.value];
  if (value.kind !== "tuple" && value.kind !== "list") return null;
  const sizes = value.elements.map(settled).map((element) => (element.kind === "int" ? element.value : null));
  return sizes.includes(null) ? null : (sizes as number[]);
}

const reshape: KerasLayerSpec = {
  signature: "target_shape",
  build: (call) => {
    const target = wholeNumbers(call.args.value("target_shape"));
    if (target === null) {
      call.fail("the target shape is unknown");
      return { sizes: null, parameters: 0 };
    }
    return { sizes: reshaped(call, target, call.input), parameters: 0 };
  },
};

const permute: KerasLayerSpec = {
  signature: "dims",
  build: ({ args, input, fail }) => {
    const order = wholeNumbers(args.value("dims"));
    if (order === null) fail("the order of the axes is unknown");
    if (order === null || input === null) return { sizes: null, parameters: 0 };
    return { sizes: order.map((axis) => input[axis - 1] ?? null), parameters: 0 };
  },
};

const repeatVector: KerasLayerSpec = {
  signature: "n",
  build: ({ args, input }) => ({ sizes: input === null ? null : [args.size("n"), ...input], parameters: 0 }),
};

const embedding: KerasLayerSpec = {
  signature: "input_dim, output_dim, mask_zero=False",
  build: ({ args, input }) => {
    const size = args.size("output_dim");
    return { sizes: input === null ? null : [...input, size], parameters: times(args.size("input_dim"), size) };
  },
};

/** One α for every value of a sample, or shared along some axes. */
const prelu: KerasLayerSpec = {
  signature: "alpha_initializer='zeros', alpha_regularizer=None, alpha_constraint=None, shared_axes=None",
  build: ({ args, input }) => {
    const shared = args.isNone("shared_axes") ? [] : wholeNumbers(args.value("shared_axes"));
    const sizes =
      shared === null || input === null ? null : input.map((size, axis) => (shared.includes(axis + 1) ? 1 : size));
    return { sizes: input, parameters: sizes === null ? null : product(sizes) };
  },
};

const activation: KerasLayerSpec = {
  signature: "activation",
  build: ({ args, input, className }) => {
    const value = args.value("activation");
    const name =
      value.kind === "string" ? value.value : value.kind === "library" ? (value.path.split(".").at(-1) ?? "") : "";
    const op =
      name === "relu" || name === "sigmoid"
        ? ({ kind: "activation", function: name } as const)
        : ({ kind: "other", className } as const);
    return { sizes: input, parameters: 0, op };
  },
};

const relu: KerasLayerSpec = {
  signature: "max_value=None, negative_slope=0.0, threshold=0.0",
  build: ({ args, input, className }) => {
    const isPlain = args.isNone("max_value") && args.number("negative_slope") === 0 && args.number("threshold") === 0;
    return {
      sizes: input,
      parameters: 0,
      op: isPlain ? { kind: "activation", function: "relu" } : { kind: "other", className },
    };
  },
};

const dropout = (signature: string, isPerChannel: boolean): KerasLayerSpec => ({
  signature,
  build: ({ input, args }) => {
    // A rate that nobody gave is no rate of 0.
    const rate = args.isOpen("rate") ? null : numberOf(args.value("rate"));
    const isKnown = rate !== null && rate >= 0 && rate <= 1;
    return {
      sizes: input,
      parameters: 0,
      ...(isKnown ? { op: { kind: "dropout", rate, isPerChannel, followsMode: true } } : {}),
    };
  },
});

export const coreLayers: KerasLayerSpecs = {
  Dense: dense,
  Flatten: flatten,
  Reshape: reshape,
  Permute: permute,
  RepeatVector: repeatVector,
  Embedding: embedding,
  Masking: keepsShape("mask_value=0.0"),
  Identity: { signature: "", build: ({ input }) => ({ sizes: input, parameters: 0, op: { kind: "identity" } }) },
  ActivityRegularization: keepsShape("l1=0.0, l2=0.0"),
  Activation: activation,
  ReLU: relu,
  LeakyReLU: keepsShape("negative_slope=0.3, alpha=None"),
  PReLU: prelu,
  ELU: keepsShape("alpha=1.0"),
  Softmax: keepsShape("axis=-1"),
  ThresholdedReLU: keepsShape("theta=1.0"),
  Dropout: dropout("rate, noise_shape=None, seed=None", false),
  AlphaDropout: keepsShape("rate, noise_shape=None, seed=None"),
  GaussianDropout: keepsShape("rate, seed=None"),
  GaussianNoise: keepsShape("stddev, seed=None"),
  SpatialDropout1D: dropout("rate, seed=None", true),
  SpatialDropout2D: dropout("rate, data_format=None, seed=None", true),
  SpatialDropout3D: dropout("rate, data_format=None, seed=None", true),
};
