/** One step of a network: a call that needs a separate buffer. */
import type { Layer } from "../protocol/modelGraph";
import type { Shape } from "../protocol/shape";
import type { RearrangementStep } from "./rearrangement";

export interface Step {
  /** The node's id, or a new one for a step that no node stands for. */
  readonly id: string;
  readonly layer: Layer;
  readonly inputIds: readonly string[];
  readonly inputShapes: readonly Shape[];
  readonly outputShape: Shape;
  /** What the step moves, in order; null when it computes something. */
  readonly moves: readonly RearrangementStep[] | null;
}

/** A step whose inputs' shapes are not looked up yet. */
export type NewStep = Omit<Step, "inputShapes">;

/** Throws where the graph has no value: `trainable` refuses such graphs. */
export function known<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error("the graph is not trainable: something in it is unknown");
  return value;
}
