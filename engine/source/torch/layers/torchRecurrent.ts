/** torch.nn: "Recurrent Layers" and "Transformer Layers", as far as their parameters can be counted by a formula. */
import { plus, times, when, type LayerArguments } from "../layerArguments";
import { other, type LayerSpec, type LayerSpecs } from "./torchLayerSpec";

/** torch.nn.LSTM, "Variables": per layer and direction W_ih, W_hh and two biases, for each gate. */
function recurrent(gates: number, signature: string): LayerSpec {
  return {
    signature,
    build: (args, className) => ({
      op: other(className, null),
      parameters: recurrentParameters(args, gates),
      outputs: 2,
    }),
  };
}

function recurrentParameters(args: LayerArguments, gates: number): number | null {
  const input = args.size("input_size");
  const hidden = args.size("hidden_size");
  const layers = args.size("num_layers");
  const bidirectional = args.flag("bidirectional");
  const projection = args.size("proj_size");
  const bias = args.flag("bias");
  if (hidden === null || layers === null || bidirectional === null || projection !== 0) return null;
  const directions = bidirectional ? 2 : 1;
  const layer = (inputSize: number | null): number | null =>
    times(directions, gates, plus(times(inputSize, hidden), times(hidden, hidden), when(bias, 2 * hidden)));
  return plus(layer(input), times(Math.max(0, layers - 1), layer(hidden * directions)));
}

const TAIL =
  "num_layers=1, bias=True, batch_first=False, dropout=0.0, bidirectional=False, proj_size=0, device=None, dtype=None";

export const recurrentLayers: LayerSpecs = {
  LSTM: recurrent(4, `input_size, hidden_size, ${TAIL}`),
  GRU: recurrent(3, `input_size, hidden_size, ${TAIL}`),
  RNN: recurrent(
    1,
    "input_size, hidden_size, num_layers=1, nonlinearity='tanh', bias=True, batch_first=False, dropout=0.0, " +
      "bidirectional=False, proj_size=0, device=None, dtype=None",
  ),
  MultiheadAttention: {
    signature:
      "embed_dim, num_heads, dropout=0.0, bias=True, add_bias_kv=False, add_zero_attn=False, kdim=None, " +
      "vdim=None, batch_first=False, device=None, dtype=None",
    build: (args, className) => {
      const size = args.size("embed_dim");
      const isPlain = args.isNone("kdim") && args.isNone("vdim") && args.flag("add_bias_kv") === false;
      const count = plus(times(4, size, size), when(args.flag("bias"), times(4, size)));
      return { op: other(className, null), parameters: isPlain ? count : null, outputs: 2 };
    },
  },
};
