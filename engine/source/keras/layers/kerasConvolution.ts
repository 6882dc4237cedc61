/** keras.io, "Convolution layers". */
import type { LayerOp } from "../../../protocol/layerOps";
import type { OpenShape } from "../../interpreter/values";
import { plus, when } from "../../torch/layerArguments";
import {
  isLinear,
  times,
  type BuiltCall,
  type KerasLayerSpec,
  type KerasLayerSpecs,
  type LayerCall,
} from "../kerasLayerSpec";

interface Window {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilation: readonly number[];
  readonly padding: string;
}

export function readWindow({ args, fail, className }: LayerCall, dims: number): Window | null {
  const kernel = args.sizes("kernel_size", dims);
  const strides = args.sizes("strides", dims);
  const dilation = args.sizes("dilation_rate", dims);
  const padding = args.text("padding")?.toLowerCase() ?? null;
  if (kernel === null || strides === null || dilation === null || padding === null) return null;
  if (["valid", "same", "causal"].includes(padding)) return { kernel, strides, dilation, padding };
  fail(`NormLens does not know the padding ${padding} of this ${className}`);
  return null;
}

/** Sizes taken apart into the channels and the axes a window moves over. */
interface Parts {
  readonly channels: number | null;
  readonly spatial: OpenShape;
}

/** A layer takes inputs of one rank only, so of an unknown input the number of axes is known. */
export function partsOf(call: LayerCall, dims: number): Parts | null {
  const { input, channelsFirst } = call;
  if (channelsFirst === null) return null;
  if (input === null) return { channels: null, spatial: Array.from({ length: dims }, () => null) };
  if (input.length !== dims + 1) {
    call.fail(
      `${call.className} takes ${dims} axes and the channels, not ${input.length} axes (Keras raises a ValueError)`,
    );
    return null;
  }
  return channelsFirst
    ? { channels: input[0] ?? null, spatial: input.slice(1) }
    : { channels: input.at(-1) ?? null, spatial: input.slice(0, -1) };
}

export function joined({ channelsFirst }: LayerCall, channels: number | null, spatial: OpenShape): OpenShape {
  return channelsFirst === true ? [channels, ...spatial] : [...spatial, channels];
}

/** keras/src/ops/operation_utils.py, compute_conv_output_shape. */
export function windowed(
  call: LayerCall,
  spatial: OpenShape,
  { kernel, strides, dilation, padding }: Window,
): OpenShape | null {
  const sizes = spatial.map((length, axis) => {
    if (length === null) return null;
    const stride = strides[axis] ?? 1;
    const reach = (dilation[axis] ?? 1) * ((kernel[axis] ?? 1) - 1);
    return padding === "valid" ? Math.ceil((length - reach) / stride) : Math.ceil(length / stride);
  });
  if (!sizes.some((size) => size !== null && size < 1)) return sizes;
  call.fail(
    `the input of this ${call.className} is smaller than its kernel of ${kernel.join("×")} (Keras raises a ValueError)`,
  );
  return null;
}

/** keras/src/ops/operation_utils.py, compute_conv_transpose_output_shape. */
function transposedSizes(call: LayerCall, spatial: OpenShape, window: Window): OpenShape | null {
  const given = call.args.isNone("output_padding") ? null : call.args.sizes("output_padding", spatial.length);
  return spatial.map((length, axis) => {
    if (length === null) return null;
    const stride = window.strides[axis] ?? 1;
    const kernel = ((window.kernel[axis] ?? 1) - 1) * (window.dilation[axis] ?? 1) + 1;
    if (given === null) return length * stride + (window.padding === "valid" ? Math.max(kernel - stride, 0) : 0);
    const cut = window.padding === "valid" ? 0 : 2 * Math.floor(kernel / 2);
    return (length - 1) * stride + kernel - cut + (given[axis] ?? 0);
  });
}

