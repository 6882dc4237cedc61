/** The bias of a convolution: one value per output channel, at every position. */
import { type ActivationBuffer, padded, positionsOf } from "../activationBuffer";
import type { Arena } from "../arena";
import type { ParameterSpec } from "../parameterSpec";

export function biasParameter(name: string, channels: number): ParameterSpec {
  return { name: `${name}.bias`, shape: [channels], storedFloats: padded(channels), storedIndex: (index) => index };
}

/** Sets every position to the bias, for a product to be added to; does nothing without one (address 0). */
export function fillWithBias({ kernels }: Arena, bias: number, y: ActivationBuffer, count: number): void {
  if (bias) kernels.fillRows({ region: positionsOf(count, y), target: y, columns: y.columns, values: bias });
}

export function sumBiasGradient({ kernels }: Arena, dy: ActivationBuffer, count: number, gradient: number): void {
  if (gradient) kernels.columnSums({ region: positionsOf(count, dy), x: dy, channels: dy.columns, target: gradient });
}
