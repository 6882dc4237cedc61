/** Optimizers as {stateBlocks, update}: how many parameter-sized vectors they keep, and one step over all parameters. */
import type { Arena } from "../nn/arena";
import type { ParameterStore } from "../nn/parameterStore";
import type { OptimizerName } from "../protocol/trainConfig";

export interface Optimizer {
  readonly stateBlocks: number;
  /** Applies the gradients. `step` counts from 1. */
  update(arena: Arena, parameters: ParameterStore, learningRate: number, step: number): void;
}

const MOMENTUM = 0.9;

/** torch.optim.SGD without momentum. */
const sgd: Optimizer = {
  stateBlocks: 0,
  update({ kernels }, { weightsBase, gradientsBase, totalFloats }, learningRate) {
    kernels.sgd(weightsBase, gradientsBase, totalFloats, learningRate);
  },
};

/** torch.optim.SGD(momentum=0.9). */
const momentum: Optimizer = {
  stateBlocks: 1,
  update({ kernels }, parameters, learningRate) {
    const { weightsBase, gradientsBase, totalFloats } = parameters;
    kernels.sgdMomentum(weightsBase, gradientsBase, parameters.state(0), totalFloats, learningRate, MOMENTUM);
  },
};

/** torch.optim.Adam with its defaults: β = (0.9, 0.999), ε = 1e-8 (Kingma & Ba 2015, algorithm 1). */
const adam: Optimizer = {
  stateBlocks: 2,
  update({ kernels }, parameters, learningRate, step) {
    const beta1 = 0.9;
    const beta2 = 0.999;
    const stepSize = learningRate / (1 - beta1 ** step);
    const rootCorrection = 1 / Math.sqrt(1 - beta2 ** step);
    const { weightsBase, gradientsBase, totalFloats } = parameters;
    kernels.adam(weightsBase, gradientsBase, parameters.state(0), parameters.state(1), totalFloats, beta1, beta2, stepSize, rootCorrection, 1e-8);
  },
};

export const optimizers: Readonly<Record<OptimizerName, Optimizer>> = { sgd, momentum, adam };
