/** The mean or sum over axes of a sample (torch.mean, torch.sum): y = w·Σ x with w = 1/n or 1; each x gets w·dy. */
import type { ReduceOp } from "../protocol/layerOps";
import type { Shape } from "../protocol/shape";
import type { LayerContext, NetworkLayer } from "./layer";
import type { LayerEntry } from "./layerEntry";
import { createLinearMap, elementsInMemory, type Terms } from "./linearMap";
import { elementCount } from "../protocol/shape";
import { axisAfterBatch, sourcesOf } from "./rearrangement";
import { known } from "./step";

export const reduce: LayerEntry<ReduceOp> = {
  create: (op, context, { step }) => createReduce(op, known(step.inputShapes[0]), context),
};

/**
 * `inputShape` is `[channel, height, width]`, `[channel, length]` or `[feature]`; the op's axes count the batch as 0.
 */
function createReduce(op: ReduceOp, inputShape: Shape, context: LayerContext): NetworkLayer {
  const reduced = new Set(op.axes.map((axis) => axisAfterBatch(axis, inputShape)));
  const kept = inputShape.map((size, axis) => (reduced.has(axis) ? 1 : size));
  // Spreading the result over the input again finds for each element of the input the sum that it is part of.
  const targets = sourcesOf([
    { rearrangement: { rule: "expand", sizes: inputShape }, input: kept, output: inputShape },
  ]);
  const weight = op.function === "mean" ? elementCount(kept) / elementCount(inputShape) : 1;
  const terms: Terms = (add) => {
    for (const element of elementsInMemory(context.input)) add(targets[element] ?? 0, element, weight);
  };
  return createLinearMap(terms, true, context);
}
