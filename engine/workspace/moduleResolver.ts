/** Finds the Python modules of a project for the reader, which knows no files. */
import { lstatSync, readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import type { ModuleRequest, ModuleSource, ResolveModule } from "../python/resolveModule";

/** Larger files are data, not models. */
const MAX_BYTES = 2 * 1024 * 1024;

/** More folders between a file and the root than this are not climbed. */
const MAX_DEPTH = 64;

/**
 * A resolver for `readModelFile` that stays inside `root`: links that lead out of it are not followed, and neither are
 * files that are too large or not UTF-8. Paths in requests are absolute or relative to `root`; answers have the same
 * form.
 */
export function createModuleResolver(root: string): ResolveModule {
  const realRoot = realPath(root);
  if (realRoot === null) return () => null;
  return (request) => {
    if (!isModuleName(request.module)) return null;
    const from = resolve(root, request.fromPath);
    if (!isInside(from, resolve(root))) return null;
    const file =
      request.level > 0
        ? relativeModule(from, resolve(root), request, realRoot)
        : absoluteModule(from, resolve(root), request, realRoot);
    return file === null
      ? null
      : sourceOf(file, isAbsolute(request.fromPath) ? file : relative(resolve(root), file).split(sep).join("/"));
  };
}

/** Names that could climb folders or reach other drives are no module names. */
function isModuleName(module: string): boolean {
  return module === "" || /^[\p{L}_][\p{L}\p{N}_]*(\.[\p{L}_][\p{L}\p{N}_]*)*$/u.test(module);
}

/** `from ..a import b`: one dot is the file's own folder, each further one its parent. */
function relativeModule(from: string, root: string, { module, level }: ModuleRequest, realRoot: string): string | null {
  let folder = dirname(from);
  for (let up = 1; up < level; up++) folder = dirname(folder);
  return isInside(folder, root) ? moduleIn(folder, module, realRoot) : null;
}

/**
 * `import a.b`: Python looks in the folder of the script that was started, which may be any folder from the file's own
 * up to the root. Where several of them have the module, it is not certain which is meant, and the answer is null.
 * Where none has it, it may be installed from the project's `src` folder.
 */
function absoluteModule(from: string, root: string, { module }: ModuleRequest, realRoot: string): string | null {
  if (module === "") return null;
  const [first = ""] = module.split(".");
  const isThere = (folder: string): boolean => isFolder(join(folder, first)) || isFile(join(folder, `${first}.py`));
  const search = (folders: readonly string[]): Set<string | null> =>
    new Set(folders.filter(isThere).map((folder) => moduleIn(folder, module, realRoot)));
  const onTheWay = search(foldersUpTo(root, from));
  onTheWay.delete(null);
  const [only = null, ...others] = onTheWay.size > 0 ? onTheWay : search([join(root, "src")]);
  return others.length === 0 ? only : null;
}

/** From the file's own folder to the root. */
function foldersUpTo(root: string, file: string): string[] {
  const folders = [dirname(file)];
  while (folders.length < MAX_DEPTH && folders.at(-1) !== root) folders.push(dirname(folders.at(-1) ?? root));
  return folders.filter((folder) => isInside(folder, root));
}

/** A package comes before a module of the same name, as in Python. */
function moduleIn(folder: string, module: string, realRoot: string): string | null {
  const path = join(folder, ...module.split("."));
  const candidates = module === "" ? [join(path, "__init__.py")] : [join(path, "__init__.py"), `${path}.py`];
  return candidates.find((candidate) => isFile(candidate) && isInsideReally(candidate, realRoot)) ?? null;
}

function isInside(path: string, root: string): boolean {
  const way = relative(root, path);
  return way === "" || (!isAbsolute(way) && way !== ".." && !way.startsWith(`..${sep}`));
}

function isInsideReally(path: string, realRoot: string): boolean {
  const real = realPath(path);
  return real !== null && isInside(real, realRoot);
}

function realPath(path: string): string | null {
  try {
    return realpathSync(path);
  } catch {
    return null;
  }
}

function isFile(path: string): boolean {
  return (
    lstatSync(path, { throwIfNoEntry: false }) !== undefined &&
    statSync(path, { throwIfNoEntry: false })?.isFile() === true
  );
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function sourceOf(file: string, path: string): ModuleSource | null {
  try {
    if (statSync(file).size > MAX_BYTES) return null;
    return { path, text: new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(file)) };
  } catch {
    return null;
  }
}
