/** torch.nn: "Pooling Layers", "Padding Layers" and "Vision Layers". */
import type { LayerOp, PaddingMode, Rearrangement, UpsampleOp } from "../../../protocol/layerOps";
import type { Value } from "../../interpreter/values";
import type { LayerArguments } from "../layerArguments";
import {
  forSequences,
  other,
  overImage,
  padded,
  type BuiltLayer,
  type LayerSpec,
  type LayerSpecs,
} from "./torchLayerSpec";

interface Pooling {
  readonly kernelSize: readonly number[];
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  readonly dilation: readonly number[];
  readonly ceilMode: boolean;
}

/** The stride of a pooling is its kernel unless it says otherwise. */
function readPooling(args: LayerArguments, dims: number, dilated: boolean): Pooling | null {
  const kernelSize = args.sizes("kernel_size", dims);
  const stride = args.isNone("stride") ? kernelSize : args.sizes("stride", dims);
  const padding = args.sizes("padding", dims);
  const dilation = dilated ? args.sizes("dilation", dims) : Array.from({ length: dims }, () => 1);
  const ceilMode = args.flag("ceil_mode");
  if (kernelSize === null || stride === null || padding === null || dilation === null || ceilMode === null) return null;
  return { kernelSize, stride, padding, dilation, ceilMode };
}

function pooling(dims: 1 | 2 | 3, signature: string, dilated: boolean): LayerSpec {
  return {
    signature,
    build: (args, className): BuiltLayer => {
      const read = readPooling(args, dims, dilated);
      if (read === null) return { op: null, parameters: 0 };
      // With return_indices a call gives two tensors.
      const outputs = dilated && args.flag("return_indices") !== false ? 2 : 1;
      const isTrained = dims !== 3 && outputs === 1;
      const trained = !isTrained ? null : dilated ? maximumOp(read, dims) : averageOp(args, read, dims);
      return {
        op: trained ?? other(className, { rule: "window", ...read, padding: read.padding.map((side) => 2 * side) }),
        parameters: 0,
        outputs,
      };
    },
  };
}

function maximumOp({ kernelSize, stride, padding: sides, dilation, ceilMode }: Pooling, dims: 1 | 2): LayerOp {
  return {
    kind: "maxPool2d",
    ...forSequences(dims),
    ceilMode,
    kernelSize: overImage(kernelSize, 1),
    stride: overImage(stride, 1),
    padding: overImage(sides, 0),
    dilation: overImage(dilation, 1),
  };
}

/** null where sums are divided by something else than their number. */
function averageOp(
  args: LayerArguments,
  { kernelSize, stride, padding: sides, ceilMode }: Pooling,
  dims: 1 | 2,
): LayerOp | null {
  const countIncludePad = args.flag("count_include_pad");
  if (countIncludePad === null || !args.isNone("divisor_override")) return null;
  return {
    kind: "avgPool2d",
    ...forSequences(dims),
    kernelSize: overImage(kernelSize, 1),
    stride: overImage(stride, 1),
    padding: overImage(sides, 0),
    ceilMode,
    countIncludePad,
  };
}

const MAX_POOL = "kernel_size, stride=None, padding=0, dilation=1, return_indices=False, ceil_mode=False";
const AVERAGE_POOL_1D = "kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True";
const AVERAGE_POOL = `${AVERAGE_POOL_1D}, divisor_override=None`;

/** The p-norm of each window. */
function powerPooling(dims: 1 | 2 | 3): LayerSpec {
  return {
    signature: "norm_type, kernel_size, stride=None, ceil_mode=False",
    build: (args, className) => {
      const kernelSize = args.sizes("kernel_size", dims);
      const stride = args.isNone("stride") ? kernelSize : args.sizes("stride", dims);
      const ceilMode = args.flag("ceil_mode");
      if (kernelSize === null || stride === null || ceilMode === null) return { op: null, parameters: 0 };
      const dilation = kernelSize.map(() => 1);
      const padding = kernelSize.map(() => 0);
      return {
        op: other(className, { rule: "window", kernelSize, stride, padding, dilation, ceilMode }),
        parameters: 0,
      };
    },
  };
}

