/** Gradient clipping by the norm of all gradients together. */
import type { Arena } from "../nn/arena";
import type { ParameterStore } from "../nn/parameterStore";

/** What torch.nn.utils.clip_grad_norm_ adds to the norm before it divides by it. */
const GUARD = 1e-6;

/** Scales all gradients by min(1, largest/(‖g‖₂ + 1e-6)), in place. */
export function clipGradients(
  { kernels }: Arena,
  { gradientsBase, totalFloats }: ParameterStore,
  largest: number,
): void {
  const norm = Math.sqrt(kernels.sumOfSquares({ values: gradientsBase, count: totalFloats }));
  const factor = Math.min(1, largest / (norm + GUARD));
  if (factor !== 1) kernels.scale({ values: gradientsBase, count: totalFloats, factor });
}
