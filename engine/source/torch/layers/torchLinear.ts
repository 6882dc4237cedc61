/** torch.nn: "Linear Layers", "Sparse Layers" and "Utilities". */
import { plus, times, when } from "../layerArguments";
import { other, type LayerSpec, type LayerSpecs } from "./torchLayerSpec";

const FACTORY = "device=None, dtype=None";

/** A layer without parameters whose output's shape is not worked out. */
const withoutShape = (signature: string): LayerSpec => ({
  signature,
  build: (_, className) => ({ op: other(className, null), parameters: 0 }),
});

/** Losses that people keep in their models. Their weights are buffers. */
const LOSSES = (
  "BCELoss BCEWithLogitsLoss CTCLoss CosineEmbeddingLoss CrossEntropyLoss GaussianNLLLoss HingeEmbeddingLoss " +
  "HuberLoss KLDivLoss L1Loss MSELoss MarginRankingLoss MultiLabelMarginLoss MultiLabelSoftMarginLoss " +
  "MultiMarginLoss NLLLoss NLLLoss2d PoissonNLLLoss SmoothL1Loss SoftMarginLoss TripletMarginLoss " +
  "TripletMarginWithDistanceLoss"
).split(" ");

export const linearLayers: LayerSpecs = {
  Linear: {
    signature: `in_features, out_features, bias=True, ${FACTORY}`,
    build: (args) => {
      const inFeatures = args.size("in_features");
      const outFeatures = args.size("out_features");
      const bias = args.flag("bias");
      const known = inFeatures !== null && outFeatures !== null && bias !== null;
      return {
        op: known ? { kind: "linear", inFeatures, outFeatures, bias } : null,
        parameters: plus(times(inFeatures, outFeatures), when(bias, outFeatures)),
      };
    },
  },
  Bilinear: {
    signature: `in1_features, in2_features, out_features, bias=True, ${FACTORY}`,
    build: (args, className) => {
      const out = args.size("out_features");
      return {
        op: other(className, null),
        parameters: plus(
          times(args.size("in1_features"), args.size("in2_features"), out),
          when(args.flag("bias"), out),
        ),
      };
    },
  },
  Embedding: {
    signature:
      "num_embeddings, embedding_dim, padding_idx=None, max_norm=None, norm_type=2.0, " +
      `scale_grad_by_freq=False, sparse=False, _weight=None, _freeze=False, ${FACTORY}`,
    build: (args, className) => {
      const size = args.size("embedding_dim");
      return {
        op: other(className, size === null ? null : { rule: "append", size }),
        parameters: times(args.size("num_embeddings"), size),
      };
    },
  },
  EmbeddingBag: {
    signature:
      "num_embeddings, embedding_dim, max_norm=None, norm_type=2.0, scale_grad_by_freq=False, mode='mean', " +
      `sparse=False, _weight=None, include_last_offset=False, padding_idx=None, ${FACTORY}`,
    build: (args, className) => ({
      op: other(className, null),
      parameters: times(args.size("num_embeddings"), args.size("embedding_dim")),
    }),
  },
  Fold: withoutShape("output_size, kernel_size, dilation=1, padding=0, stride=1"),
  Unfold: withoutShape("kernel_size, dilation=1, padding=0, stride=1"),
  CosineSimilarity: withoutShape("dim=1, eps=1e-08"),
  PairwiseDistance: withoutShape("p=2.0, eps=1e-06, keepdim=False"),
  ...Object.fromEntries(LOSSES.map((name) => [name, withoutShape("*")])),
  Identity: { signature: "*", build: () => ({ op: { kind: "identity" }, parameters: 0 }) },
  Flatten: {
    signature: "start_dim=1, end_dim=-1",
    build: (args) => {
      const startDim = args.number("start_dim");
      const endDim = args.number("end_dim");
      return { op: startDim === null || endDim === null ? null : { kind: "flatten", startDim, endDim }, parameters: 0 };
    },
  },
  Unflatten: {
    signature: "dim, unflattened_size",
    build: (args, className) => {
      const sizes = args.known("unflattened_size");
      const dim = args.number("dim");
      const isShape =
        dim === 1 &&
        (sizes.kind === "tuple" || sizes.kind === "list") &&
        sizes.elements.every((size) => size.kind === "int");
      const dims = isShape ? sizes.elements.length : 0;
      const known = isShape ? args.sizes("unflattened_size", dims) : null;
      // Only features are known to be the whole sample.
      return {
        op:
          known === null || known.includes(-1)
            ? other(className, null)
            : { kind: "rearrange", rearrangement: { rule: "reshape", sizes: known } },
        parameters: 0,
      };
    },
  },
};
