import type { ModuleSource } from "../../python/resolveModule";
import type { Collection } from "./collection";
import { BLOCK_COLLECTIONS } from "./blocks/blockCollections";
import { KERAS_APPLICATIONS } from "./keras/kerasApplications";
import { TORCHVISION_MODELS } from "./torchvision/torchvisionModels";

const COLLECTIONS: readonly Collection[] = [
  ...BLOCK_COLLECTIONS,
  {
    pattern: /^torchvision\.models\.(?:(?:resnet|vgg|mobilenet|mobilenetv2|densenet|alexnet|squeezenet)\.)?(\w+)$/,
    prefix: "built in:torchvision.models:",
    texts: TORCHVISION_MODELS,
  },
  // Only names of models: a helper of a description is nothing that Keras has.
  {
    pattern: /^keras\.applications\.(?:[a-z]\w*\.)?([A-Z]\w+)$/,
    prefix: "built in:keras.applications:",
    texts: KERAS_APPLICATIONS,
  },
];

export function isBuiltInPath(path: string): boolean {
  return COLLECTIONS.some(({ prefix }) => path.startsWith(prefix));
}

/** The description that defines a name of a library's models, or null when none does. */
export function builtInFile(path: string): ModuleSource | null {
  for (const { pattern, prefix, texts } of COLLECTIONS) {
    const name = pattern.exec(path)?.[1];
    const text =
      name === undefined
        ? undefined
        : texts.find((candidate) => new RegExp(`^(def|class) ${name}\\b`, "m").test(candidate));
    if (text !== undefined) return { path: `${prefix}${texts.indexOf(text)}`, text };
  }
  return null;
}
