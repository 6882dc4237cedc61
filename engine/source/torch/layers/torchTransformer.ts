/** torch.nn: "Transformer Layers". */
import { plus, times, when, type LayerArguments } from "../layerArguments";
import { isModule } from "../../interpreter/aboutValues";
import { other, type LayerSpec, type LayerSpecs } from "./torchLayerSpec";

const FACTORY = "device=None, dtype=None";

/** Query, key, value and output are projected; key and value may have sizes of their own (Vaswani et al. 2017). */
function attentionParameters(args: LayerArguments): number | null {
  const size = args.size("embed_dim");
  const bias = args.flag("bias");
  const own = (name: string): number | null => (args.isNone(name) ? size : args.size(name));
  return plus(
    times(2, size, size),
    times(size, own("kdim")),
    times(size, own("vdim")),
    when(bias, times(4, size)),
    when(args.flag("add_bias_kv"), times(2, size)),
  );
}

/** The output has the query's shape. */
const multiheadAttention: LayerSpec = {
  signature:
    "embed_dim, num_heads, dropout=0.0, bias=True, add_bias_kv=False, add_zero_attn=False, kdim=None, " +
    `vdim=None, batch_first=False, ${FACTORY}`,
  build: (args, className) => ({
    op: other(className, { rule: "same" }),
    parameters: attentionParameters(args),
    outputs: 2,
  }),
};

/** Attentions, two Linear layers and a normalization for each of them. */
function blockParameters(args: LayerArguments, attentions: number): number | null {
  const size = args.size("d_model");
  const inner = args.size("dim_feedforward");
  const bias = args.flag("bias");
  const attention = plus(times(4, size, size), when(bias, times(4, size)));
  const linear = plus(times(2, size, inner), when(bias, plus(size, inner)));
  const norm = plus(size, when(bias, size));
  return plus(times(attentions, attention), linear, times(attentions + 1, norm));
}

function block(attentions: number): LayerSpec {
  return {
    signature:
      "d_model, nhead, dim_feedforward=2048, dropout=0.1, activation=None, layer_norm_eps=1e-05, " +
      `batch_first=False, norm_first=False, bias=True, ${FACTORY}`,
    build: (args, className) => ({
      op: other(className, { rule: "same" }),
      parameters: blockParameters(args, attentions),
    }),
  };
}

/** Copies of a layer; one of the user's own is not counted. */
function stack(layerName: string, signature: string): LayerSpec {
  const count = (args: LayerArguments, name: string): number | null => {
    const value = args.known(name);
    return isModule(value) ? (value.module.layer?.parameters ?? null) : null;
  };
  return {
    signature,
    build: (args, className) => {
      const each = count(args, layerName);
      if (each === null) args.fail(`NormLens does not count the layers of this ${className}`);
      return {
        op: other(className, { rule: "same" }),
        parameters: plus(times(args.size("num_layers"), each), args.isNone("norm") ? 0 : count(args, "norm")),
      };
    },
  };
}

const transformer: LayerSpec = {
  signature:
    "d_model=512, nhead=8, num_encoder_layers=6, num_decoder_layers=6, dim_feedforward=2048, dropout=0.1, " +
    "activation=None, custom_encoder=None, custom_decoder=None, layer_norm_eps=1e-05, batch_first=False, " +
    `norm_first=False, bias=True, ${FACTORY}`,
  build: (args, className) => {
    const isPlain = args.isNone("custom_encoder") && args.isNone("custom_decoder");
    if (!isPlain) args.fail("NormLens does not count the parts of this Transformer");
    const size = args.size("d_model");
    const norm = plus(size, when(args.flag("bias"), size));
    const parameters = plus(
      times(args.size("num_encoder_layers"), blockParameters(args, 1)),
      times(args.size("num_decoder_layers"), blockParameters(args, 2)),
      times(2, norm),
    );
    return { op: other(className, null), parameters: isPlain ? parameters : null };
  },
};

export const transformerLayers: LayerSpecs = {
  MultiheadAttention: multiheadAttention,
  TransformerEncoderLayer: block(1),
  TransformerDecoderLayer: block(2),
  TransformerEncoder: stack(
    "encoder_layer",
    "encoder_layer, num_layers, norm=None, enable_nested_tensor=True, mask_check=True",
  ),
  TransformerDecoder: stack("decoder_layer", "decoder_layer, num_layers, norm=None"),
  Transformer: transformer,
};
