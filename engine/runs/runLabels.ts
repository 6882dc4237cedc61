/** What a person says of a run: its name, a note, whether it is pinned. What was recorded never changes. */
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { writeAtomically } from "./writeAtomically";

const labelsSchema = v.object({
  name: v.optional(v.string()),
  note: v.optional(v.string()),
  pinned: v.optional(v.boolean()),
});

export type RunLabels = Readonly<v.InferOutput<typeof labelsSchema>>;

const labelsFile = (runFolder: string): string => join(runFolder, "labels.json");

/** None where nobody said anything, and where the file is damaged: the run itself is what it was. */
export function readLabels(runFolder: string): RunLabels {
  try {
    return v.parse(labelsSchema, JSON.parse(readFileSync(labelsFile(runFolder), "utf8")));
  } catch {
    return {};
  }
}

/** Empty texts and what is not pinned leave no trace. Throws a ProblemError when the folder can't be written. */
export function writeLabels(runFolder: string, { name, note, pinned }: RunLabels): void {
  const labels = { ...(name ? { name } : {}), ...(note ? { note } : {}), ...(pinned ? { pinned } : {}) };
  if (Object.keys(labels).length === 0) rmSync(labelsFile(runFolder), { force: true });
  else writeAtomically(labelsFile(runFolder), Buffer.from(`${JSON.stringify(labels, null, 2)}\n`));
}
