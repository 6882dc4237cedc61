/**
 * First values of parameters: PyTorch's defaults are in each layer's entry. The other initializations of
 * torch.nn.init draw weights (weightInitialization.ts) and start biases at 0; normalizations keep PyTorch's.
 */
import type { Layer } from "../protocol/modelGraph";
import { elementCount } from "../protocol/shape";
import type { Initialization } from "../protocol/trainConfig";
import { layerEntryOf } from "./layerEntries";
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
      const parameter = spec.name.endsWith(".weight") ? "weight" : "bias";
      const isDrawn = initialization.kind !== "pytorch" && layerEntryOf(layer.op).keepsInitialValues !== true;
      if (!isDrawn)
        store.write(spec.name, Float32Array.from({ length: count }, defaultValues(layer, parameter, random)));
      else if (parameter === "bias") store.write(spec.name, new Float32Array(count));
      else store.write(spec.name, drawWeights(initialization, spec.shape, random));
    }
  }
}

/** Gives PyTorch's values of one of a layer's parameters, one after another. */
function defaultValues({ name, op }: Layer, parameter: "weight" | "bias", random: Random): () => number {
  const values = layerEntryOf(op).initialValues?.(op, parameter);
  if (values === undefined) throw new Error(`${name} has parameters without an initialisation`);
  return "constant" in values ? () => values.constant : () => random.uniform(-values.bound, values.bound);
}
