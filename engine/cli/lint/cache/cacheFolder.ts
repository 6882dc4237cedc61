/** Where programs of a person keep what they can make again, and how much of ours may lie there. */
import { readdirSync, rmSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

interface Surroundings {
  readonly env: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
  readonly home: string;
}

const ours = (): Surroundings => ({ env: process.env, platform: process.platform, home: homedir() });

/** Per operating system; XDG_CACHE_HOME comes first on each. */
export function cacheFolder({ env, platform, home }: Surroundings = ours()): string {
  const { XDG_CACHE_HOME: xdg = "", LOCALAPPDATA: local = "" } = env;
  const base = isAbsolute(xdg) ? xdg : platform === "win32" && local !== "" ? local : join(home, usual(platform));
  return join(base, "normlens", "lint");
}

function usual(platform: NodeJS.Platform): string {
  if (platform === "win32") return join("AppData", "Local");
  return platform === "darwin" ? join("Library", "Caches") : ".cache";
}

/** Deletes the files that were written longest ago, until the others have `most` bytes together. */
export function keepBelow(folder: string, most: number): void {
  const files = readdirSync(folder)
    .map((name) => join(folder, name))
    .map((path) => ({ path, ...pick(path) }))
    .sort((a, b) => b.writtenMs - a.writtenMs);
  let together = 0;
  for (const { path, size } of files) {
    together += size;
    if (together > most) rmSync(path, { force: true });
  }
}

/** Another process may have deleted it by now. */
function pick(path: string): { readonly size: number; readonly writtenMs: number } {
  const status = statSync(path, { throwIfNoEntry: false });
  return { size: status?.size ?? 0, writtenMs: status?.mtimeMs ?? 0 };
}