function adaptive(dims: 1 | 2 | 3, signature: string): LayerSpec {
  return {
    signature,
    build: (args, className) => {
      const size = args.optionalSizes("output_size", dims);
      if (size === null) return { op: null, parameters: 0 };
      const isMaximum = signature.includes("return_indices");
      const outputs = isMaximum && args.flag("return_indices") !== false ? 2 : 1;
      if (dims === 3 || outputs > 1) return { op: other(className, { rule: "resize", size }), parameters: 0, outputs };
      return {
        op: {
          kind: isMaximum ? "adaptiveMaxPool2d" : "adaptiveAvgPool2d",
          ...forSequences(dims),
          outputSize: overImage<number | null>(size, 1),
        },
        parameters: 0,
      };
    },
  };
}

/** Padding layers take left and right of the last axis first. */
function padding(dims: number, signature: string): LayerSpec {
  return {
    signature,
    build: (args, className) => {
      const value = args.value("padding");
      const isList = value.kind === "tuple" || value.kind === "list";
      const sides = isList
        ? args.sizes("padding", 2 * dims, -Infinity)
        : args.sizes("padding", dims, -Infinity)?.flatMap((side) => [side, side]);
      if (sides === null || sides === undefined) return { op: null, parameters: 0 };
      const amounts = Array.from({ length: dims }, (_, axis) => {
        const from = 2 * (dims - 1 - axis);
        return (sides[from] ?? 0) + (sides[from + 1] ?? 0);
      });
      const mode = paddingMode(args, className);
      return {
        op:
          mode === null
            ? other(className, { rule: "pad", amounts })
            : { kind: "rearrange", rearrangement: padded(sides, mode) },
        parameters: 0,
      };
    },
  };
}

/** null for a constant other than zero. */
function paddingMode(args: LayerArguments, className: string): PaddingMode | null {
  if (className.startsWith("Reflection")) return "reflect";
  if (className.startsWith("Replication")) return "replicate";
  if (className.startsWith("Circular")) return "circular";
  return className.startsWith("Zero") || args.number("value") === 0 ? "zeros" : null;
}

/** How many axes after the channels each mode of nn.Upsample works on; the nearest neighbour works on one to three. */
const UPSAMPLE_DIMS: Readonly<Record<string, number>> = { linear: 1, bilinear: 2, bicubic: 2, trilinear: 3 };

function upsampling(signature: string, modeOf: (args: LayerArguments) => string | null): LayerSpec {
  return {
    signature,
    build: (args, className) => {
      const mode = modeOf(args);
      const dims = UPSAMPLE_DIMS[mode ?? ""] ?? null;
      const to = args.isNone("size") ? scaleRule(args, dims) : resizeRule(args, dims);
      return { op: (to === null ? null : upsampleOp(args, mode, to)) ?? other(className, to), parameters: 0 };
    },
  };
}

/** null for what the engine has not: other modes, smoothing, and a factor that is only there to work the size out. */
function upsampleOp(args: LayerArguments, mode: string | null, to: UpsampleOp["to"]): UpsampleOp | null {
  const isOff = (name: string): boolean => args.isNone(name) || isFalse(args.value(name));
  const isAligned = args.value("align_corners");
  const isAlignmentKnown = isAligned.kind === "none" || isAligned.kind === "bool";
  if (
    (mode !== "nearest" && mode !== "linear" && mode !== "bilinear") ||
    !isAlignmentKnown ||
    !isOff("antialias") ||
    !isOff("recompute_scale_factor")
  )
    return null;
  return { kind: "upsample", mode, alignCorners: isAligned.kind === "bool" && isAligned.value, to };
}

const isFalse = (value: Value): boolean => value.kind === "bool" && !value.value;

function sizeCount(value: Value): number | null {
  return value.kind === "tuple" || value.kind === "list" ? value.elements.length : null;
}

function resizeRule(args: LayerArguments, dims: number | null): UpsampleOp["to"] | null {
  const axes = dims ?? sizeCount(args.value("size"));
  const size = axes === null ? null : args.sizes("size", axes);
  return size === null ? null : { rule: "resize", size };
}

