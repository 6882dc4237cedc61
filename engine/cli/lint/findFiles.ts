/** Which files `normlens lint` looks at. */
import { lstatSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { UsageError } from "../usageError";

/** Folders that contain other people's code, or none. */
const SKIPPED = new Set([".git", "node_modules", "venv", ".venv", "__pycache__", ".ipynb_checkpoints", ".normlens"]);

export interface FoundFiles {
  readonly files: readonly string[];
  /** Folders that could not be listed, with the reason. */
  readonly unlisted: readonly { readonly path: string; readonly reason: string }[];
}

/** Files as they are named, and every `*.py` and `*.ipynb` below a named folder, in the order of names; each once. */
export function findFiles(paths: readonly string[]): FoundFiles {
  const files = new Set<string>();
  const unlisted: { path: string; reason: string }[] = [];
  for (const path of paths) {
    if (isFolder(path)) collect(path, files, unlisted);
    else files.add(path);
  }
  return { files: [...files], unlisted };
}

/** A path that does not exist is a mistake: nothing was checked, and a passing build would hide it. */
function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    throw new UsageError(`there is no file or folder ${path}.`);
  }
}

/**
 * A separate stack, because folders may be nested deeply. Symbolic links are not followed, so nothing is visited
 * twice.
 */
function collect(root: string, files: Set<string>, unlisted: { path: string; reason: string }[]): void {
  const pending = [root];
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    const folders: string[] = [];
    for (const name of list(folder, unlisted)) {
      const path = join(folder, name);
      const kind = kindOf(path);
      if (kind === "folder" && !SKIPPED.has(name)) folders.push(path);
      else if (kind === "file" && /\.(?:py|ipynb)$/.test(name)) files.add(path);
    }
    pending.push(...folders.reverse());
  }
}

function list(folder: string, unlisted: { path: string; reason: string }[]): string[] {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    unlisted.push({
      path: folder,
      reason: `The folder can't be listed (${(error as NodeJS.ErrnoException).code ?? "unknown error"}).`,
    });
    return [];
  }
}

function kindOf(path: string): "folder" | "file" | "other" {
  try {
    const status = lstatSync(path);
    if (status.isDirectory()) return "folder";
    return status.isFile() ? "file" : "other";
  } catch {
    // It was deleted while the folder was read.
    return "other";
  }
}
