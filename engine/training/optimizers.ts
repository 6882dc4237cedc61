/**
 * Optimizers: which parameter-sized vectors they keep, and one step over all parameters. Formulas are at the kernels.
 */
import { isNormalization } from "../graph/layerKinds";
import { untrainedLayers } from "../graph/trainedOutput";
import type { Arena } from "../nn/arena";
import type { ParameterRange, ParameterStore } from "../nn/parameterStore";
import type { ModelGraph } from "../protocol/modelGraph";
import type { TrainConfig } from "../protocol/trainConfig";

export interface Optimizer {
  /** Names of the vectors it keeps for each parameter, as in PyTorch's `optimizer.state_dict()`. */
  readonly stateNames: readonly string[];
  /** Applies the gradients. `step` counts from 1. */
  update(arena: Arena, parameters: ParameterStore, learningRate: number, step: number): void;
}

export type OptimizerSettings = Pick<TrainConfig, "optimizer" | "momentum" | "nesterov" | "weightDecay" | "undecayed">;

const MOMENTUM = 0.9;
/** torch.optim.AdamW's default. */
const DECOUPLED_DECAY = 0.01;

/**
 * The parameters in ranges of the same weight decay, 0 for none: as in PyTorch it leaves out what no gradient reaches.
 */
type Decay = (parameters: ParameterStore) => readonly ParameterRange[];

export function createOptimizer(settings: OptimizerSettings, graph: ModelGraph): Optimizer {
  const { optimizer, weightDecay = optimizer === "adamw" ? DECOUPLED_DECAY : 0 } = settings;
  const untrained = untrainedLayers(graph);
  const isTrained = (parameter: string): boolean => !untrained.some(({ name }) => isOf(name, parameter));
  const decay = decayRanges((name) =>
    weightDecay !== 0 && isTrained(name) && isDecayed(name, graph, settings.undecayed ?? []) ? weightDecay : 0,
  );
  switch (optimizer) {
    case "sgd":
      return settings.momentum === undefined || settings.momentum === 0
        ? sgd(decay)
        : sgdMomentum(decay, settings.momentum, settings.nesterov ?? false);
    case "momentum":
      return sgdMomentum(decay, settings.momentum ?? MOMENTUM, settings.nesterov ?? false);
    case "adam":
      return adam(decay, false);
    case "adamw":
      return adam(decay, true);
    case "rmsprop":
      return rmsprop(decay, settings.momentum ?? 0);
  }
}

/** Worked out once: the parameters of a session never change places. */
function decayRanges(decayOf: (parameter: string) => number): Decay {
  let ranges: readonly ParameterRange[] | undefined;
  return (parameters) => (ranges ??= parameters.ranges(decayOf));
}

const isOf = (layer: string, parameter: string): boolean =>
  parameter === `${layer}.weight` || parameter === `${layer}.bias`;

function isDecayed(parameter: string, graph: ModelGraph, undecayed: readonly string[]): boolean {
  const layer = graph.layers.find(({ name }) => isOf(name, parameter));
  if (layer && isNormalization(layer)) return !undecayed.includes("norm");
  return !(undecayed.includes("bias") && parameter.endsWith(".bias"));
}

/** torch.optim.SGD without momentum. */
const sgd = (decay: Decay): Optimizer => ({
  stateNames: [],
  update({ kernels }, parameters, learningRate) {
    const { weightsBase, gradientsBase } = parameters;
    for (const { offset, floats, value } of decay(parameters))
      kernels.sgd({
        weights: weightsBase + offset,
        gradients: gradientsBase + offset,
        count: floats,
        learningRate,
        decay: value,
      });
  },
});

/** torch.optim.SGD(momentum, nesterov). */
const sgdMomentum = (decay: Decay, momentum: number, nesterov: boolean): Optimizer => ({
  stateNames: ["momentum_buffer"],
  update({ kernels }, parameters, learningRate) {
    const { weightsBase, gradientsBase } = parameters;
    for (const { offset, floats, value } of decay(parameters)) {
      kernels.sgdMomentum({
        weights: weightsBase + offset,
        gradients: gradientsBase + offset,
        velocities: parameters.state(0) + offset,
        count: floats,
        learningRate,
        momentum,
        nesterov: Number(nesterov),
        decay: value,
      });
    }
  },
});

/**
 * torch.optim.Adam with its defaults, β = (0.9, 0.999), ε = 1e-8 (Kingma & Ba 2015, algorithm 1); decoupled it is
 * AdamW, whose decay is w ← (1 − lr·λ)·w before the step (Loshchilov & Hutter 2019, algorithm 2).
 */
const adam = (decay: Decay, decoupled: boolean): Optimizer => ({
  stateNames: ["exp_avg", "exp_avg_sq"],
  update({ kernels }, parameters, learningRate, step) {
    const beta1 = 0.9;
    const beta2 = 0.999;
    const stepSize = learningRate / (1 - beta1 ** step);
    const rootCorrection = 1 / Math.sqrt(1 - beta2 ** step);
    const { weightsBase, gradientsBase } = parameters;
    for (const { offset, floats, value } of decay(parameters)) {
      const weights = weightsBase + offset;
      if (decoupled && value !== 0) kernels.scale({ values: weights, count: floats, factor: 1 - learningRate * value });
      kernels.adam({
        weights,
        gradients: gradientsBase + offset,
        means: parameters.state(0) + offset,
        squares: parameters.state(1) + offset,
        count: floats,
        beta1,
        beta2,
        stepSize,
        rootCorrection,
        epsilon: 1e-8,
        decay: decoupled ? 0 : value,
      });
    }
  },
});

/** torch.optim.RMSprop with its defaults, α = 0.99, ε = 1e-8. */
const rmsprop = (decay: Decay, momentum: number): Optimizer => ({
  stateNames: momentum === 0 ? ["square_avg"] : ["square_avg", "momentum_buffer"],
  update({ kernels }, parameters, learningRate) {
    const { weightsBase, gradientsBase } = parameters;
    for (const { offset, floats, value } of decay(parameters)) {
      const velocities = momentum === 0 ? 0 : parameters.state(1) + offset;
      kernels.rmsprop({
        weights: weightsBase + offset,
        gradients: gradientsBase + offset,
        squares: parameters.state(0) + offset,
        velocities,
        count: floats,
        learningRate,
        smoothing: 0.99,
        momentum,
        epsilon: 1e-8,
        decay: value,
      });
    }
  },
});
