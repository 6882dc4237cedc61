/** The project of a file: the folder that its imports may reach. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/** What lies in the top folder of a project. */
const MARKS = [".git", "pyproject.toml", "setup.py", "setup.cfg"];

/** Where packages are installed, in an environment that may lie in a project: what is there belongs to none. */
export const INSTALLED = /[\\/](?:site|dist)-packages$/;

type Exists = (path: string) => boolean;

/**
 * The nearest folder above `file`, an absolute path, that has a mark of a project. Without one, the folder that
 * contains the topmost package around the file, as `__init__.py` shows it: the file's own folder where it is in none.
 */
export function projectRoot(file: string, exists: Exists = existsSync): string {
  return foldersAbove(file).find(isMarked(exists)) ?? packageParent(file, exists);
}

/** The nearest marked folder between `file` and `limit`, a folder around it that someone opened; else `limit`. */
export function projectRootWithin(limit: string, file: string, exists: Exists = existsSync): string {
  const folders = foldersAbove(file);
  return folders.slice(0, folders.indexOf(limit) + 1).find(isMarked(exists)) ?? limit;
}

const isMarked =
  (exists: Exists) =>
  (folder: string): boolean =>
    INSTALLED.test(folder) || MARKS.some((mark) => exists(join(folder, mark)));

function packageParent(file: string, exists: Exists): string {
  const folders = foldersAbove(file);
  return folders.find((folder) => !exists(join(folder, "__init__.py"))) ?? folders.at(-1) ?? file;
}

/** From the file's own folder to the root of the disk. */
function foldersAbove(file: string): string[] {
  const parent = dirname(file);
  return parent === file ? [] : [parent, ...foldersAbove(parent)];
}
