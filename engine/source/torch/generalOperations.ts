/**
 * Functions of torch, torch.nn.functional and Tensor that are followed as "a tensor made of these tensors": the graph
 * has the call and what goes into it. Where the shape does not simply stay, it is not computed and shown as unknown.
 */
import type { ShapeRule } from "../../protocol/shape";
import type { CallArguments, LibraryFunction } from "../interpreter/machine";
import { tuple, unknown } from "../interpreter/newValues";
import type { UnknownValue, Value } from "../interpreter/values";
import { other } from "./layers/torchLayerSpec";
import { matrixProduct } from "./matrixProduct";
import { recordFunction } from "./record";

interface GeneralOperation {
  /** How many tensors a call returns, or that it returns one for each tensor it is given. */
  readonly outputs: number | "asMany";
  readonly rule: ShapeRule | null;
}

const words = (text: string): string[] => text.split(/\s+/).filter(Boolean);

const SAME: GeneralOperation = { outputs: 1, rule: { rule: "same" } };
const ONE: GeneralOperation = { outputs: 1, rule: null };
const TWO: GeneralOperation = { outputs: 2, rule: null };

function table(groups: readonly (readonly [GeneralOperation, string])[]): ReadonlyMap<string, GeneralOperation> {
  return new Map(groups.flatMap(([operation, names]) => words(names).map((name) => [name, operation] as const)));
}

/** Both functions of torch and methods of Tensor. */
const shared = table([
  [
    SAME,
    "clamp clamp_min clamp_max clip cumsum cumprod flip fliplr flipud frac masked_fill nan_to_num roll tril " +
      "triu trunc atan tan acos asin sinh cosh erfc logit isnan isfinite isinf bitwise_not",
  ],
  [
    ONE,
    "addcdiv addcmul addmm atan2 baddbmm bmm bincount broadcast_to cdist cross diag diag_embed diagonal " +
      "dist dot einsum eq gather ge gt heaviside hypot index_add index_select inner kron le lerp logaddexp " +
      "logical_and logical_or logical_xor lt masked_scatter masked_select matmul mm movedim moveaxis mv ne " +
      "norm outer prod renorm repeat_interleave rot90 scatter scatter_add std take " +
      "take_along_dim tensordot tile trace unfold unflatten var view_as where",
  ],
  [TWO, "kthvalue mode sort std_mean topk var_mean aminmax"],
]);

const onlyFunctions = table([
  [ONE, "bilinear embedding polar complex cosine_similarity pairwise_distance"],
  [{ outputs: "asMany", rule: null }, "broadcast_tensors meshgrid"],
]);

/** In torch.nn.functional. Functions with running statistics are not here: what they keep belongs to no layer. */
const functional = table([
  [
    SAME,
    "gumbel_softmax hardshrink softmin softshrink tanhshrink threshold local_response_norm group_norm " +
      "instance_norm feature_alpha_dropout prelu",
  ],
  [
    ONE,
    "affine_grid bilinear conv1d conv2d conv3d conv_transpose1d conv_transpose2d conv_transpose3d " +
      "cosine_similarity embedding embedding_bag fold glu grid_sample linear lp_pool1d lp_pool2d one_hot " +
      "pairwise_distance pdist scaled_dot_product_attention unfold max_unpool1d max_unpool2d max_unpool3d " +
      "adaptive_max_pool3d",
  ],
  [
    ONE,
    "binary_cross_entropy binary_cross_entropy_with_logits cosine_embedding_loss cross_entropy ctc_loss " +
      "gaussian_nll_loss hinge_embedding_loss huber_loss kl_div l1_loss margin_ranking_loss mse_loss " +
      "multi_margin_loss multilabel_margin_loss nll_loss poisson_nll_loss smooth_l1_loss soft_margin_loss " +
      "triplet_margin_loss",
  ],
]);

/** The tensors among the arguments, also in lists and tuples; an unknown that may be one. */
function tensorsOf(args: CallArguments): readonly Value[] | UnknownValue {
  if (args.taint !== null && args.taint.awaitsShape !== true) return args.taint;
  const found: Value[] = [];
  const values = [...args.positional, ...args.keywords.values()];
  for (const value of values.flatMap((given) =>
    given.kind === "tuple" || given.kind === "list" ? given.elements : [given],
  )) {
    if (value.kind === "unknown" && !value.isPlain) return value;
    if (value.kind === "tensor") found.push(value);
  }
  const tainted = values.find((value) => value.kind === "list" && value.taint !== null);
  return tainted?.kind === "list" && tainted.taint !== null ? tainted.taint : found;
}

const PRODUCTS = new Set(["matmul", "mm", "bmm"]);

function functionOf(name: string, className: string, { outputs, rule }: GeneralOperation): LibraryFunction {
  return ({ machine, args, range }) => {
    const tensors = tensorsOf(args);
    if ("kind" in tensors) {
      machine.report(tensors);
      return tensors;
    }
    const isProduct = PRODUCTS.has(name) && args.positional.length === 2 && args.keywords.size === 0;
    const product = isProduct ? matrixProduct(machine, { name, className, range }, args.positional) : null;
    if (product !== null) return product;
    if (tensors.length === 0) return unknown(`${className} is applied to something that is not a tensor`, range);
    const record = (inputs: readonly Value[], count: number): Value =>
      recordFunction(machine, { name, className, op: other(name, rule), range, outputs: count }, inputs);
    return outputs === "asMany" ? tuple(tensors.map((tensor) => record([tensor], 1))) : record(tensors, outputs);
  };
}

function entries(
  prefix: string,
  path: string,
  operations: ReadonlyMap<string, GeneralOperation>,
): (readonly [string, LibraryFunction])[] {
  return [...operations].map(
    ([name, operation]) => [path + name, functionOf(name, `${prefix}.${name}`, operation)] as const,
  );
}

export const generalFunctions: ReadonlyMap<string, LibraryFunction> = new Map([
  ...entries("torch", "torch.", shared),
  ...entries("torch", "torch.", onlyFunctions),
  ...entries("F", "torch.nn.functional.", functional),
]);

export const generalMethods: ReadonlyMap<string, LibraryFunction> = new Map(entries("Tensor", "", shared));
