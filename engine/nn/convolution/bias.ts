/** The bias of a convolution: one value per output channel, at every position. */
import { type ActivationBuffer, padded } from "../activationBuffer";
import type { Arena } from "../arena";
import type { ParameterSpec } from "../parameterSpec";

export function biasParameter(name: string, channels: number): ParameterSpec {
  return { name: `${name}.bias`, shape: [channels], storedFloats: padded(channels), storedIndex: (index) => index };
}

/** Sets every position to the bias, for a product to be added to; does nothing without one (address 0). */
export function fillWithBias({ kernels }: Arena, bias: number, y: ActivationBuffer, count: number): void {
  if (bias) kernels.fillRows(count, y.height, y.width, y.base, y.image, y.row, y.position, y.columns, bias);
}

export function sumBiasGradient({ kernels }: Arena, dy: ActivationBuffer, count: number, gradient: number): void {
  if (gradient)
    kernels.columnSums(count, dy.height, dy.width, dy.base, dy.image, dy.row, dy.position, dy.columns, gradient);
}
