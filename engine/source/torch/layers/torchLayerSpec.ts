import type { LayerOp, PaddingMode, Rearrangement } from "../../../protocol/layerOps";
import type { ShapeRule } from "../../../protocol/shape";
import type { LayerArguments } from "../layerArguments";

/** What a layer's arguments say about it. A null op means that something it needs is unknown. */
export interface BuiltLayer {
  readonly op: LayerOp | null;
  readonly parameters: number | null;
  /** How many values a call returns; 1 when absent. */
  readonly outputs?: number;
  /** True when all values but the first come in a tuple: `output, (hidden, cell)`. */
  readonly restIsTuple?: boolean;
}

/**
 * One layer class of torch.nn. The signature is the one on its documentation page, defaults included; `*` takes
 * anything.
 */
export interface LayerSpec {
  readonly signature: string;
  build(args: LayerArguments, className: string): BuiltLayer;
}

export type LayerSpecs = Readonly<Record<string, LayerSpec>>;

/** A layer the engine does not train, with its shape rule; without one its output shape is unknown. */
export function other(className: string, shapeRule: ShapeRule | null): LayerOp {
  return shapeRule === null ? { kind: "other", className } : { kind: "other", className, shapeRule };
}

/** One size per axis, of a sequence as of an image of height 1; `single` is what an axis of size 1 has. */
export function overImage<Size>(sizes: readonly Size[], single: Size): readonly [Size, Size] {
  const [first = single, second] = sizes;
  return second === undefined ? [single, first] : [first, second];
}

/** What says that a layer takes sequences. */
export function forSequences(dims: 1 | 2 | null): { readonly spatialDims?: 1 } {
  return dims === 1 ? { spatialDims: 1 } : {};
}

/** Padding of the last axes, given as PyTorch takes it: before and after the last axis first. */
export function padded(sides: readonly number[], mode: PaddingMode): Rearrangement {
  const dims = sides.length / 2;
  const side = (offset: number): number[] =>
    Array.from({ length: dims }, (_, axis) => sides[2 * (dims - 1 - axis) + offset] ?? 0);
  return { rule: "pad", before: side(0), after: side(1), mode };
}

/** A layer without parameters that keeps its input's shape. */
export function keepsShape(signature: string): LayerSpec {
  return { signature, build: (_, className) => ({ op: other(className, { rule: "same" }), parameters: 0 }) };
}
