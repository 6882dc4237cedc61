/** torch.nn: "Non-linear Activations" and "Dropout Layers". */
import type { ActivationFunction } from "../../../protocol/layerOps";
import { numberOf } from "../../interpreter/aboutValues";
import { forSequences, keepsShape, other, type LayerSpec, type LayerSpecs } from "./torchLayerSpec";

/** An activation that the engine trains; `parameter` is its argument that the function depends on. */
const engineActivation = (name: ActivationFunction, signature: string, parameter?: string): LayerSpec => ({
  signature,
  build: (args) => {
    const value = parameter === undefined ? undefined : args.number(parameter);
    if (value === null) return { op: null, parameters: 0 };
    return {
      op: { kind: "activation", function: name, ...(value === undefined ? {} : { parameter: value }) },
      parameters: 0,
    };
  },
});

const otherDropout = keepsShape("p=0.5, inplace=False");
const inplace = keepsShape("inplace=False");
const none = keepsShape("");

/**
 * With `channelsOf` whole channels of sequences or images. A rate that is not known leaves the shape as it is. The
 * functions say whether they drop at all; layers follow the mode.
 */
const dropout = (channelsOf: 1 | 2 | null): LayerSpec => ({
  signature: "p=0.5, inplace=False",
  build: (args, className) => {
    const training = args.value("training");
    if (training.kind === "bool" && !training.value) return { op: { kind: "identity" }, parameters: 0 };
    if (training.kind !== "none" && training.kind !== "bool")
      return { op: other(className, { rule: "same" }), parameters: 0 };
    const rate = numberOf(args.value("p"));
    const followsMode = training.kind === "none" || training.isTrainingMode === true;
    return {
      op: {
        kind: "dropout",
        rate: rate !== null && rate >= 0 && rate <= 1 ? rate : null,
        isPerChannel: channelsOf !== null,
        ...forSequences(channelsOf),
        followsMode,
      },
      parameters: 0,
    };
  },
});

const softmax = (isLogarithm: boolean): LayerSpec => ({
  signature: "dim=None",
  build: (args, className) => {
    const dim = args.value("dim");
    const axis = dim.kind === "int" ? dim.value : null;
    const isKnown = (axis !== null || dim.kind === "none") && args.isNone("dtype");
    return { op: isKnown ? { kind: "softmax", axis, isLogarithm } : other(className, { rule: "same" }), parameters: 0 };
  },
});

/** The deprecated names of the bounds are not read. */
const hardtanh: LayerSpec = {
  signature: "min_val=-1.0, max_val=1.0, inplace=False, min_value=None, max_value=None",
  build: (args, className) => {
    const bounds = [numberOf(args.value("min_val")), numberOf(args.value("max_val"))] as const;
    const isPlain = args.isNone("min_value") && args.isNone("max_value") && bounds[0] !== null && bounds[1] !== null;
    return {
      op: isPlain
        ? { kind: "activation", function: "hardtanh", parameter: bounds[0] ?? 0, upper: bounds[1] ?? 0 }
        : other(className, { rule: "same" }),
      parameters: 0,
    };
  },
};

export const activationLayers: LayerSpecs = {
  ReLU: engineActivation("relu", "inplace=False"),
  Sigmoid: engineActivation("sigmoid", ""),
  CELU: keepsShape("alpha=1.0, inplace=False"),
  ELU: engineActivation("elu", "alpha=1.0, inplace=False", "alpha"),
  GELU: {
    signature: "approximate='none'",
    build: (args, className) => ({
      op:
        args.text("approximate") === "none"
          ? { kind: "activation", function: "gelu" }
          : other(className, { rule: "same" }),
      parameters: 0,
    }),
  },
  Hardshrink: keepsShape("lambd=0.5"),
  Hardsigmoid: engineActivation("hardsigmoid", "inplace=False"),
  Hardswish: engineActivation("hardswish", "inplace=False"),
  Hardtanh: hardtanh,
  LeakyReLU: engineActivation("leakyRelu", "negative_slope=0.01, inplace=False", "negative_slope"),
  GLU: {
    signature: "dim=-1",
    build: (args, className) => {
      const dim = args.value("dim");
      const isKnown = dim.kind === "int" && dim.value !== 0;
      return {
        op: other(className, isKnown ? { rule: "chunk", axis: dim.value, chunks: 2, index: 0 } : null),
        parameters: 0,
      };
    },
  },
  LogSigmoid: none,
  LogSoftmax: softmax(true),
  Mish: engineActivation("mish", "inplace=False"),
  PReLU: {
    signature: "num_parameters=1, init=0.25, device=None, dtype=None",
    build: (args, className) => {
      const slopes = args.size("num_parameters");
      const initialSlope = numberOf(args.value("init"));
      const isKnown = slopes !== null && initialSlope !== null;
      return {
        op: isKnown ? { kind: "prelu", slopes, initialSlope } : other(className, { rule: "same" }),
        parameters: slopes,
      };
    },
  },
  RReLU: keepsShape("lower=0.125, upper=0.3333333333333333, inplace=False"),
  ReLU6: engineActivation("relu6", "inplace=False"),
  SELU: inplace,
  SiLU: engineActivation("silu", "inplace=False"),
  Softmax: softmax(false),
  Softmax2d: { signature: "", build: () => ({ op: { kind: "softmax", axis: -3, isLogarithm: false }, parameters: 0 }) },
  Softmin: keepsShape("dim=None"),
  Softplus: {
    signature: "beta=1, threshold=20",
    build: (args, className) => {
      const isDefault = args.number("beta") === 1 && args.number("threshold") === 20;
      return {
        op: isDefault ? { kind: "activation", function: "softplus" } : other(className, { rule: "same" }),
        parameters: 0,
      };
    },
  },
  Softshrink: keepsShape("lambd=0.5"),
  Softsign: none,
  Tanh: engineActivation("tanh", ""),
  Tanhshrink: none,
  Threshold: keepsShape("threshold, value, inplace=False"),
  AlphaDropout: otherDropout,
  Dropout: dropout(null),
  Dropout1d: dropout(1),
  Dropout2d: dropout(2),
  Dropout3d: otherDropout,
  FeatureAlphaDropout: otherDropout,
};
