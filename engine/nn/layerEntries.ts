/** One entry per kind of layer. A kind without an entry does not compile. */
import type { LayerOp } from "../protocol/layerOps";
import { activation } from "./activation";
import { adaptiveAvgPool2d, spatialMean } from "./adaptiveAvgPool2d";
import { adaptiveMaxPool2d } from "./adaptiveMaxPool2d";
import { add } from "./add";
import { affine, multiply, subtract } from "./arithmetic";
import { avgPool2d } from "./avgPool2d";
import { batchNorm } from "./batchNorm";
import { concatenate } from "./concatenate";
import { conv2d } from "./convolution/conv2d";
import { convTranspose2d } from "./convolution/convTranspose2d";
import { dropout } from "./dropout";
import { flatten } from "./flatten";
import { groupNorm } from "./groupNorm";
import { instanceNorm } from "./instanceNorm";
import type { LayerEntry } from "./layerEntry";
import { layerNorm } from "./layerNorm";
import { linear } from "./linear";
import { maxPool2d } from "./maxPool2d";
import { prelu } from "./prelu";
import { rearrange } from "./rearrange";
import { reduce } from "./reduce";
import { softmax } from "./softmax";
import { upsample } from "./upsample";

type LayerEntries = { readonly [Kind in LayerOp["kind"]]: LayerEntry<Extract<LayerOp, { readonly kind: Kind }>> };

export const layerEntries: LayerEntries = {
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
  identity: { create: null, isPassedThrough: true },
  other: { create: null },
};

/** The entry of an op's kind. */
export function layerEntryOf<Op extends LayerOp>(op: Op): LayerEntry<Op> {
  return layerEntries[op.kind] as unknown as LayerEntry<Op>;
}
