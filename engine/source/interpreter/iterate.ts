import type { SourceRange } from "../../protocol/modelGraph";
import type { Machine } from "./machine";
import { elementsOf } from "./truth";
import type { UnknownValue, Value } from "./values";

/** What a loop over a value sees; a loop over a tensor takes its parts in the forward pass. */
export function iterate(machine: Machine, value: Value, range: SourceRange): readonly Value[] | UnknownValue {
  return value.kind === "tensor" ? machine.library.tensorElements(machine, value, range) : elementsOf(value, range);
}
