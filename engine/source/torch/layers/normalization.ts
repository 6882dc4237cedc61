/** torch.nn: "Normalization Layers". */
import type { BatchNormOp } from "../../../protocol/modelGraph";
import { normalizationDefaults } from "../../../protocol/normalization";
import { times, when } from "../layerArguments";
import { keepsShape, other, type LayerSpec, type LayerSpecs } from "./layerSpec";

const FACTORY = "device=None, dtype=None";
const NORM = `num_features, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True`;

function batchNorm(spatialDims: BatchNormOp["spatialDims"], signature = `${NORM}, ${FACTORY}`): LayerSpec {
  return {
    signature,
    build: (args) => {
      const numFeatures = args.size("num_features");
      const epsilon = args.number("eps");
      const affine = args.flag("affine");
      const trackRunningStats = args.flag("track_running_stats");
      const cumulative = args.isNone("momentum");
      const momentum = cumulative ? null : args.number("momentum");
      const parameters = when(affine, times(2, numFeatures));
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

const instanceNorm: LayerSpec = {
  signature: `num_features, eps=1e-05, momentum=0.1, affine=False, track_running_stats=False, ${FACTORY}`,
  build: (args, className) => ({
    // Without parameters PyTorch 1.13 accepts any number of channels here.
    op: other(className, { rule: "same" }),
    parameters: when(args.flag("affine"), times(2, args.size("num_features"))),
  }),
};

const groupNorm: LayerSpec = {
  signature: `num_groups, num_channels, eps=1e-05, affine=True, ${FACTORY}`,
  build: (args, className) => {
    const channels = args.size("num_channels");
    return {
      op: channels === null ? null : other(className, { rule: "same", channels }),
      parameters: when(args.flag("affine"), times(2, channels)),
    };
  },
};

const layerNorm: LayerSpec = {
  signature: `normalized_shape, eps=1e-05, elementwise_affine=True, bias=True, ${FACTORY}`,
  build: (args, className) => {
    const shape = args.value("normalized_shape");
    const sizes = args.sizes("normalized_shape", shape.kind === "tuple" || shape.kind === "list" ? shape.elements.length : 1);
    const tensors = args.flag("bias") === false ? 1 : 2;
    return { op: other(className, { rule: "same" }), parameters: when(args.flag("elementwise_affine"), times(tensors, ...(sizes ?? [null]))) };
  },
};

export const normalizationLayers: LayerSpecs = {
  BatchNorm1d: batchNorm(null),
  BatchNorm2d: batchNorm(2),
  BatchNorm3d: batchNorm(3),
  // The base of all of them, which synchronized versions derive from.
  _BatchNorm: batchNorm(null),
  SyncBatchNorm: batchNorm(null, `${NORM}, process_group=None, ${FACTORY}`),
  InstanceNorm1d: instanceNorm,
  InstanceNorm2d: instanceNorm,
  InstanceNorm3d: instanceNorm,
  GroupNorm: groupNorm,
  LayerNorm: layerNorm,
  LocalResponseNorm: keepsShape("size, alpha=0.0001, beta=0.75, k=1.0"),
  CrossMapLRN2d: keepsShape("size, alpha=0.0001, beta=0.75, k=1"),
};
