/** The project of a file: the folder that its imports may reach. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/** What lies in the top folder of a project. */
const MARKS = [".git", "pyproject.toml", "setup.py", "setup.cfg"];

/** What most often lies in the top folder, where nothing marks it for certain; the first row counts first. */
const LIKELY_MARKS = [
  ["LICENSE", "LICENSE.md", "LICENSE.txt", "requirements.txt", "environment.yml", "environment.yaml", ".gitignore"],
  ["README.md", "README.rst", "README.txt"],
];

/** Where packages are installed, in an environment that may lie in a project: what is there belongs to none. */
export const INSTALLED = /[\\/](?:site|dist)-packages$/;

type Exists = (path: string) => boolean;

/**
 * The nearest folder above `file`, an absolute path, that has a mark of a project, or what projects mostly have.
 * Without one, the folder that contains the topmost package around the file, as `__init__.py` shows it: the file's own
 * folder where it is in none.
 */
export function projectRoot(file: string, exists: Exists = existsSync): string {
  const folders = foldersAbove(file);
  const marked = folders.find(isMarked(exists));
  if (marked !== undefined) return marked;
  const around = packageParent(file, exists);
  const likely = likelyRoot(folders, exists);
  return likely !== undefined && likely.length < around.length ? likely : around;
}

/** Of a copy of a repository without its `.git`. */
function likelyRoot(folders: readonly string[], exists: Exists): string | undefined {
  for (const marks of LIKELY_MARKS) {
    const found = folders.find((folder) => marks.some((mark) => exists(join(folder, mark))));
    if (found !== undefined) return found;
  }
  return undefined;
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
