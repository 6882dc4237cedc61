/** Files and folders of data, with named problems instead of Node's errors. */
import { readFileSync, readdirSync, statSync } from "node:fs";
import { ProblemError } from "../protocol/problems";

/** Values of one set, far above any that this tool is for: what claims more is lying, or does not fit into memory. */
export const MAX_VALUES = 2 ** 30;

export function listFolder(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const detail =
      code === "ENOENT"
        ? "there is no such folder"
        : code === "ENOTDIR"
          ? "it is a file, not a folder"
          : `it can't be read (${code ?? "unknown"})`;
    throw new ProblemError({ code: "data-missing", path: folder, detail });
  }
}

export function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

export function readDataFile(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new ProblemError({
      code: "file-unreadable",
      path,
      detail: (error as NodeJS.ErrnoException).code ?? "unknown error",
    });
  }
}

export function malformed(path: string, detail: string): ProblemError {
  return new ProblemError({ code: "data-malformed", path, detail });
}
