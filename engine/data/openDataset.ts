/** From what a person wrote after `--data` or `data=` to a dataset. */
import { type GeneratedSetName, isGeneratedSet } from "../protocol/generatedSets";
import type { Dataset } from "./dataset";
import { generateDigits } from "./generatedDigits";
import { readIdxFolder } from "./idxFolder";

const generators: Readonly<Record<GeneratedSetName, () => Dataset>> = { digits: generateDigits };

/** Opens a generated set by its name or a folder of IDX files by its path. Throws a ProblemError. */
export function openDataset(specification: string): Dataset {
  return isGeneratedSet(specification) ? generators[specification]() : readIdxFolder(specification);
}
