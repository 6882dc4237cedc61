/**
 * Runs that a person deleted and may want back: a folder beside the others on the same disk, until they go to the bin.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, rmdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileProblem } from "./fileProblem";

/** Its name begins with a dot, and it has no log of its own: lists of runs do not see into it. */
const DELETED = ".deleted";

/** Puts a run aside, and returns where it is now. Throws a ProblemError; then it is where it was. */
export function putAside(runFolder: string): string {
  const target = join(dirname(runFolder), DELETED, basename(runFolder));
  try {
    mkdirSync(dirname(target), { recursive: true });
    renameSync(runFolder, target);
  } catch (error) {
    throw fileProblem(runFolder, error);
  }
  return target;
}

/** Puts a run back, and returns where it is again. Throws a ProblemError. */
export function putBack(aside: string): string {
  const target = join(dirname(dirname(aside)), basename(aside));
  try {
    renameSync(aside, target);
  } catch (error) {
    throw fileProblem(target, error);
  }
  removeIfEmpty(dirname(aside));
  return target;
}

/** What was put aside and is still there: a window may have been closed before it went to the bin. */
export function runsAside(runsFolder: string): string[] {
  const folder = join(runsFolder, DELETED);
  return existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
}

/** The folder for what was put aside, once nothing is in it. */
export function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // Something is in it.
  }
}
