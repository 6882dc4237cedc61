/** torch.nn: "Non-linear Activations" and "Dropout Layers". */
import type { ActivationFunction } from "../../../protocol/modelGraph";
import { keepsShape, other, type LayerSpec, type LayerSpecs } from "./layerSpec";

/** An activation that the engine trains; `parameter` is its argument that the function depends on. */
const engineActivation = (name: ActivationFunction, signature: string, parameter?: string): LayerSpec => ({
  signature,
  build: (args) => {
    const value = parameter === undefined ? undefined : args.number(parameter);
    if (value === null) return { op: null, parameters: 0 };
    return { op: { kind: "activation", function: name, ...(value === undefined ? {} : { parameter: value }) }, parameters: 0 };
  },
});

const dropout = keepsShape("p=0.5, inplace=False");
const inplace = keepsShape("inplace=False");
const none = keepsShape("");
const softmax = keepsShape("dim=None");

export const activationLayers: LayerSpecs = {
  ReLU: engineActivation("relu", "inplace=False"),
  Sigmoid: engineActivation("sigmoid", ""),
  CELU: keepsShape("alpha=1.0, inplace=False"),
  ELU: engineActivation("elu", "alpha=1.0, inplace=False", "alpha"),
  GELU: {
    signature: "approximate='none'",
    build: (args, className) => ({ op: args.text("approximate") === "none" ? { kind: "activation", function: "gelu" } : other(className, { rule: "same" }), parameters: 0 }),
  },
  Hardshrink: keepsShape("lambd=0.5"),
  Hardsigmoid: engineActivation("hardsigmoid", "inplace=False"),
  Hardswish: engineActivation("hardswish", "inplace=False"),
  Hardtanh: keepsShape("min_val=-1.0, max_val=1.0, inplace=False, min_value=None, max_value=None"),
  LeakyReLU: engineActivation("leakyRelu", "negative_slope=0.01, inplace=False", "negative_slope"),
  LogSigmoid: none,
  LogSoftmax: softmax,
  Mish: engineActivation("mish", "inplace=False"),
  PReLU: {
    signature: "num_parameters=1, init=0.25, device=None, dtype=None",
    build: (args, className) => ({ op: other(className, { rule: "same" }), parameters: args.size("num_parameters") }),
  },
  RReLU: keepsShape("lower=0.125, upper=0.3333333333333333, inplace=False"),
  ReLU6: engineActivation("relu6", "inplace=False"),
  SELU: inplace,
  SiLU: engineActivation("silu", "inplace=False"),
  Softmax: softmax,
  Softmax2d: none,
  Softmin: softmax,
  Softplus: {
    signature: "beta=1, threshold=20",
    build: (args, className) => {
      const isDefault = args.number("beta") === 1 && args.number("threshold") === 20;
      return { op: isDefault ? { kind: "activation", function: "softplus" } : other(className, { rule: "same" }), parameters: 0 };
    },
  },
  Softshrink: keepsShape("lambd=0.5"),
  Softsign: none,
  Tanh: engineActivation("tanh", ""),
  Tanhshrink: none,
  Threshold: keepsShape("threshold, value, inplace=False"),
  AlphaDropout: dropout,
  Dropout: dropout,
  Dropout1d: dropout,
  Dropout2d: dropout,
  Dropout3d: dropout,
  FeatureAlphaDropout: dropout,
};
