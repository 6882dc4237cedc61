/** Which of a file's values are Keras models, and which of its functions and plain classes make one. */
import type { CallArguments, Machine } from "../interpreter/machine";
import { noArguments } from "../interpreter/machine";
import { unknownPlain } from "../interpreter/newValues";
import type { ClassValue, FunctionValue, InstanceValue, Value } from "../interpreter/values";
import { isKeras } from "./callKeras";

const MODELS = new Set(["keras.Model", "keras.Sequential"]);

/** A model and not a single layer. */
export function isKerasModel(value: Value): value is InstanceValue {
  return (
    isKeras(value) &&
    (value.cls.kind === "class" ? value.cls.mro : [value.cls]).some(
      (entry) => entry.kind === "library" && MODELS.has(entry.path),
    )
  );
}

/** A class that derives from a layer of Keras's but from no model: a part of models. */
export function isKerasLayerClass(cls: ClassValue): boolean {
  const bases = cls.mro.flatMap((entry) => (entry.kind === "library" ? [entry.path] : []));
  return bases.some((path) => path.startsWith("keras.layers.")) && !bases.some((path) => MODELS.has(path));
}

/** Words without which a function or class makes no Keras model by itself. */
export const KERAS_WORDS = new Set(["Model", "Sequential", "keras", "models", "applications", "sequential", "tf"]);

/** Whether a function gives a Keras model when the arguments it requires are taken to be something unknown. */
export function makesModelOf(machine: Machine, callee: FunctionValue, required: readonly string[]): boolean {
  const keywords = new Map(
    required.map((name) => [name, unknownPlain(`the argument ${name} is unknown`, callee.range)] as const),
  );
  const args: CallArguments = { ...noArguments, keywords };
  return machine.journal.rehearse(() => isKerasModel(machine.call(callee, args, callee.range)));
}

/** Models that an object of a plain class holds: `GAN().generator` of `self.generator = self.build_generator()`. */
export function heldModels(machine: Machine, cls: ClassValue): string[] {
  return machine.journal.rehearse(() => {
    const instance = machine.call(cls, noArguments, cls.range);
    if (instance.kind !== "instance" || isKeras(instance)) return [];
    return [...instance.attributes].flatMap(([name, value]) => (isKerasModel(value) ? [name] : []));
  });
}
