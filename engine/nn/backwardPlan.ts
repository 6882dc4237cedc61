/** Where the gradients of values lie that several layers take. */
import type { ActivationBuffer } from "./activationBuffer";
import type { NetworkBuffers } from "./networkBuffers";
import { known, type Step } from "./step";

/** What is left to do after a layer's backward pass: its share is added to the gradient of the value that it took. */
export interface Addition {
  readonly share: ActivationBuffer;
  readonly gradient: ActivationBuffer;
}

export interface Backward {
  readonly inputGradients: readonly (ActivationBuffer | null)[];
  readonly additions: readonly Addition[];
}

/**
 * Where each step leaves the gradients of its inputs. Backward passes run from the last step to the first, so the last
 * one that takes a value writes its gradient, and the others add to it in a fixed order. The loss has written that of
 * what the model returns.
 */
export function planBackward(
  steps: readonly Step[],
  { gradients, shares }: NetworkBuffers,
  returned: string,
): Backward[] {
  const written = new Set([returned]);
  return [...steps]
    .reverse()
    .map(({ inputIds, inputShapes }): Backward => {
      const additions: Addition[] = [];
      const inputGradients = inputIds.map((id, index) => {
        const gradient = gradients.get(id) ?? null;
        if (gradient === null || !written.has(id)) {
          written.add(id);
          return gradient;
        }
        const share = known(shares.get(known(inputShapes[index]).join()));
        additions.push({ share, gradient });
        return share;
      });
      return { inputGradients, additions };
    })
    .reverse();
}
