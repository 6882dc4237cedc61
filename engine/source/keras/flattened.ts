import type { Value } from "../interpreter/values";

/** Tensors inside lists, tuples and dicts, in order. */
export function flattened(values: readonly Value[]): Value[] {
  return values.flatMap((value): Value[] => {
    if (value.kind === "tuple") return flattened(value.elements);
    if (value.kind === "list") return value.taint !== null ? [value.taint] : flattened(value.elements);
    if (value.kind === "dict")
      return value.taint !== null ? [value.taint] : flattened([...value.entries.values()].map((entry) => entry.value));
    return [value];
  });
}
