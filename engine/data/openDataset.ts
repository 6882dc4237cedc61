/** From what a person wrote after `--data` or `data=` to a dataset. */
import type { Dataset } from "./dataset";
import { generateDigits } from "./generatedDigits";
import { readIdxFolder } from "./idxFolder";

/** Sets that are drawn instead of read, by name. */
const generatedSets: Readonly<Record<string, () => Dataset>> = { digits: generateDigits };

/** Opens a generated set by its name or a folder of IDX files by its path. Throws a ProblemError. */
export function openDataset(specification: string): Dataset {
  const generate = Object.hasOwn(generatedSets, specification) ? generatedSets[specification] : undefined;
  return generate ? generate() : readIdxFolder(specification);
}
