import type { InstanceValue, Value } from "./values";

/** The attribute with the tensors of a ParameterList or ParameterDict in order, as a list or dict. */
export const CONTENT = "\0content";

/** The list or dict of a container's tensors; null for any other module. */
export function tensorsOf({ attributes, module }: InstanceValue): Value | null {
  const isContainer = module?.container === "tensorList" || module?.container === "tensorDict";
  return isContainer ? (module.unknowns[0] ?? attributes.get(CONTENT) ?? null) : null;
}
