/** Which of the modules that were made are models, and no parts of others. */
import type { ModuleInstance } from "./buildGraph";
import { isModule } from "./interpreter/aboutValues";
import type { InstanceValue } from "./interpreter/values";
import { isKeras } from "./keras/callKeras";
import { isKerasModel } from "./keras/kerasCandidates";
import { functionalEnds } from "./keras/models";
import { namedModules } from "./torch/modules";

/** Those that are no part of another. One that can't be called, which trains its parts in `train_step`, has none. */
export function wholeModels(made: readonly InstanceValue[]): ModuleInstance[] {
  const parts = new Set(
    made.filter(isCalled).flatMap((model) =>
      namedModules(model)
        .slice(1)
        .map(([, part]) => part),
    ),
  );
  return made.filter((model): model is ModuleInstance => isModule(model) && !parts.has(model) && isWhole(model));
}

/** Whether a class of the user's says what a call of its models does, or Keras does. */
function isCalled(model: InstanceValue): boolean {
  const { cls } = model;
  if (!isKeras(model) || cls.kind !== "class" || model.module.container !== null) return true;
  return functionalEnds(model) !== null || cls.mro.some((base) => base.kind === "class" && base.namespace.has("call"));
}

/** A model and not a single layer. */
export const isWhole = (model: ModuleInstance): boolean => {
  const { layer } = model.module;
  return isKeras(model) ? isKerasModel(model) : layer === null;
};
