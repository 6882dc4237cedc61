/**
 * What the engine knows about training one kind of layer. The entry is in the layer's file, forward beside
 * backward; `layerEntries.ts` lists them by kind. What an entry leaves out has the default written beside the field.
 */
import type { LayerOp } from "../protocol/layerOps";
import type { Shape } from "../protocol/shape";
import type { NormState } from "./channelNorm";
import type { Extent } from "./convolution/convolution";
import type { HaloNeeds, LayerContext, NetworkLayer, TrainingPasses } from "./layer";
import type { ParameterSpec } from "./parameterSpec";
import type { RearrangementStep } from "./rearrangement";
import type { NewStep, Step } from "./step";

/** What a layer is made for, besides its buffers. */
export interface LayerCall {
  readonly step: Step;
  readonly passes: TrainingPasses;
  /** By layer: those with running statistics. */
  readonly normStates: ReadonlyMap<string, NormState>;
}

/** Moves on the way to a call, and the shapes before and after it. */
export interface Movement {
  readonly before: readonly RearrangementStep[];
  readonly input: Shape;
  readonly output: Shape;
}

/** PyTorch's values of a new parameter: all the same, or each drawn from U(−bound, bound). */
export type InitialValues = { readonly constant: number } | { readonly bound: number };

export interface LayerEntry<Op extends LayerOp> {
  /** Null where no step computes the layer: its values are moved or passed on, or the engine does not train it. */
  readonly create: ((op: Op, context: LayerContext, call: LayerCall) => NetworkLayer) | null;

  /** Learnable tensors. `columnsOf` says in how many columns the input's channels are stored. Absent: it has none. */
  readonly parameters?: (name: string, op: Op, columnsOf: (channels: number) => number) => ParameterSpec[];
  /** Absent for layers without parameters. */
  readonly initialValues?: (op: Op, parameter: "weight" | "bias") => InitialValues;
  /** Set where another initialization than PyTorch's leaves the values as they are: those of normalizations. */
  readonly keepsInitialValues?: true;

  /** Zeros that the layer reads around its input and around its output's gradient. Absent: none. */
  readonly halos?: (op: Op, input: Extent, output: Extent) => HaloNeeds;
  /** Set where the layer reads the channels of an unpadded input: a convolution only where it has one call. */
  readonly readsUnpadded?: "always" | "calledOnce";
  /** Set for a layer whose input and output's gradient are looked at after a pass. */
  readonly isLookedAt?: true;

  /** Set for a layer that does nothing: whatever takes its output takes its input. */
  readonly isPassedThrough?: true;
  /** The moves from a stored value to the output; null where the layer computes it. Absent: it always computes. */
  readonly moves?: (op: Op, movement: Movement) => readonly RearrangementStep[] | null;
  /** Set for a layer that combines values one by one: inputs are first repeated to the output's shape. */
  readonly repeatsInputs?: true;
  /** The steps of a call, where it needs others before or after its own. */
  readonly stepsAround?: (step: NewStep, op: Op, input: Shape) => NewStep[];
}

/**
 * Linear and Conv: weights and biases from U(−1/√fanIn, 1/√fanIn), which is `kaiming_uniform_` with a = √5 (He et al.
 * 2015).
 */
export const uniformByFanIn = (fanIn: number): InitialValues => ({ bound: 1 / Math.sqrt(fanIn) });

/** Normalizations: γ = 1, β = 0. */
export const plainAffine = {
  initialValues: (_op: unknown, parameter: "weight" | "bias"): InitialValues => ({
    constant: parameter === "weight" ? 1 : 0,
  }),
  keepsInitialValues: true,
} as const;
