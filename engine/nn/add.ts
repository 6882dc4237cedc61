/**
 * The element-wise sum y = x₁ + x₂ + … (residual connections, He et al. 2016); every input gets the output's gradient.
 */
import type { AddOp } from "../protocol/layerOps";
import { type ActivationBuffer, regionOf } from "./activationBuffer";
import type { Arena } from "./arena";
import type { LayerContext, NetworkLayer } from "./layer";
import type { LayerEntry } from "./layerEntry";

export const add: LayerEntry<AddOp> = { create: (_op, context) => createAdd(context), repeatsInputs: true };

function createAdd(context: LayerContext): NetworkLayer {
  const { name, arena, inputs, output, inputGradients, outputGradient } = context;
  const [first, second, ...others] = inputs;
  if (first === undefined || second === undefined) throw new Error(`${name} adds fewer than two values`);
  return {
    name,
    forward: (_mode, count) => {
      addBuffers(arena, first, second, output, count);
      for (const other of others) addBuffers(arena, output, other, output, count);
    },
    backward: (count) => {
      if (outputGradient === null) return;
      for (const gradient of inputGradients) if (gradient !== null) copyBuffer(arena, outputGradient, gradient, count);
    },
  };
}

/** y = a + b; y may be one of them. */
export function addBuffers(
  { kernels }: Arena,
  a: ActivationBuffer,
  b: ActivationBuffer,
  y: ActivationBuffer,
  count: number,
): void {
  const region = regionOf(count, a, b, y);
  kernels.add({ region, a, b, y, columns: y.columns });
}

function copyBuffer({ kernels }: Arena, x: ActivationBuffer, y: ActivationBuffer, count: number): void {
  const region = regionOf(count, x, y);
  kernels.copy({ region, x, y, columns: y.columns });
}
