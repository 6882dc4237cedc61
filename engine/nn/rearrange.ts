/**
 * Values that are moved and not computed: reshaping, permuting axes, parts of an axis, repeating, padding
 * (torch.Tensor.view, permute, chunk, expand; torch.nn.functional.pad). Each element of y is an element of x or zero,
 * and its gradient goes there.
 */
import type { RearrangeOp } from "../protocol/layerOps";
import type { LayerContext, NetworkLayer } from "./layer";
import type { LayerEntry } from "./layerEntry";
import { createLinearMap, elementsInMemory, type Terms } from "./linearMap";
import { type RearrangementStep, sourcesOf } from "./rearrangement";

export const rearrange: LayerEntry<RearrangeOp> = {
  create: null,
  moves: ({ rearrangement }, { before, input, output }) => [...before, { rearrangement, input, output }],
};

/** One layer for rearrangements that follow each other: the values in between are never stored. */
export function createRearrange(steps: readonly RearrangementStep[], context: LayerContext): NetworkLayer {
  const sources = sourcesOf(steps);
  const terms: Terms = (add) => {
    for (const element of elementsInMemory(context.output)) {
      const source = sources[element] ?? -1;
      if (source >= 0) add(element, source, 1);
    }
  };
  return createLinearMap(terms, false, context);
}
