/**
 * Calls on Keras tensors that NormLens does not follow. What comes out is a tensor of unknown size that depends on
 * those that went in, so the layers before and after it stay in the graph, with the reason.
 */
import type { SourceRange } from "../../protocol/modelGraph";
import type { CallArguments, Machine } from "../interpreter/machine";
import type { OpenShape, UnknownValue, Value } from "../interpreter/values";
import { flattened } from "./flattened";
import type { KerasLayerSpec } from "./kerasLayerSpec";
import { automaticName } from "./kerasState";
import { isSymbolic, newLayer, recordHere, type SymbolicTensor } from "./recordCall";

const capitalized = (name: string): string => name.replace(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase());

interface Outcome {
  readonly build: KerasLayerSpec["build"];
  readonly reason: UnknownValue;
  readonly range: SourceRange;
}

function operation(
  machine: Machine,
  name: string,
  tensors: readonly SymbolicTensor[],
  { build, reason, range }: Outcome,
): SymbolicTensor {
  const instance = newLayer(machine, name, { signature: "", build }, range, true);
  machine.journal.setVariable(instance.attributes, "name", automaticName(machine, capitalized(name)));
  const [result] = recordHere(machine, instance, tensors, range, undefined, reason);
  if (result === undefined) throw new Error("A call without a result");
  return result;
}

/** What a function of this name makes of the tensors. `sizes`: what is known of the result, its rank at least. */
export function unfollowedTensor(
  machine: Machine,
  name: string,
  tensors: readonly SymbolicTensor[],
  reason: UnknownValue,
  range: SourceRange,
  sizes: OpenShape | null = null,
): SymbolicTensor {
  const build = (): { sizes: typeof sizes; parameters: null } => ({ sizes, parameters: null });
  return operation(machine, name, tensors, { build, reason, range });
}

/** What a call of something unknown gives; null where no Keras tensor goes in. */
export function unfollowedCall(
  machine: Machine,
  name: string,
  args: CallArguments,
  reason: UnknownValue,
  range: SourceRange,
): Value | null {
  const tensors = flattened([...args.positional, ...args.keywords.values()]).filter(isSymbolic);
  return tensors.length === 0 ? null : unfollowedTensor(machine, name, tensors, reason, range);
}

/** One of several tensors, where a branch decides which and the branch is unknown. Their size is known if all agree. */
export function eitherTensor(machine: Machine, values: readonly unknown[], reason: UnknownValue): Value | null {
  const tensors = (values as readonly (Value | undefined)[]).filter(isSymbolic);
  if (tensors.length !== values.length || tensors.length === 0) return null;
  const [first] = tensors;
  const sizes = first?.keras.sizes ?? null;
  const agree = tensors.every((tensor) => JSON.stringify(tensor.keras.sizes) === JSON.stringify(sizes));
  const build = (): { sizes: typeof sizes; parameters: 0 } => ({ sizes: agree ? sizes : null, parameters: 0 });
  return operation(machine, "either", tensors, { build, reason, range: reason.range });
}
