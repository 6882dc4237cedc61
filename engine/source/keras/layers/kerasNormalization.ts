/** keras.io, "Normalization layers". Moving means and variances are weights of a Keras layer, and counted. */
import type { BatchNormOp } from "../../../protocol/layerOps";
import { normalizationDefaults } from "../../../protocol/normalization";
import type { OpenShape, Value } from "../../interpreter/values";
import { keepsShape, times, type KerasLayerSpec, type KerasLayerSpecs, type LayerCall } from "../kerasLayerSpec";
import { wholeNumbers } from "./kerasCore";

/** Positions of axes without the batch axis; null when they are not known or outside of the input. */
export function positions(axes: readonly number[] | null, input: OpenShape | null): number[] | null {
  if (axes === null || input === null) return null;
  const found = axes.map((axis) => (axis < 0 ? axis + input.length : axis - 1));
  return found.some((axis) => axis < 0 || axis >= input.length) ? null : found;
}

function axisSizes({ args, input, fail, className }: LayerCall): { axes: number[]; count: number | null } | null {
  const axes = positions(wholeNumbers(args.value("axis")), input);
  if (axes === null) {
    fail(
      input === null
        ? `the input shape of this ${className} is unknown`
        : `the input of this ${className} does not have its axis`,
    );
    return null;
  }
  const count = times(...axes.map((axis) => input?.[axis]));
  if (count === null) fail(`the size of the axis that this ${className} normalizes is unknown`);
  return { axes, count };
}

/** 1 − 0.99 is 0.01 and nothing else. */
const complement = (value: number): number => Number((1 - value).toPrecision(12));

const batchNormalization: KerasLayerSpec = {
  signature:
    "axis=-1, momentum=0.99, epsilon=0.001, center=True, scale=True, synchronized=False, renorm=False, " +
    "fused=None, virtual_batch_size=None",
  build: (call) => {
    const { args, input } = call;
    const found = axisSizes(call);
    const momentum = args.number("momentum");
    const epsilon = args.number("epsilon");
    const center = args.flag("center");
    const scale = args.flag("scale");
    if (args.flag("renorm") !== false) call.fail("NormLens does not follow Keras's batch renormalization");
    const numFeatures = found?.count ?? null;
    const [axis] = found?.axes ?? [];
    const tensors = center === null || scale === null ? null : 2 + Number(center) + Number(scale);
    const parameters = times(numFeatures, tensors);
    if (
      numFeatures === null ||
      axis === undefined ||
      momentum === null ||
      epsilon === null ||
      center === null ||
      scale === null ||
      input === null
    ) {
      return { sizes: input, parameters };
    }
    const spatial = input.length - 1;
    const op: BatchNormOp = {
      kind: "batchNorm",
      spatialDims: spatial === 0 || spatial === 1 || spatial === 2 || spatial === 3 ? spatial : null,
      numFeatures,
      epsilon,
      runningStatsUpdateWeight: complement(momentum),
      affine: center || scale,
      trackRunningStats: true,
      runningVarianceEstimator: normalizationDefaults.keras.runningVarianceEstimator,
      featureAxis: axis,
    };
    return { sizes: input, parameters, op };
  },
};

function scaled(signature: string, tensorsOf: (args: LayerCall["args"]) => number | null): KerasLayerSpec {
  return {
    signature,
    build: (call) => {
      const tensors = tensorsOf(call.args);
      return { sizes: call.input, parameters: tensors === 0 ? 0 : times(axisSizes(call)?.count ?? null, tensors) };
    },
  };
}

function flags(args: LayerCall["args"]): number | null {
  const center = args.flag("center");
  const scale = args.flag("scale");
  return center === null || scale === null ? null : Number(center) + Number(scale);
}

/** keras.layers.Normalization keeps the mean, the variance and a count of what it was adapted to. */
const normalization: KerasLayerSpec = {
  signature: "axis=-1, mean=None, variance=None, invert=False",
  build: (call) => {
    if (!call.args.isNone("mean") || !call.args.isNone("variance")) return { sizes: call.input, parameters: 0 };
    const axis: Value = call.args.value("axis");
    const count = axis.kind === "none" ? 1 : (axisSizes(call)?.count ?? null);
    return { sizes: call.input, parameters: count === null ? null : 2 * count + 1 };
  },
};

export const normalizationLayers: KerasLayerSpecs = {
  BatchNormalization: batchNormalization,
  LayerNormalization: scaled("axis=-1, epsilon=0.001, center=True, scale=True, rms_scaling=False", (args) =>
    args.flag("rms_scaling") === true ? 1 : flags(args),
  ),
  GroupNormalization: scaled("groups=32, axis=-1, epsilon=0.001, center=True, scale=True", flags),
  RMSNormalization: scaled("axis=-1, epsilon=1e-06", () => 1),
  UnitNormalization: keepsShape("axis=-1"),
  Normalization: normalization,
};
