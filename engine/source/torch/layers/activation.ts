/** torch.nn: "Non-linear Activations" and "Dropout Layers". */
import { keepsShape, other, type LayerSpec, type LayerSpecs } from "./layerSpec";

const engineActivation = (name: "relu" | "sigmoid", signature: string): LayerSpec => ({
  signature,
  build: () => ({ op: { kind: "activation", function: name }, parameters: 0 }),
});

const dropout = keepsShape("p=0.5, inplace=False");
const inplace = keepsShape("inplace=False");
const none = keepsShape("");
const softmax = keepsShape("dim=None");

export const activationLayers: LayerSpecs = {
  ReLU: engineActivation("relu", "inplace=False"),
  Sigmoid: engineActivation("sigmoid", ""),
  CELU: keepsShape("alpha=1.0, inplace=False"),
  ELU: keepsShape("alpha=1.0, inplace=False"),
  GELU: keepsShape("approximate='none'"),
  Hardshrink: keepsShape("lambd=0.5"),
  Hardsigmoid: inplace,
  Hardswish: inplace,
  Hardtanh: keepsShape("min_val=-1.0, max_val=1.0, inplace=False, min_value=None, max_value=None"),
  LeakyReLU: keepsShape("negative_slope=0.01, inplace=False"),
  LogSigmoid: none,
  LogSoftmax: softmax,
  Mish: inplace,
  PReLU: {
    signature: "num_parameters=1, init=0.25, device=None, dtype=None",
    build: (args, className) => ({ op: other(className, { rule: "same" }), parameters: args.size("num_parameters") }),
  },
  RReLU: keepsShape("lower=0.125, upper=0.3333333333333333, inplace=False"),
  ReLU6: inplace,
  SELU: inplace,
  SiLU: inplace,
  Softmax: softmax,
  Softmax2d: none,
  Softmin: softmax,
  Softplus: keepsShape("beta=1, threshold=20"),
  Softshrink: keepsShape("lambd=0.5"),
  Softsign: none,
  Tanh: none,
  Tanhshrink: none,
  Threshold: keepsShape("threshold, value, inplace=False"),
  AlphaDropout: dropout,
  Dropout: dropout,
  Dropout1d: dropout,
  Dropout2d: dropout,
  Dropout3d: dropout,
  FeatureAlphaDropout: dropout,
};
