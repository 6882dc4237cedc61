/**
 * Dropout (Srivastava et al. 2014; torch.nn.Dropout, Dropout1d, Dropout2d): in training y = x·m/(1 − p), each m being 0
 * with probability p and else 1, dx = dy·m/(1 − p); in all other modes y = x. Values are `[sample, …]`; with
 * `isPerChannel` the channels of a sample share one m (Tompson et al. 2015).
 *
 * m is a function of the seed, the call's place in the graph, the number of the pass and the element's number in
 * PyTorch's order: the same on every kernel choice, and in a run that is resumed.
 */
import type { DropoutOp } from "../protocol/layerOps";
import { type ActivationBuffer, positionsOf, regionOf } from "./activationBuffer";
import type { LayerContext, NetworkLayer, TrainingPasses } from "./layer";
import type { LayerEntry } from "./layerEntry";
import { Random } from "./random";

export const dropout: LayerEntry<DropoutOp> = {
  create: (op, context, { passes, step }) => createDropout(op, { passes, place: step.id }, context),
};

export interface DropoutPlace {
  readonly passes: TrainingPasses;
  /** Id of the call: a layer that is called twice draws twice. */
  readonly place: string;
}

interface Keys {
  readonly first: number;
  readonly second: number;
}

function createDropout(op: DropoutOp, { passes, place }: DropoutPlace, context: LayerContext): NetworkLayer {
  const { name, arena, input: x, output: y, inputGradient: dx, outputGradient: dy } = context;
  const { kernels } = arena;
  const rate = op.rate ?? 0;
  const scale = rate < 1 ? 1 / (1 - rate) : 0;
  const threshold = Math.min(0xffffffff, Math.round(rate * 0x100000000));
  /** Of the last forward pass; null when it dropped nothing. */
  let keys: Keys | null = null;

  const apply = (from: ActivationBuffer, to: ActivationBuffer, count: number): void => {
    if (keys === null) {
      kernels.copy({ region: regionOf(count, from, to), x: from, y: to, columns: to.columns });
      return;
    }
    kernels.dropout({
      region: positionsOf(count, from),
      x: from,
      y: to,
      columns: to.columns,
      channels: to.channels,
      perChannel: Number(op.isPerChannel),
      firstKey: keys.first,
      secondKey: keys.second,
      threshold,
      scale,
    });
  };

  return {
    name,
    forward: (mode, count) => {
      keys = mode === "train" ? keysOf(passes, place) : null;
      apply(x, y, count);
    },
    backward: (count) => {
      if (dy && dx) apply(dy, dx, count);
    },
  };
}

function keysOf({ seed, count }: TrainingPasses, place: string): Keys {
  const random = new Random(seed, `${place} in pass ${count}`);
  return { first: random.nextUint32(), second: random.nextUint32() };
}
