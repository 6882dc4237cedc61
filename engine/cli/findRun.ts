import { existsSync } from "node:fs";
import { join } from "node:path";
import { ProblemError } from "../protocol/problems";
import { recordsFile } from "../runs/runFolder";

/** A folder as given, or a run's name within the runs folder. */
export function findRun(name: string, runsFolder: string): string {
  for (const folder of [name, join(runsFolder, name)]) if (existsSync(recordsFile(folder))) return folder;
  throw new ProblemError({ code: "run-unreadable", path: name, detail: "there is no such run" });
}
