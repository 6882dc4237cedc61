/** Files of settings that code opens: YAML and JSON inside the project, and nothing else. */
import { dirname, isAbsolute, join, resolve } from "node:path";
import type { ReadSettings } from "../python/resolveModule";
import { diskView, type FileView } from "./fileView";
import { isInside } from "./moduleResolver";

/** Larger files are data. */
const MOST_CHARACTERS = 256 * 1024;

/**
 * Paths are those of the code: absolute, or relative to the folder the script is started in, which is taken for that of
 * the file, or one of those around it up to `root`.
 */
export function settingsReader(root: string, files: FileView = diskView): ReadSettings {
  return (path, fromPath) => {
    if (!/\.(ya?ml|json)$/i.test(path)) return null;
    const realRoot = files.realPath(root);
    const found = placesOf(path, resolve(fromPath), root).find((place) => files.kindOf(place) === "file");
    const real = found === undefined ? null : files.realPath(found);
    if (found === undefined || real === null || realRoot === null || !isInside(real, realRoot)) return null;
    const text = files.textOf(found);
    return text === null || text.length > MOST_CHARACTERS ? null : { path: found, text };
  };
}

function placesOf(path: string, from: string, root: string): string[] {
  if (isAbsolute(path)) return [path];
  const places = [resolve(path)];
  for (let folder = dirname(from); isInside(folder, root); folder = dirname(folder)) {
    places.push(join(folder, path));
    if (folder === root || folder === dirname(folder)) break;
  }
  return places.filter((place) => isInside(place, root));
}
