/** The modules that a file named on the command line imports: of its project, wherever the command was started. */
import { isAbsolute, relative, resolve, sep } from "node:path";
import type { ModuleSource, ReadSettings, ResolveModule } from "../python/resolveModule";
import { callersOf, type Listing } from "../workspace/callers";
import { diskView, type FileView } from "../workspace/fileView";
import { createModuleResolver } from "../workspace/moduleResolver";
import { settingsReader } from "../workspace/settingsFiles";
import { projectRoot } from "../workspace/projectRoot";

/**
 * Answers are absolute where `path` is, else relative to the working directory where they are in it.
 *
 * @param root The folder of the project that `path` belongs to.
 */
export function importsFrom(
  path: string,
  root: string = projectRoot(resolve(path)),
  files: FileView = diskView,
): ResolveModule {
  const resolveInProject = createModuleResolver(root, files);
  const shown = isAbsolute(path) ? (file: string): string => file : fromHere;
  return (request) => {
    const found = resolveInProject({ ...request, fromPath: resolve(request.fromPath) });
    return found === null ? null : { ...found, path: shown(found.path) };
  };
}

/** Scripts of the project beside the file that import it. */
export function callersFrom(
  path: string,
  root: string = projectRoot(resolve(path)),
  files?: Listing,
): () => readonly ModuleSource[] {
  const shown = isAbsolute(path) ? (file: string): string => file : fromHere;
  return () => callersOf(resolve(path), root, files).map(({ path: file, text }) => ({ path: shown(file), text }));
}

/** Files of settings of the project. */
export const settingsFrom = (
  path: string,
  root: string = projectRoot(resolve(path)),
  files: FileView = diskView,
): ReadSettings => settingsReader(root, files);

function fromHere(file: string): string {
  const way = relative(process.cwd(), file);
  return isAbsolute(way) || way.split(sep)[0] === ".." ? file : way.split(sep).join("/");
}