function weightedSum(call: LayerCall, dims: number, outChannels: number | null, bias: boolean | null): LayerOp {
  const { className, args } = call;
  const { channelsFirst, isFormatWritten } = call;
  const isKnown = outChannels !== null && bias !== null && channelsFirst !== null;
  if (!isKnown || !isLinear(args.value("activation"))) return { kind: "other", className };
  return {
    kind: "other",
    className,
    weightedSum: {
      outChannels,
      bias,
      channelAxis: channelsFirst ? 0 : dims,
      isAxisWritten: isFormatWritten,
    },
  };
}

interface Weights {
  readonly outChannels: number | null;
  /** Without biases. */
  readonly count: number | null;
}

function convolution(
  dims: number,
  signature: string,
  weigh: (call: LayerCall, window: Window, channels: number | null) => Weights,
  transposed = false,
): KerasLayerSpec {
  return {
    signature,
    build: (call): BuiltCall => {
      const window = readWindow(call, dims);
      const parts = partsOf(call, dims);
      const bias = call.args.flag("use_bias");
      if (window === null) return { sizes: null, parameters: null };
      const { outChannels, count } = weigh(call, window, parts?.channels ?? null);
      const spatial =
        parts === null
          ? null
          : transposed
            ? transposedSizes(call, parts.spatial, window)
            : windowed(call, parts.spatial, window);
      return {
        sizes: spatial === null ? null : joined(call, outChannels, spatial),
        parameters: plus(count, when(bias, outChannels)),
        op: weightedSum(call, dims, outChannels, bias),
      };
    },
  };
}

function standardWeights(call: LayerCall, { kernel }: Window, channels: number | null): Weights {
  const outChannels = call.args.size("filters");
  const groups = call.args.isNone("groups") ? 1 : call.args.size("groups");
  if (groups === null || groups === 0) return { outChannels, count: null };
  if (channels !== null && channels % groups !== 0)
    call.fail(`${call.className} has ${groups} groups for ${channels} channels (Keras raises a ValueError)`);
  return { outChannels, count: times(channels === null ? null : channels / groups, outChannels, ...kernel) };
}

function separableWeights(call: LayerCall, { kernel }: Window, channels: number | null): Weights {
  const outChannels = call.args.size("filters");
  const deep = times(channels, call.args.size("depth_multiplier"));
  return { outChannels, count: plus(times(deep, ...kernel), times(deep, outChannels)) };
}

function depthwiseWeights(call: LayerCall, { kernel }: Window, channels: number | null): Weights {
  const outChannels = times(channels, call.args.size("depth_multiplier"));
  return { outChannels, count: times(outChannels, ...kernel) };
}

const CONV =
  "filters, kernel_size, strides=1, padding='valid', data_format=None, dilation_rate=1, groups=1, " +
  "activation=None, use_bias=True";
const CONV_1D = CONV;
const TRANSPOSED =
  "filters, kernel_size, strides=1, padding='valid', data_format=None, dilation_rate=1, activation=None, " +
  "use_bias=True, output_padding=None, groups=None";
const SEPARABLE =
  "filters, kernel_size, strides=1, padding='valid', data_format=None, dilation_rate=1, depth_multiplier=1, " +
  "activation=None, use_bias=True";
const DEPTHWISE =
  "kernel_size, strides=1, padding='valid', depth_multiplier=1, data_format=None, dilation_rate=1, " +
  "activation=None, use_bias=True";

export const convolutionLayers: KerasLayerSpecs = {
  Conv1D: convolution(1, CONV_1D, standardWeights),
  Conv2D: convolution(2, CONV, standardWeights),
  Conv3D: convolution(3, CONV, standardWeights),
  Conv1DTranspose: convolution(1, TRANSPOSED, standardWeights, true),
  Conv2DTranspose: convolution(2, TRANSPOSED, standardWeights, true),
  Conv3DTranspose: convolution(3, TRANSPOSED, standardWeights, true),
  SeparableConv1D: convolution(1, SEPARABLE, separableWeights),
  SeparableConv2D: convolution(2, SEPARABLE, separableWeights),
  DepthwiseConv1D: convolution(1, DEPTHWISE, depthwiseWeights),
  DepthwiseConv2D: convolution(2, DEPTHWISE, depthwiseWeights),
};
