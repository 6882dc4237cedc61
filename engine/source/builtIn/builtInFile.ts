import type { ModuleSource } from "../resolveModule";
import { TORCHVISION_MODELS } from "./torchvisionModels";

/** The models of torchvision that the descriptions here build, by the name of the function or class. */
const PATTERN = /^torchvision\.models\.(?:(?:resnet|vgg|mobilenet|mobilenetv2|densenet|alexnet|squeezenet)\.)?(\w+)$/;

/** No path of a file looks like this. */
const PREFIX = "built in:torchvision.models:";

export function isBuiltInPath(path: string): boolean {
  return path.startsWith(PREFIX);
}

/** The description that defines a name of torchvision.models, or null when none does. */
export function builtInFile(path: string): ModuleSource | null {
  const name = PATTERN.exec(path)?.[1];
  const text = name === undefined ? undefined : TORCHVISION_MODELS.find((candidate) => new RegExp(`^(def|class) ${name}\\b`, "m").test(candidate));
  return text === undefined ? null : { path: `${PREFIX}${TORCHVISION_MODELS.indexOf(text)}`, text };
}
