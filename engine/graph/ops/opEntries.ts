/** One entry per kind of layer. A kind without an entry does not compile. */
import type { LayerOp } from "../../protocol/layerOps";
import { activation, dropout, prelu, softmax } from "./activationOps";
import { add, affine, multiply, reduce, subtract } from "./arithmeticOps";
import { conv2d, convTranspose2d } from "./convolutionOps";
import { linear } from "./linearOps";
import { batchNorm, groupNorm, instanceNorm, layerNorm } from "./normOps";
import type { OpEntry } from "./opEntry";
import { other } from "./otherOps";
import { adaptiveAvgPool2d, adaptiveMaxPool2d, avgPool2d, maxPool2d, spatialMean } from "./poolingOps";
import { concatenate, flatten, identity, rearrange } from "./rearrangingOps";
import { upsample } from "./upsampleOps";

type OpEntries = { readonly [Kind in LayerOp["kind"]]: OpEntry<Extract<LayerOp, { readonly kind: Kind }>> };

export const opEntries: OpEntries = {
  linear,
  conv2d,
  convTranspose2d,
  batchNorm,
  groupNorm,
  instanceNorm,
  layerNorm,
  activation,
  prelu,
  softmax,
  dropout,
  upsample,
  maxPool2d,
  avgPool2d,
  adaptiveAvgPool2d,
  adaptiveMaxPool2d,
  spatialMean,
  add,
  subtract,
  multiply,
  affine,
  reduce,
  rearrange,
  concatenate,
  flatten,
  identity,
  other,
};

/** The entry of an op's kind. */
export function entryOf<Op extends LayerOp>(op: Op): OpEntry<Op> {
  return opEntries[op.kind] as unknown as OpEntry<Op>;
}
