/**
 * Joins inputs along another axis than the channels (torch.cat with dim=2 or 3): y contains each part in a separate
 * place, and
 * a part gets the gradient of its place. Values are `[sample, channel, height, width]` or `[sample, channel, length]`.
 */
import type { ConcatenateOp } from "../protocol/layerOps";
import type { Shape } from "../protocol/shape";
import type { LayerContext, NetworkLayer } from "./layer";
import { createLinearMap, elementsInMemory, type Terms } from "./linearMap";
import { axisAfterBatch, sourcesOf } from "./rearrangement";

export function createJoin(
  { axis }: ConcatenateOp,
  shapes: { readonly inputShapes: readonly Shape[]; readonly outputShape: Shape },
  context: LayerContext,
): NetworkLayer {
  const { inputShapes, outputShape } = shapes;
  const sizes = inputShapes.map((shape) => shape[axisAfterBatch(axis, outputShape)] ?? 0);
  const parts = context.inputs.map((input, index) => {
    const start = sizes.slice(0, index).reduce((sum, size) => sum + size, 0);
    const cuts = [{ axis, start, step: 1, size: sizes[index] ?? 0 }];
    const places = sourcesOf([
      { rearrangement: { rule: "slice", cuts }, input: outputShape, output: inputShapes[index] ?? [] },
    ]);
    const terms: Terms = (add) => {
      for (const element of elementsInMemory(input)) add(places[element] ?? 0, element, 1);
    };
    return createLinearMap(terms, false, { ...context, input, inputGradient: context.inputGradients[index] ?? null });
  });
  return {
    name: context.name,
    forward: (mode, count) => parts.forEach((part) => part.forward(mode, count)),
    backward: (count) => parts.forEach((part) => part.backward(count)),
  };
}
