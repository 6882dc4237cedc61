/**
 * Layers with parameters that are called more than once in a pass: the gradient of a parameter is the sum over the
 * calls.
 */
import type { Arena } from "./arena";
import { matrixAt, overRows } from "./kernels/operands";
import type { ParameterStore } from "./parameterStore";

/**
 * Keeps a running sum beside the place where each call leaves its gradient, and puts the total there after the first
 * call.
 */
export interface SharedGradients {
  /** To be called after the backward pass of the step at this index; steps go backwards. */
  afterBackward(index: number): void;
}

interface Parts {
  readonly arena: Arena;
  readonly parameters: ParameterStore;
  readonly withGradients: boolean;
}

interface Sum {
  readonly gradient: number;
  readonly total: number;
  readonly floats: number;
}

/** `layers` names the layer of each step, in forward order; empty for a step that has no parameters. */
export function sharedGradients(
  layers: readonly string[],
  { arena, parameters, withGradients }: Parts,
): SharedGradients {
  const { kernels } = arena;
  const sums = new Map<string, Sum[]>();
  for (const name of withGradients ? new Set(layers.filter((layer, index) => layers.indexOf(layer) < index)) : []) {
    const specs = parameters.specs.filter(
      (spec) => spec.name.startsWith(`${name}.`) && !spec.name.slice(name.length + 1).includes("."),
    );
    // The store gives each tensor whole vectors of four.
    sums.set(
      name,
      specs.map((spec) => ({
        gradient: parameters.gradients(spec.name),
        total: arena.allocateFloats(spec.storedFloats + 3),
        floats: (spec.storedFloats + 3) & ~3,
      })),
    );
  }
  return {
    afterBackward: (index) => {
      const name = layers[index] ?? "";
      const isLastCall = layers.lastIndexOf(name) === index;
      const isFirstCall = layers.indexOf(name) === index;
      for (const { gradient, total, floats } of sums.get(name) ?? []) {
        if (isLastCall)
          kernels.copy({ region: overRows(1), x: matrixAt(gradient, 0), y: matrixAt(total, 0), columns: floats });
        else
          kernels.add({
            region: overRows(1),
            a: matrixAt(total, 0),
            b: matrixAt(gradient, 0),
            y: matrixAt(isFirstCall ? gradient : total, 0),
            columns: floats,
          });
      }
    },
  };
}
