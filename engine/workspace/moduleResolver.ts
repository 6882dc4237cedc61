/** Finds the Python modules of a project for the reader, which knows no files. */
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import type { ModuleRequest, ModuleSource, ResolveModule } from "../python/resolveModule";
import { diskView, type FileView } from "./fileView";
import { INSTALLED } from "./projectRoot";

/** More folders between a file and the root than this are not climbed. */
const MAX_DEPTH = 64;

/**
 * A resolver for `readModelFile` that stays inside `root`: links that lead out of it are not followed, and neither are
 * files that are too large or not UTF-8. Paths in requests are absolute or relative to `root`; answers have the same
 * form.
 */
export function createModuleResolver(root: string, files: FileView = diskView): ResolveModule {
  const top = resolve(root);
  // Asked for again only while it is not known.
  let realRoot: string | null = null;
  return (request) => {
    const from = resolve(top, request.fromPath);
    realRoot ??= files.realPath(top);
    if (realRoot === null || !isModuleName(request.module) || !isInside(from, top)) return null;
    const search: Search = { files, root: top, realRoot };
    const file = request.level > 0 ? relativeModule(search, from, request) : absoluteModule(search, from, request);
    return file === null ? null : sourceOf(search, file, isAbsolute(request.fromPath));
  };
}

interface Search {
  readonly files: FileView;
  readonly root: string;
  /** The root without links. */
  readonly realRoot: string;
}

/** Names that could climb folders or reach other drives are no module names. */
function isModuleName(module: string): boolean {
  return module === "" || /^[\p{L}_][\p{L}\p{N}_]*(\.[\p{L}_][\p{L}\p{N}_]*)*$/u.test(module);
}

/** `from ..a import b`: one dot is the file's own folder, each further one its parent. */
function relativeModule(search: Search, from: string, { module, level }: ModuleRequest): string | null {
  let folder = dirname(from);
  for (let up = 1; up < level; up++) folder = dirname(folder);
  return isInside(folder, search.root) ? moduleIn(search, folder, module) : null;
}

/**
 * `import a.b`: Python looks in the folder of the script that was started, which may be any folder from the file's own
 * up to the root. Where several of them have the module, it is not certain which is meant, and the answer is null; a
 * package (a folder with `__init__.py`) contains no scripts, so it counts only where no other folder has the module.
 * Where none has it, it is looked for in the folders that the file adds to `sys.path`, then in the project's `src`
 * folder, from which it may be installed.
 */
function absoluteModule(search: Search, from: string, { module, addedFolders = [] }: ModuleRequest): string | null {
  if (module === "") return null;
  const { files, root } = search;
  const [first = ""] = module.split(".");
  // Installed packages beside each other are libraries to each other.
  if (INSTALLED.test(root) && first !== relative(root, from).split(sep)[0]) return null;
  const isThere = (folder: string): boolean =>
    files.kindOf(join(folder, first)) === "folder" || files.kindOf(join(folder, `${first}.py`)) === "file";
  const modulesIn = (folders: readonly string[]): Set<string> =>
    new Set(folders.filter(isThere).flatMap((folder) => moduleIn(search, folder, module) ?? []));
  const isPackage = (folder: string): boolean => files.kindOf(join(folder, "__init__.py")) === "file";
  const onTheWay = foldersUpTo(root, from);
  const added = addedFolders.flatMap((added) => onTheWay.map((folder) => join(folder, added)));
  const places = [onTheWay, added.filter((folder) => isInside(folder, root)), [join(root, "src")]];
  for (const folders of places) {
    const found = modulesIn(folders);
    // A package's own file that imports its name means, in Python 2, the module beside it.
    if (found.size > 1) found.delete(from);
    const [only = null, ...others] = found;
    if (only === null) continue;
    if (others.length === 0) return only;
    const [outside = null, ...rest] = modulesIn(folders.filter((folder) => !isPackage(folder)));
    return rest.length === 0 ? outside : null;
  }
  return null;
}

/** From the file's own folder to the root. */
function foldersUpTo(root: string, file: string): string[] {
  const folders = [dirname(file)];
  while (folders.length < MAX_DEPTH && folders.at(-1) !== root) folders.push(dirname(folders.at(-1) ?? root));
  return folders.filter((folder) => isInside(folder, root));
}

/** A package comes before a module of the same name, as in Python. */
function moduleIn({ files, realRoot }: Search, folder: string, module: string): string | null {
  const path = join(folder, ...module.split("."));
  const candidates = module === "" ? [join(path, "__init__.py")] : [join(path, "__init__.py"), `${path}.py`];
  const isModule = (candidate: string): boolean => {
    const real = files.kindOf(candidate) === "file" ? files.realPath(candidate) : null;
    return real !== null && isInside(real, realRoot);
  };
  return candidates.find(isModule) ?? null;
}

export function isInside(path: string, root: string): boolean {
  const way = relative(root, path);
  return way === "" || (!isAbsolute(way) && way !== ".." && !way.startsWith(`..${sep}`));
}

/** The path in the form of the one that asked. */
function sourceOf({ files, root }: Search, file: string, isAbsolutePath: boolean): ModuleSource | null {
  const text = files.textOf(file);
  if (text === null) return null;
  return { path: isAbsolutePath ? file : relative(root, file).split(sep).join("/"), text };
}
