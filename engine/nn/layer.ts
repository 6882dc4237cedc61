/** What every trainable layer offers the network, and what it is given to be built from. */
import type { ActivationBuffer, Halo } from "./activationBuffer";
import type { Arena } from "./arena";
import type { ParameterStore } from "./parameterStore";

/**
 * Which statistics a normalisation layer uses in a forward pass.
 * `train`: the batch's, and the running ones are updated. `batch`: the batch's, nothing updated.
 * `running`: the running ones (evaluation mode). `population`: those of the last population pass.
 */
export type StatisticsMode = "train" | "batch" | "running" | "population";

export interface NetworkLayer {
  readonly name: string;
  /** Computes the output of the first `count` samples. */
  forward(mode: StatisticsMode, count: number): void;
  /** From the output's gradient: the gradients of the parameters and, where there is a buffer for it, of the input. */
  backward(count: number): void;
}

/**
 * What random numbers of a pass in training mode depend on, besides where they are used: with these it can be done
 * again.
 */
export interface TrainingPasses {
  readonly seed: number;
  /** Passes in training mode so far. */
  count: number;
}

export interface LayerContext {
  readonly name: string;
  readonly arena: Arena;
  readonly parameters: ParameterStore;
  readonly batch: number;
  /** The only input, or the first. */
  readonly input: ActivationBuffer;
  readonly inputs: readonly ActivationBuffer[];
  readonly output: ActivationBuffer;
  /** Null in networks that only go forward. */
  readonly outputGradient: ActivationBuffer | null;
  /**
   * Null where nothing upstream learns. A layer overwrites it: what several layers take is summed up by the network.
   */
  readonly inputGradient: ActivationBuffer | null;
  /** One for each input. */
  readonly inputGradients: readonly (ActivationBuffer | null)[];
}

/** Halos a layer needs around its input and around its output's gradient. */
export interface HaloNeeds {
  readonly input: Halo;
  readonly outputGradient: Halo;
}
