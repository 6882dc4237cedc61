/**
 * PyTorch's default initialisation: Linear and Conv draw weights and biases from U(−1/√fanIn, 1/√fanIn)
 * (`kaiming_uniform_` with a = √5, He et al. 2015), normalizations start at γ = 1, β = 0, the slopes of a PReLU where it says.
 * The others of torch.nn.init draw weights (weightInitialization.ts) and start biases at 0.
 */
import type { Layer } from "../protocol/modelGraph";
import { elementCount } from "../protocol/shape";
import type { Initialization } from "../protocol/trainConfig";
import type { ParameterStore } from "./parameterStore";
import { Random } from "./random";
import { drawWeights } from "./weightInitialization";

/** Sets every parameter of `layers`. Each layer draws from its own stream, named after it. */
export function initializeParameters(
  store: ParameterStore,
  layers: readonly Layer[],
  seed: number,
  initialization: Initialization = { kind: "pytorch" },
): void {
  for (const layer of layers) {
    const random = new Random(seed, layer.name);
    for (const spec of store.specs.filter(
      ({ name }) => name.startsWith(`${layer.name}.`) && !name.slice(layer.name.length + 1).includes("."),
    )) {
      const count = elementCount(spec.shape);
      const isWeight = spec.name.endsWith(".weight");
      const isDrawn = initialization.kind !== "pytorch" && !isNormalization(layer);
      if (!isDrawn) store.write(spec.name, initialValues(layer, isWeight, count, random));
      else store.write(spec.name, isWeight ? drawWeights(initialization, spec.shape, random) : new Float32Array(count));
    }
  }
}

function initialValues(layer: Layer, isWeight: boolean, count: number, random: Random): Float32Array {
  if (isNormalization(layer)) return new Float32Array(count).fill(isWeight ? 1 : 0);
  if (layer.op.kind === "prelu") return new Float32Array(count).fill(layer.op.initialSlope);
  const bound = 1 / Math.sqrt(fanIn(layer));
  return Float32Array.from({ length: count }, () => random.uniform(-bound, bound));
}

const isNormalization = ({ op }: Layer): boolean =>
  op.kind === "batchNorm" || op.kind === "groupNorm" || op.kind === "instanceNorm" || op.kind === "layerNorm";

function fanIn({ name, op }: Layer): number {
  if (op.kind === "linear") return op.inFeatures;
  if (op.kind === "conv2d") return (op.inChannels / op.groups) * op.kernelSize[0] * op.kernelSize[1];
  // PyTorch counts the second axis of the weights, which here are the outputs.
  if (op.kind === "convTranspose2d") return (op.outChannels / op.groups) * op.kernelSize[0] * op.kernelSize[1];
  throw new Error(`${name} has parameters without an initialisation`);
}
