/**
 * Resampling of images `[sample, channel, height, width]` and sequences (torch.nn.Upsample,
 * torch.nn.functional.interpolate). Output pixel i is at s·i of the input's axis (nearest: rounded down), at s·(i +
 * ½) − ½ (linear, bilinear) or, with corners aligned, at i·(H − 1)/(O − 1); s is H/O, or 1/factor where a factor is
 * given, as in PyTorch. Linear and bilinear mix the two pixels on both sides.
 */
import type { UpsampleOp } from "../protocol/layerOps";
import type { LayerContext, NetworkLayer } from "./layer";
import type { LayerEntry } from "./layerEntry";
import { createLinearMap, type Terms } from "./linearMap";

export const upsample: LayerEntry<UpsampleOp> = {
  create: (op, context, { step }) => createUpsample(op, step.outputShape.length === 2, context),
};

/** One axis: how long it is before and after, and the factor that was asked for, if any. */
interface Axis {
  readonly input: number;
  readonly output: number;
  readonly factor: number | null;
}

/** A pixel of the input and its share of an output pixel. */
interface Tap {
  readonly place: number;
  readonly weight: number;
}

/** `isSequence` for an input `[channel, length]`: a single factor is its length's, and its height of 1 stays. */
function createUpsample(op: UpsampleOp, isSequence: boolean, context: LayerContext): NetworkLayer {
  const { input: x, output: y } = context;
  const factorOf = (axis: number): number | null =>
    op.to.rule === "scale" ? (op.to.factors[axis] ?? op.to.factors[0] ?? null) : null;
  const tapsOf = op.mode === "nearest" ? nearestTap : op.alignCorners ? alignedTaps : centredTaps;
  const vertical = isSequence
    ? [[{ place: 0, weight: 1 }]]
    : tapsOf({ input: x.height, output: y.height, factor: factorOf(0) });
  const horizontal = tapsOf({ input: x.width, output: y.width, factor: factorOf(1) });
  const terms: Terms = (add) => {
    for (const [row, above] of vertical.entries()) {
      for (const [column, before] of horizontal.entries()) {
        for (const tapY of above) {
          for (const tapX of before) {
            const weight = tapY.weight * tapX.weight;
            const from = tapY.place * x.width + tapX.place;
            const to = row * y.width + column;
            for (let channel = 0; channel < x.channels; channel++)
              add(channel * y.height * y.width + to, channel * x.height * x.width + from, weight);
          }
        }
      }
    }
  };
  return createLinearMap(terms, op.mode !== "nearest", context);
}

const stepOf = ({ input, output, factor }: Axis): number => (factor === null ? input / output : 1 / factor);

/** PyTorch computes the place in f32. */
function nearestTap(axis: Axis): Tap[][] {
  const step = Math.fround(stepOf(axis));
  return Array.from({ length: axis.output }, (_, index) => [
    { place: Math.min(Math.floor(Math.fround(index * step)), axis.input - 1), weight: 1 },
  ]);
}

function centredTaps(axis: Axis): Tap[][] {
  const step = stepOf(axis);
  return Array.from({ length: axis.output }, (_, index) =>
    tapsAround(Math.max(0, step * (index + 0.5) - 0.5), axis.input),
  );
}

function alignedTaps({ input, output }: Axis): Tap[][] {
  const step = output > 1 ? (input - 1) / (output - 1) : 0;
  return Array.from({ length: output }, (_, index) => tapsAround(step * index, input));
}

function tapsAround(place: number, size: number): Tap[] {
  const first = Math.min(Math.floor(place), size - 1);
  const second = Math.min(first + 1, size - 1);
  const share = Math.min(1, Math.max(0, place - first));
  if (share === 0 || second === first) return [{ place: first, weight: 1 }];
  return [
    { place: first, weight: 1 - share },
    { place: second, weight: share },
  ];
}
