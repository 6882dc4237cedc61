/** Lightning's Trainer, which does by its arguments what a script of PyTorch alone does by statements. */
import { hasNorm } from "../../script/norms";
import type { ObjectValue, TracedValue } from "../../script/tracedValues";
import { isManaged, usesBatchStatistics, type ScriptContext } from "./scriptContext";

/** Trainers of the file, with a module whose BN layers they train. */
export function trainersOf({ trace }: ScriptContext): { trainer: ObjectValue; module: ObjectValue }[] {
  const trained = trace.forwards.find(
    (pass) => pass.training !== null && usesBatchStatistics(pass) && isInManaged(trace.objects, pass.module),
  );
  if (trained === undefined) return [];
  return trace.objects
    .filter(({ type, args }) => /lightning.*\.Trainer$/.test(type) && args.isComplete)
    .map((trainer) => ({ trainer, module: trained.module }));
}

const isInManaged = (objects: readonly ObjectValue[], module: ObjectValue): boolean =>
  hasNorm(module) &&
  (isManaged(module) || objects.some((owner) => isManaged(owner) && [...owner.fields.values()].includes(module)));

export const option = ({ args }: ObjectValue, name: string): TracedValue | undefined => args.keyword.get(name);

export const isTrue = (value: TracedValue | undefined): boolean => value?.kind === "constant" && value.value === true;
