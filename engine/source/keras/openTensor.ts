/** Arguments that nobody gave, where a Keras layer is called with one: it is taken for an input of the layer's rank. */
import type { SourceRange } from "../../protocol/modelGraph";
import type { Machine } from "../interpreter/machine";
import { library, list, none } from "../interpreter/newValues";
import type { InstanceValue, KerasCall, OpenValue, Value } from "../interpreter/values";
import { flattened } from "./flattened";
import { axesOf, isSymbolic, newInput, type SymbolicTensor } from "./recordCall";

/** Where an open value keeps the tensor that it was taken for. */
const TENSOR = "\0tensor";
const SIZE = 64;

/** The tensor that an open value is. The first layer that is called with it says how many axes it has. */
export function tensorOfOpen(machine: Machine, value: OpenValue, layer: InstanceValue, range: SourceRange): Value {
  const known = value.parts.get(TENSOR);
  if (known !== undefined) return known;
  const sizes = Array.from({ length: axesOf(layer) }, () => SIZE);
  const tensor = newInput(machine, sizes, none, range);
  value.parts.set(TENSOR, tensor);
  return tensor;
}

/** Inputs that were taken for tensors, as a model takes them. */
export const knownTensor = (value: Value): Value =>
  value.kind === "open" ? (value.parts.get(TENSOR) ?? value) : value;

/** The model of the tensors that a function returned, from the inputs that they come from. */
export function modelOfTensors(machine: Machine, returned: Value, range: SourceRange): void {
  const outputs = flattened([returned]).filter(isSymbolic);
  if (outputs.length === 0) return;
  const args = {
    positional: [list(inputsOf(outputs)), list(outputs)],
    keywords: new Map<string, Value>(),
    taint: null,
  };
  machine.call(library("keras.Model"), args, range);
}

/** The inputs that tensors come from. */
export function inputsOf(outputs: readonly SymbolicTensor[]): SymbolicTensor[] {
  const seen = new Set<KerasCall>();
  const inputs: SymbolicTensor[] = [];
  const pending = [...outputs];
  for (let tensor = pending.pop(); tensor !== undefined; tensor = pending.pop()) {
    const { call } = tensor.keras;
    if (seen.has(call)) continue;
    seen.add(call);
    if (call.inputs.length === 0) inputs.push(tensor);
    else pending.push(...call.inputs.filter(isSymbolic));
  }
  return inputs;
}
