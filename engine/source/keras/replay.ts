/** Calling a functional model again: each of its calls, on other inputs, with the same layers. */
import type { SourceRange } from "../../protocol/modelGraph";
import type { Machine } from "../interpreter/machine";
import { list, none, unknown } from "../interpreter/newValues";
import type { KerasCall, TensorValue, Value } from "../interpreter/values";
import { inheritedTraining, kerasState } from "./kerasState";
import { isSymbolic, recordLeaf, type SymbolicTensor } from "./recordCall";

/** Where a functional model begins and ends. */
export interface FunctionalEnds {
  readonly inputs: readonly SymbolicTensor[];
  readonly outputs: readonly SymbolicTensor[];
  /** True when it was given a list or dict of outputs, and gives one back. */
  readonly returnsList: boolean;
}

/** The calls between a model's inputs and its outputs, in the order in which they happened. */
export function callsBetween({ inputs, outputs }: FunctionalEnds): KerasCall[] {
  const stops = new Set<KerasCall>(inputs.map((input) => input.keras.call));
  const found = new Set<KerasCall>();
  const pending: TensorValue[] = [...outputs];
  for (let tensor = pending.pop(); tensor !== undefined; tensor = pending.pop()) {
    const call = tensor.keras?.call;
    if (call === undefined || stops.has(call) || found.has(call)) continue;
    found.add(call);
    pending.push(...call.inputs);
  }
  return [...found].sort((a, b) => a.serial - b.serial);
}

export function replay(
  machine: Machine,
  ends: FunctionalEnds,
  given: readonly SymbolicTensor[],
  range: SourceRange,
): Value {
  if (given.length !== ends.inputs.length) {
    const reason = unknown(`the model has ${ends.inputs.length} inputs and is called with ${given.length}`, range);
    machine.report(reason);
    return reason;
  }
  const results = new Map<KerasCall, readonly SymbolicTensor[]>();
  const depth = ends.inputs[0]?.keras.call.within.length ?? 0;
  ends.inputs.forEach((input, index) => results.set(input.keras.call, given.slice(index, index + 1)));
  const within = [...kerasState(machine).within];
  const mode = inheritedTraining(machine);
  const isTraining = !(mode.kind === "bool" && !mode.value);
  for (const call of callsBetween(ends)) {
    const inputs = call.inputs.map((input) => mapped(results, input));
    if (call.inputs.length === 0) continue;
    results.set(
      call,
      recordLeaf(machine, {
        instance: call.layer,
        inputs: inputs.filter(isSymbolic),
        within: [...within, ...call.within.slice(depth)],
        training: call.training && isTraining,
        range: call.range,
        reason: call.reason,
      }),
    );
  }
  const outputs = ends.outputs.map((output) => mapped(results, output));
  return ends.returnsList ? list(outputs) : (outputs[0] ?? none);
}

/** A tensor's counterpart: the same result of the counterpart of its call. */
function mapped(results: ReadonlyMap<KerasCall, readonly SymbolicTensor[]>, tensor: TensorValue): TensorValue {
  const counterparts = tensor.keras === undefined ? undefined : results.get(tensor.keras.call);
  if (counterparts === undefined) return tensor;
  return counterparts.length === 1 ? (counterparts[0] ?? tensor) : (counterparts[tensor.keras?.index ?? 0] ?? tensor);
}
