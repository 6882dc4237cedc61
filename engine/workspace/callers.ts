/** Scripts beside a module that import it: they show what its classes are called with. */
import { readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { ModuleSource } from "../python/resolveModule";
import { diskView, type FileView } from "./fileView";

/** A folder with more files than this is no place where people keep a script and its models. */
const MOST_FILES = 60;
/** So many are read, the nearest first. */
const MOST_CALLERS = 4;

/** Folders where people keep what is run. */
const SCRIPTS = /^(scripts?|tools?|bin|examples?|experiments?|train(ing)?)$/;

/** What finding callers has to know about a disk. */
export interface Listing extends Pick<FileView, "textOf"> {
  /** Names in a folder; none where it can't be read. */
  namesIn(folder: string): readonly string[];
}

export const diskListing: Listing = {
  textOf: (path) => diskView.textOf(path),
  namesIn: (folder) => {
    try {
      return readdirSync(folder).sort();
    } catch {
      return [];
    }
  },
};

/**
 * Files of the module's folder and of those around it, up to the project's, with their folders for scripts, that name
 * the module in an import.
 */
export function callersOf(path: string, root: string, view: Listing = diskListing): ModuleSource[] {
  const stem = basename(path).replace(/\.\w+$/, "");
  const module = stem === "__init__" ? basename(dirname(path)) : stem;
  const imports = new RegExp(`^\\s*(from|import)\\b.*\\b${module.replace(/\W/g, "\\$&")}\\b`, "m");
  const found: ModuleSource[] = [];
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const all = view.namesIn(folder);
    const inside = all.filter((name) => SCRIPTS.test(name)).map((name) => join(folder, name));
    for (const place of [folder, ...inside.filter((one) => !path.startsWith(join(one, "/")))]) {
      const names = (place === folder ? all : view.namesIn(place)).filter((name) => name.endsWith(".py"));
      for (const name of names.length > MOST_FILES ? [] : names) {
        const file = join(place, name);
        const text = file === path ? null : view.textOf(file);
        if (text !== null && imports.test(text)) found.push({ path: file, text });
        if (found.length === MOST_CALLERS) return found;
      }
    }
    if (folder === root || folder === dirname(folder)) return found;
  }
}
