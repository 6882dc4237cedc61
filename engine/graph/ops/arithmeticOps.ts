/** Arithmetic with tensors and numbers: +, −, ·, scale·x + shift, and the mean or sum over axes. */
import type { AddOp, AffineOp, MultiplyOp, ReduceOp, SubtractOp } from "../../protocol/layerOps";
import { shapeByRule, type ShapeResult } from "../shapeRules";
import { type InputShapes, ofOneInput, type OpEntry, unchangedShape } from "./opEntry";

const elementwise = {
  outputShape: (_op: unknown, inputs: InputShapes): ShapeResult => shapeByRule({ rule: "broadcast" }, inputs),
  parameters: () => 0,
} as const;

export const add: OpEntry<AddOp> = {
  ...elementwise,
  miscounted: (inputs) => (inputs > 1 ? null : "it adds fewer than two values"),
};

const ofTwo = (inputs: number): string | null => (inputs === 2 ? null : "it does not have two inputs");

export const subtract: OpEntry<SubtractOp> = { ...elementwise, miscounted: ofTwo };

export const multiply: OpEntry<MultiplyOp> = { ...elementwise, miscounted: ofTwo };

export const affine: OpEntry<AffineOp> = unchangedShape;

export const reduce: OpEntry<ReduceOp> = {
  outputShape: ofOneInput(({ axes, keepDims }, input) => shapeByRule({ rule: "reduce", axes, keepDims }, [input])),
  parameters: () => 0,
};
