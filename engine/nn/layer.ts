/** What every trainable layer offers the network, and what it is given to be built from. */
import type { Shape } from "../protocol/modelGraph";
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

export interface LayerContext {
  readonly name: string;
  readonly arena: Arena;
  readonly parameters: ParameterStore;
  readonly batch: number;
  readonly input: ActivationBuffer;
  readonly output: ActivationBuffer;
  /** Null in networks that only go forward. */
  readonly outputGradient: ActivationBuffer | null;
  /** Null where nothing upstream learns. */
  readonly inputGradient: ActivationBuffer | null;
}

/** One learnable tensor: how PyTorch sees it and how many f32 the engine stores it in. */
export interface ParameterSpec {
  /** The `state_dict` key: `fc1.weight`. */
  readonly name: string;
  readonly shape: Shape;
  readonly storedFloats: number;
  /** Where the element with PyTorch's flat index lies, in floats from the tensor's start. */
  readonly storedIndex: (index: number) => number;
}

/** Halos a layer needs around its input and around its output's gradient. */
export interface HaloNeeds {
  readonly input: Halo;
  readonly outputGradient: Halo;
}
