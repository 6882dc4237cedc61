/** torch.nn: "Recurrent Layers". */
import { plus, times, when, type LayerArguments } from "../layerArguments";
import { other, type LayerSpec, type LayerSpecs } from "./torchLayerSpec";

/** What a recurrent layer's arguments say, of which each part may be unknown. */
interface Recurrent {
  readonly input: number | null;
  readonly hidden: number | null;
  readonly layers: number | null;
  readonly directions: number | null;
  readonly bias: boolean | null;
  /** The size of what a step gives on; 0 is that of the hidden state. */
  readonly projection: number | null;
}

function readRecurrent(args: LayerArguments): Recurrent {
  const bidirectional = args.flag("bidirectional");
  return {
    input: args.size("input_size"),
    hidden: args.size("hidden_size"),
    layers: args.size("num_layers"),
    directions: bidirectional === null ? null : bidirectional ? 2 : 1,
    bias: args.flag("bias"),
    projection: args.size("proj_size"),
  };
}

/** torch.nn.LSTM, "Variables": per layer and direction W_ih, W_hh and two biases for each gate; W_hr to project. */
function recurrentParameters(
  { input, hidden, layers, directions, bias, projection }: Recurrent,
  gates: number,
): number | null {
  if (layers === null || layers < 1 || projection === null) return null;
  const step = projection === 0 ? hidden : projection;
  const projected = projection === 0 ? 0 : times(projection, hidden);
  const layer = (inputSize: number | null): number | null => {
    const perGate = plus(times(inputSize, hidden), times(step, hidden), when(bias, times(2, hidden)));
    return times(directions, plus(times(gates, perGate), projected));
  };
  return plus(layer(input), times(layers - 1, layer(times(step, directions))));
}

/** The output keeps the axes of the input, except for the features. An LSTM returns its state in two parts. */
function recurrent(gates: number, signature: string): LayerSpec {
  return {
    signature,
    build: (args, className) => {
      const read = readRecurrent(args);
      const step = read.projection === 0 ? read.hidden : read.projection;
      const size = times(step, read.directions);
      return {
        op: other(className, size === null ? null : { rule: "narrow", axis: -1, size }),
        parameters: recurrentParameters(read, gates),
        ...(className === "LSTM" ? { outputs: 3, restIsTuple: true } : { outputs: 2 }),
      };
    },
  };
}

/** One step: W_ih, W_hh and two biases for each gate. */
function cell(gates: number, signature: string): LayerSpec {
  return {
    signature: `input_size, hidden_size, bias=True, ${signature}device=None, dtype=None`,
    build: (args, className) => {
      const hidden = args.size("hidden_size");
      return {
        op: other(className, hidden === null ? null : { rule: "narrow", axis: -1, size: hidden }),
        parameters: times(
          gates,
          plus(
            times(args.size("input_size"), hidden),
            times(hidden, hidden),
            when(args.flag("bias"), times(2, hidden)),
          ),
        ),
        outputs: className === "LSTMCell" ? 2 : 1,
      };
    },
  };
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
  LSTMCell: cell(4, ""),
  GRUCell: cell(3, ""),
  RNNCell: cell(1, "nonlinearity='tanh', "),
};
