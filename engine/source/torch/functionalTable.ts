/** torch.nn.functional, torch.* and Tensor methods that do what a layer class does. */
import type { LibraryFunction } from "../interpreter/machine";
import { tuple } from "../interpreter/newValues";
import { overwriteIf } from "./inPlace";
import { LayerArguments } from "./layerArguments";
import { activationLayers } from "./layers/torchActivation";
import { keepsShape, other, type LayerSpec, type LayerSpecs } from "./layers/torchLayerSpec";
import { poolingLayers } from "./layers/torchPooling";
import { recordFunction } from "./record";
import { bindSignature, parseSignature } from "./signature";

interface FunctionalSpec {
  readonly className: string;
  readonly spec: LayerSpec;
  /** The function's own parameters after `input`. */
  readonly signature: string;
}

/** Normalisations as functions: their weights are arguments, and come from parameters of the model or from nowhere. */
const functionalNorms: LayerSpecs = { layer_norm: keepsShape(""), normalize: keepsShape("") };

const layers: LayerSpecs = { ...activationLayers, ...poolingLayers, ...functionalNorms };

function like(className: string, signature: string): FunctionalSpec {
  const spec = layers[className];
  if (spec === undefined) throw new Error(`No layer ${className} in the table`);
  return { className, spec, signature };
}

const SOFTMAX = "dim=None, _stacklevel=3, dtype=None";
const DROPOUT = "p=0.5, training=True, inplace=False";

/** By name in torch.nn.functional. */
const functionals: Readonly<Record<string, FunctionalSpec>> = {
  relu: like("ReLU", "inplace=False"),
  sigmoid: like("Sigmoid", ""),
  tanh: like("Tanh", ""),
  celu: like("CELU", "alpha=1.0, inplace=False"),
  elu: like("ELU", "alpha=1.0, inplace=False"),
  gelu: like("GELU", "approximate='none'"),
  hardsigmoid: like("Hardsigmoid", "inplace=False"),
  hardswish: like("Hardswish", "inplace=False"),
  hardtanh: like("Hardtanh", "min_val=-1.0, max_val=1.0, inplace=False"),
  leaky_relu: like("LeakyReLU", "negative_slope=0.01, inplace=False"),
  log_softmax: like("LogSoftmax", SOFTMAX),
  logsigmoid: like("LogSigmoid", ""),
  mish: like("Mish", "inplace=False"),
  relu6: like("ReLU6", "inplace=False"),
  rrelu: like("RReLU", "lower=0.125, upper=0.3333333333333333, training=False, inplace=False"),
  selu: like("SELU", "inplace=False"),
  silu: like("SiLU", "inplace=False"),
  softmax: like("Softmax", SOFTMAX),
  softplus: like("Softplus", "beta=1, threshold=20"),
  softsign: like("Softsign", ""),
  dropout: like("Dropout", DROPOUT),
  dropout1d: like("Dropout1d", DROPOUT),
  dropout2d: like("Dropout2d", DROPOUT),
  dropout3d: like("Dropout3d", DROPOUT),
  alpha_dropout: like("AlphaDropout", "p=0.5, training=False, inplace=False"),
  max_pool1d: like(
    "MaxPool1d",
    "kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False",
  ),
  max_pool2d: like(
    "MaxPool2d",
    "kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False",
  ),
  max_pool3d: like(
    "MaxPool3d",
    "kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False",
  ),
  avg_pool1d: like("AvgPool1d", "kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True"),
  avg_pool2d: like(
    "AvgPool2d",
    "kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None",
  ),
  avg_pool3d: like(
    "AvgPool3d",
    "kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None",
  ),
  adaptive_avg_pool1d: like("AdaptiveAvgPool1d", "output_size"),
  adaptive_avg_pool2d: like("AdaptiveAvgPool2d", "output_size"),
  adaptive_avg_pool3d: like("AdaptiveAvgPool3d", "output_size"),
  adaptive_max_pool1d: like("AdaptiveMaxPool1d", "output_size, return_indices=False"),
  adaptive_max_pool2d: like("AdaptiveMaxPool2d", "output_size, return_indices=False"),
  interpolate: like(
    "Upsample",
    "size=None, scale_factor=None, mode='nearest', align_corners=None, recompute_scale_factor=None, antialias=False",
  ),
  channel_shuffle: like("ChannelShuffle", "groups"),
  pixel_shuffle: like("PixelShuffle", "upscale_factor"),
  pixel_unshuffle: like("PixelUnshuffle", "downscale_factor"),
  layer_norm: like("layer_norm", "normalized_shape, weight=None, bias=None, eps=1e-05"),
  normalize: like("normalize", "p=2.0, dim=1, eps=1e-12, out=None"),
  upsample: like("Upsample", "size=None, scale_factor=None, mode='nearest', align_corners=None"),
};

/** Names that torch and Tensor have too, with fewer parameters. */
const SHARED = ["relu", "sigmoid", "tanh", "softmax", "log_softmax", "selu", "celu", "dropout"];

function functionOf(prefix: string, name: string, { className, spec, signature }: FunctionalSpec): LibraryFunction {
  const parameters = parseSignature(`input, ${signature}`);
  const displayName = `${prefix}.${name}`;
  return ({ machine, args, range }) => {
    const bound = bindSignature(displayName, parameters, args, range);
    if (!(bound instanceof Map)) {
      machine.report(bound);
      return bound;
    }
    const layerArguments = new LayerArguments(displayName, bound, range);
    const built = spec.build(layerArguments, className);
    for (const problem of layerArguments.problems) if (problem.awaitsShape !== true) machine.report(problem);
    const op = built.op ?? other(className, null);
    const inputs = [bound.get("input") ?? tuple([])];
    const result = recordFunction(
      machine,
      { name, className: displayName, op, range, outputs: built.outputs ?? 1 },
      inputs,
    );
    return overwriteIf(machine, bound.get("inplace"), inputs[0], result, range);
  };
}

function entries(prefix: string, path: string, names: readonly string[]): [string, LibraryFunction][] {
  return names.flatMap((name) => {
    const spec = functionals[name];
    return spec === undefined ? [] : [[path + name, functionOf(prefix, name, spec)] as [string, LibraryFunction]];
  });
}

export const functionalFunctions: ReadonlyMap<string, LibraryFunction> = new Map([
  ...entries("F", "torch.nn.functional.", Object.keys(functionals)),
  ...entries("torch", "torch.", SHARED),
  ...entries("torch", "torch.", ["channel_shuffle", "pixel_shuffle", "pixel_unshuffle"]),
  ...entries("torch", "torch.special.", ["softmax", "log_softmax"]),
]);

export const functionalMethods: ReadonlyMap<string, LibraryFunction> = new Map(entries("Tensor", "", SHARED));
