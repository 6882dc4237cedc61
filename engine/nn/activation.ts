/** Element-wise activations: ReLU max(x, 0) and Sigmoid 1/(1 + e^−x); gradients from the output alone. */
import type { ActivationFunction } from "../protocol/modelGraph";
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

const activations: Readonly<Record<ActivationFunction, ActivationKernels>> = { relu, sigmoid };

export function createActivation(name: ActivationFunction, context: LayerContext): NetworkLayer {
  const { arena, input, output, inputGradient, outputGradient } = context;
  const activation = activations[name];
  return {
    name: context.name,
    forward: (_mode, count) => activation.forward(arena, input, output, count),
    backward: (count) => {
      if (outputGradient && inputGradient) activation.backward(arena, output, outputGradient, inputGradient, count);
    },
  };
}
