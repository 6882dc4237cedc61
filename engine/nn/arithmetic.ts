/**
 * Element-wise arithmetic besides the sum: y = a − b (da = dy, db = −dy), y = a·b (da = dy·b, db = dy·a) and
 * y = scale·x + shift (dx = scale·dy). All values have one shape `[sample, …]`: what is repeated was repeated before.
 */
import type { AffineOp, MultiplyOp, SubtractOp } from "../protocol/layerOps";
import { type ActivationBuffer, regionOf } from "./activationBuffer";
import type { Arena } from "./arena";
import type { LayerContext, NetworkLayer } from "./layer";
import type { LayerEntry } from "./layerEntry";

export const subtract: LayerEntry<SubtractOp> = {
  create: (_op, context) => createSubtract(context),
  repeatsInputs: true,
};

export const multiply: LayerEntry<MultiplyOp> = {
  create: (_op, context) => createMultiply(context),
  repeatsInputs: true,
};

export const affine: LayerEntry<AffineOp> = { create: createAffine };

function createSubtract(context: LayerContext): NetworkLayer {
  const { name, arena, output, outputGradient: dy } = context;
  const [a, b] = pairOf(context.inputs, name);
  const [da = null, db = null] = context.inputGradients;
  return {
    name,
    forward: (_mode, count) => combine(arena, "subtract", { a, b, y: output }, count),
    backward: (count) => {
      if (dy && da) scaleAndShift(arena, { x: dy, y: da, scale: 1, shift: 0 }, count);
      if (dy && db) scaleAndShift(arena, { x: dy, y: db, scale: -1, shift: 0 }, count);
    },
  };
}

function createMultiply(context: LayerContext): NetworkLayer {
  const { name, arena, output, outputGradient: dy } = context;
  const [a, b] = pairOf(context.inputs, name);
  const [da = null, db = null] = context.inputGradients;
  return {
    name,
    forward: (_mode, count) => combine(arena, "multiply", { a, b, y: output }, count),
    backward: (count) => {
      if (dy && da) combine(arena, "multiply", { a: dy, b, y: da }, count);
      if (dy && db) combine(arena, "multiply", { a: dy, b: a, y: db }, count);
    },
  };
}

function createAffine({ scale, shift }: AffineOp, context: LayerContext): NetworkLayer {
  const { name, arena, input: x, output: y, inputGradient: dx, outputGradient: dy } = context;
  return {
    name,
    forward: (_mode, count) => scaleAndShift(arena, { x, y, scale, shift }, count),
    backward: (count) => {
      if (dy && dx) scaleAndShift(arena, { x: dy, y: dx, scale, shift: 0 }, count);
    },
  };
}

interface Combination {
  readonly a: ActivationBuffer;
  readonly b: ActivationBuffer;
  readonly y: ActivationBuffer;
}

function combine({ kernels }: Arena, kernel: "subtract" | "multiply", { a, b, y }: Combination, count: number): void {
  const region = regionOf(count, a, b, y);
  kernels[kernel]({ region, a, b, y, columns: y.columns });
}

interface Affine {
  readonly x: ActivationBuffer;
  readonly y: ActivationBuffer;
  readonly scale: number;
  readonly shift: number;
}

function scaleAndShift({ kernels }: Arena, { x, y, scale, shift }: Affine, count: number): void {
  const region = regionOf(count, x, y);
  kernels.affine({ region, x, y, columns: y.columns, channels: y.channels, scale, shift });
}

function pairOf([a, b, ...others]: readonly ActivationBuffer[], name: string): [ActivationBuffer, ActivationBuffer] {
  if (a === undefined || b === undefined || others.length > 0) throw new Error(`${name} does not take two values`);
  return [a, b];
}
