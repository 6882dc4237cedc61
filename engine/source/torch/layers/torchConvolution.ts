/** torch.nn: "Convolution Layers". */
import type { LayerOp, PaddingMode } from "../../../protocol/layerOps";
import { plus, times, when, type LayerArguments } from "../layerArguments";
import { forSequences, other, overImage, type BuiltLayer, type LayerSpec, type LayerSpecs } from "./torchLayerSpec";

const CONVOLUTION =
  "in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, groups=1, bias=True, " +
  "padding_mode='zeros', device=None, dtype=None";
const TRANSPOSED =
  "in_channels, out_channels, kernel_size, stride=1, padding=0, output_padding=0, groups=1, bias=True, " +
  "dilation=1, padding_mode='zeros', device=None, dtype=None";

function convolutionParameters(args: LayerArguments, dims: number): number | null {
  const groups = args.size("groups");
  const kernel = args.sizes("kernel_size", dims);
  const inChannels = args.size("in_channels");
  const outChannels = args.size("out_channels");
  if (groups === null || groups === 0 || inChannels === null) return null;
  return plus(times(inChannels / groups, outChannels, ...(kernel ?? [null])), when(args.flag("bias"), outChannels));
}

interface Convolution {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernelSize: readonly number[];
  readonly stride: readonly number[];
  readonly dilation: readonly number[];
  /** Total of both sides. */
  readonly padding: readonly number[];
}

function readConvolution(args: LayerArguments, dims: number): Convolution | null {
  const inChannels = args.size("in_channels");
  const outChannels = args.size("out_channels");
  const kernelSize = args.sizes("kernel_size", dims);
  const stride = args.sizes("stride", dims);
  const dilation = args.sizes("dilation", dims);
  if (kernelSize === null || dilation === null) return null;
  const padding = totalPadding(args, kernelSize, dilation);
  if (inChannels === null || outChannels === null || stride === null || padding === null) return null;
  return { inChannels, outChannels, kernelSize, stride, dilation, padding };
}

/** `padding="same"` pads by dilation·(kernel − 1) in all, which is odd for an even kernel. */
function totalPadding(
  args: LayerArguments,
  kernelSize: readonly number[],
  dilation: readonly number[],
): readonly number[] | null {
  const value = args.value("padding");
  if (value.kind !== "string") return args.sizes("padding", kernelSize.length)?.map((side) => 2 * side) ?? null;
  if (value.value === "valid") return kernelSize.map(() => 0);
  return value.value === "same" ? kernelSize.map((size, axis) => (dilation[axis] ?? 1) * (size - 1)) : null;
}

function windowOp(className: string, convolution: Convolution): LayerOp {
  return other(className, { rule: "window", ceilMode: false, ...convolution });
}

function convolution(dims: number): LayerSpec {
  return {
    signature: CONVOLUTION,
    build: (args, className): BuiltLayer => {
      const read = readConvolution(args, dims);
      return { op: read === null ? null : windowOp(className, read), parameters: convolutionParameters(args, dims) };
    },
  };
}

const PADDING_MODES = ["zeros", "reflect", "replicate", "circular"] as const satisfies readonly PaddingMode[];

const trainedConvolution = (dims: 1 | 2): LayerSpec => ({
  signature: CONVOLUTION,
  build: (args, className) => {
    const read = readConvolution(args, dims);
    const groups = args.size("groups");
    const bias = args.flag("bias");
    const parameters = convolutionParameters(args, dims);
    if (read === null || groups === null || bias === null || parameters === null) return { op: null, parameters };
    const paddingMode = PADDING_MODES.find((mode) => mode === args.text("padding_mode"));
    if (paddingMode === undefined) return { op: windowOp(className, read), parameters };
    const isUneven = read.padding.some((total) => total % 2 === 1);
    return {
      op: {
        kind: "conv2d",
        ...forSequences(dims),
        inChannels: read.inChannels,
        outChannels: read.outChannels,
        kernelSize: overImage(read.kernelSize, 1),
        stride: overImage(read.stride, 1),
        padding: overImage(
          read.padding.map((total) => Math.floor(total / 2)),
          0,
        ),
        ...(isUneven
          ? {
              paddingAfter: overImage(
                read.padding.map((total) => Math.ceil(total / 2)),
                0,
              ),
            }
          : {}),
        ...(paddingMode === "zeros" || read.padding.every((total) => total === 0) ? {} : { paddingMode }),
        dilation: overImage(read.dilation, 1),
        groups,
        bias,
      },
      parameters,
    };
  },
});

function transposed(dims: number): LayerSpec {
  return {
    signature: TRANSPOSED,
    build: (args, className) => {
      const read = readConvolution(args, dims);
      const outputPadding = args.sizes("output_padding", dims);
      const groups = args.size("groups");
      const outChannels = args.size("out_channels");
      const perGroup = outChannels === null || groups === null || groups === 0 ? null : outChannels / groups;
      const kernel = args.sizes("kernel_size", dims);
      return {
        op:
          read === null || outputPadding === null
            ? null
            : other(className, { rule: "transposedWindow", ...read, outputPadding }),
        parameters: plus(
          times(args.size("in_channels"), perGroup, ...(kernel ?? [null])),
          when(args.flag("bias"), outChannels),
        ),
      };
    },
  };
}

/** PyTorch itself takes no other padding mode for transposed convolutions than zeros. */
const trainedTransposed = (dims: 1 | 2): LayerSpec => ({
  signature: TRANSPOSED,
  build: (args, className) => {
    const { op, parameters } = transposed(dims).build(args, className);
    const groups = args.size("groups");
    const bias = args.flag("bias");
    const isPlain =
      op?.kind === "other" &&
      op.shapeRule?.rule === "transposedWindow" &&
      args.text("padding_mode") === "zeros" &&
      op.shapeRule.padding.every((total) => total % 2 === 0);
    if (
      !isPlain ||
      op.shapeRule?.rule !== "transposedWindow" ||
      groups === null ||
      bias === null ||
      parameters === null
    )
      return { op, parameters };
    const { inChannels, outChannels, kernelSize, stride, padding, outputPadding, dilation } = op.shapeRule;
    return {
      op: {
        kind: "convTranspose2d",
        ...forSequences(dims),
        inChannels,
        outChannels,
        groups,
        bias,
        kernelSize: overImage(kernelSize, 1),
        stride: overImage(stride, 1),
        padding: overImage(
          padding.map((total) => total / 2),
          0,
        ),
        outputPadding: overImage(outputPadding, 0),
        dilation: overImage(dilation, 1),
      },
      parameters,
    };
  },
});

export const convolutionLayers: LayerSpecs = {
  Conv1d: trainedConvolution(1),
  Conv2d: trainedConvolution(2),
  Conv3d: convolution(3),
  ConvTranspose1d: trainedTransposed(1),
  ConvTranspose2d: trainedTransposed(2),
  ConvTranspose3d: transposed(3),
};
