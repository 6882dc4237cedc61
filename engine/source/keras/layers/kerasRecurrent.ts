/** keras.io, "Recurrent layers", with the wrappers around them. */
import type { OpenShape } from "../../interpreter/values";
import { plus, when } from "../../torch/layerArguments";
import { joined, partsOf, readWindow, windowed } from "./kerasConvolution";
import { times, type BuiltCall, type KerasLayerSpec, type KerasLayerSpecs, type LayerCall } from "../kerasLayerSpec";

const TAIL =
  "activation='tanh', recurrent_activation='sigmoid', use_bias=True, unit_forget_bias=True, dropout=0.0, " +
  "recurrent_dropout=0.0, return_sequences=False, return_state=False, go_backwards=False, stateful=False, " +
  "unroll=False, reset_after=True, implementation=2, time_major=False, use_cudnn='auto'";

/** Per gate: weights of the input, weights of the state, and `biases` vectors of biases. */
function recurrent(gates: number, states: number, biasesOf: (call: LayerCall) => number | null): KerasLayerSpec {
  return {
    signature: `units, ${TAIL}`,
    build: (call): BuiltCall => {
      const { args, input } = call;
      const units = args.size("units");
      const features = input?.at(-1) ?? null;
      const biases = times(biasesOf(call), units);
      const parameters = times(
        gates,
        plus(times(features, units), times(units, units), when(args.flag("use_bias"), biases)),
      );
      const sequences = args.flag("return_sequences");
      const returnsState = args.flag("return_state");
      if (input !== null && input.length !== 2)
        call.fail(
          `${call.className} takes time steps and features, not ${input.length} axes (Keras raises a ValueError)`,
        );
      const sizes: OpenShape | null =
        sequences === null || input?.length !== 2 ? null : sequences ? [input[0] ?? null, units] : [units];
      const more = returnsState === true ? Array.from({ length: states }, () => [units]) : [];
      return { sizes, parameters, more };
    },
  };
}

const one = (): number => 1;
const two = (): number => 2;

/** A GRU that resets after the product has a separate bias for the state. */
const gruBiases = ({ args }: LayerCall): number | null => {
  const after = args.flag("reset_after");
  return after === null ? null : 1 + Number(after);
};

/** Convolutions of the input and of the state for each of four gates (Shi et al. 2015). */
function convolutionalLstm(dims: number): KerasLayerSpec {
  return {
    signature:
      "filters, kernel_size, strides=1, padding='valid', data_format=None, dilation_rate=1, activation='tanh', " +
      "recurrent_activation='sigmoid', use_bias=True, unit_forget_bias=True, dropout=0.0, recurrent_dropout=0.0, " +
      "return_sequences=False, return_state=False, go_backwards=False, stateful=False",
    build: (call): BuiltCall => {
      const { args, input } = call;
      const step = { ...call, input: input?.slice(1) ?? null };
      const parts = partsOf(step, dims);
      const window = readWindow(call, dims);
      const filters = args.size("filters");
      const sequences = args.flag("return_sequences");
      const state = args.flag("return_state");
      if (window === null || parts === null) return { sizes: null, parameters: null };
      const kernel = times(...window.kernel);
      const perGate = plus(
        times(kernel, parts.channels, filters),
        times(kernel, filters, filters),
        when(args.flag("use_bias"), filters),
      );
      const spatial = windowed(step, parts.spatial, window);
      const last = spatial === null ? null : joined(step, filters, spatial);
      const sizes = last === null || sequences === null ? null : sequences ? [input?.[0] ?? null, ...last] : last;
      return { sizes, parameters: times(4, perGate), more: state === true ? [last, last] : [] };
    },
  };
}

/** The wrapped layer in both directions, with separate weights for each. */
const bidirectional: KerasLayerSpec = {
  signature: "layer, merge_mode='concat', weights=None, backward_layer=None",
  build: (call) => {
    const { args, input } = call;
    const built = call.inner(args.value("layer"), input);
    const isPlain =
      built !== null && args.isNone("backward_layer") && (built.more?.length ?? 0) === 0 && !args.isNone("merge_mode");
    if (!isPlain) {
      call.fail("NormLens does not follow this Bidirectional: its layer, its merge mode or its states");
      return { sizes: null, parameters: null };
    }
    const joins = args.text("merge_mode") === "concat";
    const { sizes } = built;
    return {
      sizes: sizes === null ? null : [...sizes.slice(0, -1), times(sizes.at(-1), joins ? 2 : 1)],
      parameters: times(2, built.parameters),
    };
  },
};

export const recurrentLayers: KerasLayerSpecs = {
  LSTM: recurrent(4, 2, one),
  GRU: recurrent(3, 1, gruBiases),
  SimpleRNN: recurrent(1, 1, one),
  CuDNNLSTM: recurrent(4, 2, two),
  CuDNNGRU: recurrent(3, 1, two),
  ConvLSTM1D: convolutionalLstm(1),
  ConvLSTM2D: convolutionalLstm(2),
  ConvLSTM3D: convolutionalLstm(3),
  Bidirectional: bidirectional,
};
