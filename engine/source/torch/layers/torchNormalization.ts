/** torch.nn: "Normalization Layers". */
import type { BatchNormOp } from "../../../protocol/layerOps";
import { normalizationDefaults } from "../../../protocol/normalization";
import { plus, times, when, type LayerArguments } from "../layerArguments";
import { keepsShape, other, type LayerSpec, type LayerSpecs } from "./torchLayerSpec";

const FACTORY = "device=None, dtype=None";
/** Normalizations of torch 2.13 and later can do without their shift, which the engine has not. */
const SHIFT = "*, bias=True";

/** How many learned values there are; one for each channel less without the shift. */
function learned(args: LayerArguments, affine: boolean | null, channels: number | null): number | null {
  const shift = args.flag("bias");
  if (affine === true && shift === false) args.fail("NormLens does not follow a normalization with bias=False");
  return when(affine, plus(channels, when(shift, channels)));
}
const NORM = `num_features, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True`;

function batchNorm(spatialDims: BatchNormOp["spatialDims"], signature = `${NORM}, ${FACTORY}, ${SHIFT}`): LayerSpec {
  return {
    signature,
    build: (args) => {
      const numFeatures = args.size("num_features");
      const epsilon = args.number("eps");
      const affine = args.flag("affine");
      const trackRunningStats = args.flag("track_running_stats");
      const cumulative = args.isNone("momentum");
      const momentum = cumulative ? null : args.number("momentum");
      const parameters = learned(args, affine, numFeatures);
      const missing = momentum === null && !cumulative;
      if (numFeatures === null || epsilon === null || affine === null || trackRunningStats === null || missing) {
        return { op: null, parameters };
      }
      return {
        op: {
          kind: "batchNorm",
          spatialDims,
          numFeatures,
          epsilon,
          runningStatsUpdateWeight: momentum,
          affine,
          trackRunningStats,
          runningVarianceEstimator: normalizationDefaults.pytorch.runningVarianceEstimator,
        },
        parameters,
      };
    },
  };
}

const instanceNorm = (spatialDims: 1 | 2 | 3): LayerSpec => ({
  signature: `num_features, eps=1e-05, momentum=0.1, affine=False, track_running_stats=False, ${FACTORY}, ${SHIFT}`,
  build: (args) => {
    const numFeatures = args.size("num_features");
    const epsilon = args.number("eps");
    const affine = args.flag("affine");
    const trackRunningStats = args.flag("track_running_stats");
    const runningStatsUpdateWeight = args.isNone("momentum") ? null : args.number("momentum");
    const isKnown =
      numFeatures !== null &&
      epsilon !== null &&
      affine !== null &&
      trackRunningStats !== null &&
      (runningStatsUpdateWeight !== null || args.isNone("momentum"));
    return {
      op: isKnown
        ? {
            kind: "instanceNorm",
            spatialDims,
            numFeatures,
            epsilon,
            affine,
            trackRunningStats,
            runningStatsUpdateWeight,
          }
        : null,
      parameters: learned(args, affine, numFeatures),
    };
  },
});

const groupNorm: LayerSpec = {
  signature: `num_groups, num_channels, eps=1e-05, affine=True, ${FACTORY}, ${SHIFT}`,
  build: (args) => {
    const groups = args.size("num_groups");
    const channels = args.size("num_channels");
    const epsilon = args.number("eps");
    const affine = args.flag("affine");
    const isKnown = groups !== null && channels !== null && epsilon !== null && affine !== null;
    return {
      op: isKnown ? { kind: "groupNorm", groups, channels, epsilon, affine } : null,
      parameters: learned(args, affine, channels),
    };
  },
};

const layerNorm: LayerSpec = {
  signature: `normalized_shape, eps=1e-05, elementwise_affine=True, bias=True, ${FACTORY}`,
  build: (args, className) => {
    const shape = args.value("normalized_shape");
    const sizes = args.sizes(
      "normalized_shape",
      shape.kind === "tuple" || shape.kind === "list" ? shape.elements.length : 1,
    );
    const hasBias = args.flag("bias") !== false;
    const affine = args.flag("elementwise_affine");
    const epsilon = args.number("eps");
    const isPlain = sizes !== null && sizes.length > 0 && hasBias && affine !== null && epsilon !== null;
    const parameters = when(affine, times(hasBias ? 2 : 1, ...(sizes ?? [null])));
    return {
      op: isPlain ? { kind: "layerNorm", normalizedShape: sizes, epsilon, affine } : other(className, { rule: "same" }),
      parameters,
    };
  },
};

/** Zhang & Sennrich 2019: a scale for each value of the last axes. */
const rmsNorm: LayerSpec = {
  signature: `normalized_shape, eps=None, elementwise_affine=True, ${FACTORY}`,
  build: (args, className) => {
    const shape = args.value("normalized_shape");
    const dims = shape.kind === "tuple" || shape.kind === "list" ? shape.elements.length : 1;
    const sizes = args.sizes("normalized_shape", dims);
    return {
      op: other(className, { rule: "same" }),
      parameters: when(args.flag("elementwise_affine"), times(...(sizes ?? [null]))),
    };
  },
};

export const normalizationLayers: LayerSpecs = {
  BatchNorm1d: batchNorm(null),
  BatchNorm2d: batchNorm(2),
  BatchNorm3d: batchNorm(3),
  // The base of all of them, which synchronized versions derive from.
  _BatchNorm: batchNorm(null),
  SyncBatchNorm: batchNorm(null, `${NORM}, process_group=None, ${FACTORY}, ${SHIFT}`),
  InstanceNorm1d: instanceNorm(1),
  InstanceNorm2d: instanceNorm(2),
  InstanceNorm3d: instanceNorm(3),
  GroupNorm: groupNorm,
  LayerNorm: layerNorm,
  RMSNorm: rmsNorm,
  LocalResponseNorm: keepsShape("size, alpha=0.0001, beta=0.75, k=1.0"),
  CrossMapLRN2d: keepsShape("size, alpha=0.0001, beta=0.75, k=1"),
};
