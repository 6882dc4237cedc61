/** What role a layer has, and what it keeps. Everything here is read from the entry of its kind (`ops/`). */
import type { LayerOp, LinearOp } from "../protocol/layerOps";
import type { Layer } from "../protocol/modelGraph";
import { entryOf } from "./ops/opEntries";
import type { ConvolutionOp } from "./ops/convolutionOps";
import type { OpRole, RunningStatisticsOf } from "./ops/opEntry";

function roleOf(op: LayerOp): OpRole | null {
  return entryOf(op).role?.(op) ?? null;
}

/** Of images or sequences. */
export function isConvolution(op: LayerOp): op is ConvolutionOp {
  return roleOf(op) === "convolution";
}

/** Layers that sum weighted inputs, after which people put BN; not Keras's convolutions. */
export function isLinearOrConvolution(op: LayerOp): op is LinearOp | ConvolutionOp {
  return roleOf(op) === "linear" || isConvolution(op);
}

/** Batch normalization and what may replace it. */
export function isNormalization({ op }: Layer): boolean {
  return roleOf(op) === "normalization";
}

/** Functional calls carry the class in their op. */
export function isActivation({ op }: Layer): boolean {
  return roleOf(op) === "activation";
}

/** Layers that keep the shape, whatever it is. */
export function keepsShape(op: LayerOp): boolean {
  return entryOf(op).keepsShape?.(op) ?? false;
}

/** Running statistics of a layer that keeps, or may keep, some; null for any other layer. */
export function runningStatisticsOf(op: LayerOp): RunningStatisticsOf | null {
  return entryOf(op).statistics?.(op) ?? null;
}
