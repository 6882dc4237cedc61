/** The learnable tensors of a graph, and how the network's input has to be arranged for them. */
import { INPUT_ID, type ModelGraph } from "../protocol/modelGraph";
import { padded } from "./activationBuffer";
import { layerEntryOf } from "./layerEntries";
import type { ParameterSpec } from "./parameterSpec";
import type { Step } from "./step";
import { stepsOf } from "./steps";

/** Convolutions, flattening and rearrangements read channels one by one, everything else eight at a time. */
export function inputIsPadded(steps: readonly Step[]): boolean {
  // The weights of a convolution lie as its input does, and all its calls have the same.
  const isCalledOnce = ({ layer }: Step): boolean =>
    steps.filter((step) => step.layer.name === layer.name && step.moves === null).length === 1;
  const readsSingly = (step: Step): boolean => {
    const { readsUnpadded } = layerEntryOf(step.layer.op);
    return step.moves !== null || readsUnpadded === "always" || (readsUnpadded === "calledOnce" && isCalledOnce(step));
  };
  return steps.some((step) => step.inputIds.includes(INPUT_ID) && !readsSingly(step));
}

/** The learnable tensors of a graph, in definition order. */
export function parameterSpecs(graph: ModelGraph): ParameterSpec[] {
  const steps = stepsOf(graph);
  const unpaddedInput = new Set(
    inputIsPadded(steps)
      ? []
      : steps.filter((step) => step.moves === null && step.inputIds.includes(INPUT_ID)).map((step) => step.layer.name),
  );
  const used = new Set(steps.map((step) => step.layer.name));
  return graph.layers
    .filter((layer) => used.has(layer.name))
    .flatMap(({ name, op }) => {
      const columnsOf = (channels: number): number => (unpaddedInput.has(name) ? channels : padded(channels));
      return layerEntryOf(op).parameters?.(name, op, columnsOf) ?? [];
    });
}
