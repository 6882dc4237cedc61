/**
 * Element-wise activations. ReLU max(x, 0) and Sigmoid 1/(1 + e^−x) take their gradients from the output alone; the others
 * (torch.nn, "Non-linear Activations") from the input.
 */
import type { ActivationFunction, ActivationOp } from "../protocol/layerOps";
import { type ActivationBuffer, regionOf } from "./activationBuffer";
import type { Arena } from "./arena";
import type { LayerContext, NetworkLayer } from "./layer";

interface ActivationKernels {
  forward(arena: Arena, x: ActivationBuffer, y: ActivationBuffer, count: number): void;
  backward(arena: Arena, y: ActivationBuffer, dy: ActivationBuffer, dx: ActivationBuffer, count: number): void;
}

const relu: ActivationKernels = {
  forward({ kernels }, x, y, count) {
    const { images, rows, positions } = regionOf(count, x, y);
    kernels.relu(images, rows, positions, x.base, x.image, x.row, x.position, y.base, y.image, y.row, y.position, y.columns);
  },
  backward({ kernels }, y, dy, dx, count) {
    const { images, rows, positions } = regionOf(count, y, dy, dx);
    kernels.reluGradient(
      images, rows, positions, y.base, y.image, y.row, y.position,
      dy.base, dy.image, dy.row, dy.position, dx.base, dx.image, dx.row, dx.position, y.columns,
    );
  },
};

const sigmoid: ActivationKernels = {
  forward({ kernels }, x, y, count) {
    const { images, rows, positions } = regionOf(count, x, y);
    kernels.sigmoid(images, rows, positions, x.base, x.image, x.row, x.position, y.base, y.image, y.row, y.position, y.columns, y.channels);
  },
  backward({ kernels }, y, dy, dx, count) {
    const { images, rows, positions } = regionOf(count, y, dy, dx);
    kernels.sigmoidGradient(
      images, rows, positions, y.base, y.image, y.row, y.position,
      dy.base, dy.image, dy.row, dy.position, dx.base, dx.image, dx.row, dx.position, y.columns,
    );
  },
};

/** In the order of the numbers in kernels/assembly/activations.ts. */
const ACTIVATION_CODES: readonly ActivationFunction[] = ["leakyRelu", "relu6", "tanh", "elu", "gelu", "silu", "softplus", "hardswish", "hardsigmoid", "mish", "hardtanh"];

export function createActivation(op: ActivationOp, context: LayerContext): NetworkLayer {
  if (op.function === "relu") return fromOutput(relu, context);
  return op.function === "sigmoid" ? fromOutput(sigmoid, context) : fromInput(op, context);
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

function fromInput(op: ActivationOp, { name, arena, input: x, output: y, inputGradient: dx, outputGradient: dy }: LayerContext): NetworkLayer {
  const { kernels } = arena;
  const code = ACTIVATION_CODES.indexOf(op.function);
  const parameter = op.parameter ?? 0;
  const upper = op.upper ?? 0;
  return {
    name,
    forward: (_mode, count) => {
      const { images, rows, positions } = regionOf(count, x, y);
      kernels.activate(code, parameter, upper, images, rows, positions, x.base, x.image, x.row, x.position, y.base, y.image, y.row, y.position, y.columns, y.channels);
    },
    backward: (count) => {
      if (!dy || !dx) return;
      const { images, rows, positions } = regionOf(count, x, dy, dx);
      kernels.activateGradient(
        code, parameter, upper, images, rows, positions, x.base, x.image, x.row, x.position,
        dy.base, dy.image, dy.row, dy.position, dx.base, dx.image, dx.row, dx.position, y.columns,
      );
    },
  };
}
