import { hasNorm, isNorm, withDescendants } from "../../script/norms";
import type { ObjectValue } from "../../script/tracedValues";
import { isManaged, type ScriptContext } from "./scriptContext";

/** A network that is trained with BN layers that see the batch of their own process alone. */
export function isLocal({ trace }: ScriptContext, module: ObjectValue): boolean {
  const norms = [...withDescendants(module)].filter(isNorm);
  const isOnlyEvaluated = trace.backwards.length === 0 && trace.forwards.some((forward) => forward.module === module);
  const areFrozen = trace.forwards.some(
    (forward) => forward.module === module && forward.training !== null && forward.isHeld,
  );
  return (
    !isOnlyEvaluated &&
    hasNorm(module) &&
    !isManaged(module) &&
    !module.traits.isSynced &&
    !areFrozen &&
    !norms.some(({ type }) => /sync|^encoding\./i.test(type))
  );
}
