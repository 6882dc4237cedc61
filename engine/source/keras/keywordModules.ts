/**
 * Parts of Keras that builders take as keyword arguments, as keras-applications began it:
 * `layers = kwargs.get("layers", None)`, so that one file serves Keras and tf.keras.
 */
import { library } from "../interpreter/newValues";
import type { LibraryValue } from "../interpreter/values";

const MODULES: Readonly<Record<string, string>> = {
  backend: "keras.backend",
  layers: "keras.layers",
  models: "keras.models",
  utils: "keras.utils",
  keras_utils: "keras.utils",
};

export function keywordModule(name: string): LibraryValue | null {
  const path = Object.hasOwn(MODULES, name) ? MODULES[name] : undefined;
  return path === undefined ? null : library(path);
}
