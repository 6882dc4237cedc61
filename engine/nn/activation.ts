/**
 * Element-wise activations. ReLU max(x, 0) and Sigmoid 1/(1 + e^−x) take their gradients from the output alone; the
 * others (torch.nn, "Non-linear Activations") from the input.
 */
import type { ActivationFunction, ActivationOp } from "../protocol/layerOps";
import { type ActivationBuffer, regionOf } from "./activationBuffer";
import type { Arena } from "./arena";
import type { LayerContext, NetworkLayer } from "./layer";
import type { LayerEntry } from "./layerEntry";

export const activation: LayerEntry<ActivationOp> = { create: createActivation };

interface ActivationKernels {
  forward(arena: Arena, x: ActivationBuffer, y: ActivationBuffer, count: number): void;
  backward(arena: Arena, y: ActivationBuffer, dy: ActivationBuffer, dx: ActivationBuffer, count: number): void;
}

const relu: ActivationKernels = {
  forward({ kernels }, x, y, count) {
    const region = regionOf(count, x, y);
    kernels.relu({ region, x, y, columns: y.columns });
  },
  backward({ kernels }, y, dy, dx, count) {
    const region = regionOf(count, y, dy, dx);
    kernels.reluGradient({ region, y, dy, dx, columns: y.columns });
  },
};

const sigmoid: ActivationKernels = {
  forward({ kernels }, x, y, count) {
    const region = regionOf(count, x, y);
    kernels.sigmoid({ region, x, y, columns: y.columns, channels: y.channels });
  },
  backward({ kernels }, y, dy, dx, count) {
    const region = regionOf(count, y, dy, dx);
    kernels.sigmoidGradient({ region, y, dy, dx, columns: y.columns });
  },
};

/** In the order of the numbers in kernels/assembly/activationKernels.ts. */
const ACTIVATION_CODES: readonly ActivationFunction[] = [
  "leakyRelu",
  "relu6",
  "tanh",
  "elu",
  "gelu",
  "silu",
  "softplus",
  "hardswish",
  "hardsigmoid",
  "mish",
  "hardtanh",
];

/** What the outputs of the last forward pass show, in counts. */
export interface Activity {
  readonly channels: number;
  /** Channels that are zero for every sample and position; null for functions that do not cut off at zero. */
  readonly deadChannels: number | null;
  readonly values: number;
  /**
   * Values at a limit of the function, or within a hundredth of its range of one; null for functions with no limit to
   * get stuck at.
   */
  readonly saturated: number | null;
}

export interface ActivationLayer extends NetworkLayer {
  activity(count: number): Activity;
}

function createActivation(op: ActivationOp, context: LayerContext): ActivationLayer {
  return { ...createFunction(op, context), activity: activityOf(op, context) };
}

function createFunction(op: ActivationOp, context: LayerContext): NetworkLayer {
  if (op.function === "relu") return fromOutput(relu, context);
  return op.function === "sigmoid" ? fromOutput(sigmoid, context) : fromInput(op, context);
}

const CUT_OFF: readonly ActivationFunction[] = ["relu", "relu6"];

/** From where on an output counts as at the limit. The zeros of a ReLU don't count: it is meant to have them. */
function limitsOf({
  function: name,
  parameter = 0,
  upper = 0,
}: ActivationOp): readonly [low: number, high: number] | null {
  const near = (lowest: number, highest: number): readonly [number, number] => [
    lowest + (highest - lowest) / 100,
    highest - (highest - lowest) / 100,
  ];
  switch (name) {
    case "sigmoid":
      return near(0, 1);
    case "tanh":
      return near(-1, 1);
    case "relu6":
      return [0, 6];
    case "hardsigmoid":
      return [0, 1];
    case "hardtanh":
      return [parameter, upper];
    default:
      return null;
  }
}

function activityOf(op: ActivationOp, { arena, output }: LayerContext): ActivationLayer["activity"] {
  const alive = arena.allocateFloats(output.columns);
  const limits = limitsOf(op);
  const [low, high] = limits ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  const { channels, columns } = output;
  return (count) => {
    const region = regionOf(count, output);
    const counted = arena.kernels.activity({ region, y: output, columns, low, high, alive });
    const places = region.images * region.rows * region.positions;
    const padding = low >= 0 || high <= 0 ? places * (columns - channels) : 0;
    const deadChannels = arena.integers(alive, channels).reduce((dead, bits) => dead + Number(bits === 0), 0);
    return {
      channels,
      deadChannels: CUT_OFF.includes(op.function) ? deadChannels : null,
      values: places * channels,
      saturated: limits === null ? null : counted - padding,
    };
  };
}

function fromOutput(activation: ActivationKernels, context: LayerContext): NetworkLayer {
  const { arena, input, output, inputGradient, outputGradient } = context;
  return {
    name: context.name,
    forward: (_mode, count) => activation.forward(arena, input, output, count),
    backward: (count) => {
      if (outputGradient && inputGradient) activation.backward(arena, output, outputGradient, inputGradient, count);
    },
  };
}

function fromInput(
  op: ActivationOp,
  { name, arena, input: x, output: y, inputGradient: dx, outputGradient: dy }: LayerContext,
): NetworkLayer {
  const { kernels } = arena;
  const code = ACTIVATION_CODES.indexOf(op.function);
  const parameter = op.parameter ?? 0;
  const upper = op.upper ?? 0;
  return {
    name,
    forward: (_mode, count) => {
      const region = regionOf(count, x, y);
      kernels.activate({ code, parameter, upper, region, x, y, columns: y.columns, channels: y.channels });
    },
    backward: (count) => {
      if (!dy || !dx) return;
      const region = regionOf(count, x, dy, dx);
      kernels.activateGradient({ code, parameter, upper, region, x, dy, dx, columns: y.columns });
    },
  };
}