/** One factor scales every axis after the channels: a rule with a single factor says so where their number is open. */
function scaleRule(args: LayerArguments, dims: number | null): UpsampleOp["to"] | null {
  const value = args.known("scale_factor");
  const factors =
    value.kind === "tuple" || value.kind === "list" ? value.elements : Array.from({ length: dims ?? 1 }, () => value);
  const numbers = factors.map((factor) => (factor.kind === "int" || factor.kind === "float" ? factor.value : null));
  return numbers.includes(null) || numbers.length === 0 ? null : { rule: "scale", factors: numbers as number[] };
}

const upsample = upsampling(
  "size=None, scale_factor=None, mode='nearest', align_corners=None, recompute_scale_factor=None",
  (args) => args.text("mode"),
);
/** Of UpsamplingNearest2d and UpsamplingBilinear2d, whose corners are aligned. */
const upsampling2d = (mode: "nearest" | "bilinear"): LayerSpec => ({
  signature: "size=None, scale_factor=None",
  build: (args, className) => {
    const to = args.isNone("size") ? scaleRule(args, 2) : resizeRule(args, 2);
    return {
      op: to === null ? other(className, null) : { kind: "upsample", mode, alignCorners: mode === "bilinear", to },
      parameters: 0,
    };
  },
});

/** Layers that move values between channels and pixels, by one number. */
function shuffle(argument: string, rearrangement: (value: number) => Rearrangement): LayerSpec {
  return {
    signature: argument,
    build: (args, className) => {
      const value = args.value(argument);
      const isKnown = value.kind === "int" && value.value > 0;
      return {
        op: isKnown ? { kind: "rearrange", rearrangement: rearrangement(value.value) } : other(className, null),
        parameters: 0,
      };
    },
  };
}

export const poolingLayers: LayerSpecs = {
  MaxPool1d: pooling(1, MAX_POOL, true),
  MaxPool2d: pooling(2, MAX_POOL, true),
  MaxPool3d: pooling(3, MAX_POOL, true),
  AvgPool1d: pooling(1, AVERAGE_POOL_1D, false),
  AvgPool2d: pooling(2, AVERAGE_POOL, false),
  AvgPool3d: pooling(3, AVERAGE_POOL, false),
  AdaptiveAvgPool1d: adaptive(1, "output_size"),
  AdaptiveAvgPool2d: adaptive(2, "output_size"),
  AdaptiveAvgPool3d: adaptive(3, "output_size"),
  AdaptiveMaxPool1d: adaptive(1, "output_size, return_indices=False"),
  AdaptiveMaxPool2d: adaptive(2, "output_size, return_indices=False"),
  AdaptiveMaxPool3d: adaptive(3, "output_size, return_indices=False"),
  ConstantPad1d: padding(1, "padding, value"),
  ConstantPad2d: padding(2, "padding, value"),
  ConstantPad3d: padding(3, "padding, value"),
  ReflectionPad1d: padding(1, "padding"),
  ReflectionPad2d: padding(2, "padding"),
  ReflectionPad3d: padding(3, "padding"),
  ReplicationPad1d: padding(1, "padding"),
  ReplicationPad2d: padding(2, "padding"),
  ReplicationPad3d: padding(3, "padding"),
  ZeroPad1d: padding(1, "padding"),
  ZeroPad2d: padding(2, "padding"),
  ZeroPad3d: padding(3, "padding"),
  CircularPad1d: padding(1, "padding"),
  CircularPad2d: padding(2, "padding"),
  CircularPad3d: padding(3, "padding"),
  LPPool1d: powerPooling(1),
  LPPool2d: powerPooling(2),
  LPPool3d: powerPooling(3),
  Upsample: upsample,
  UpsamplingNearest2d: upsampling2d("nearest"),
  UpsamplingBilinear2d: upsampling2d("bilinear"),
  ChannelShuffle: shuffle("groups", (groups) => ({ rule: "channelShuffle", groups })),
  PixelShuffle: shuffle("upscale_factor", (factor) => ({ rule: "pixelShuffle", factor })),
  PixelUnshuffle: shuffle("downscale_factor", (factor) => ({ rule: "pixelUnshuffle", factor })),
};
