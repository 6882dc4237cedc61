/** What finding modules has to know about a disk, and the disk itself. */
import { readFileSync, realpathSync, statSync } from "node:fs";

/** Larger files are data, not models. */
export const MAX_BYTES = 2 * 1024 * 1024;

export interface FileView {
  /** What a path leads to, through links; null when there is neither. */
  kindOf(path: string): "file" | "folder" | null;
  /** The path without links; null when it leads nowhere. */
  realPath(path: string): string | null;
  /** Null for a file that is too large, that is not UTF-8, or that can't be read. */
  textOf(path: string): string | null;
}

/** Reads the disk at each question, and waits for it: for the command line. */
export const diskView: FileView = {
  kindOf: (path) => kindOf(attempt(() => statSync(path, { throwIfNoEntry: false }))),
  realPath: (path) => attempt(() => realpathSync(path)) ?? null,
  textOf: (path) =>
    attempt(() => {
      const size = statSync(path).size;
      return size > MAX_BYTES ? null : decodeText(readFileSync(path));
    }) ?? null,
};

/** The answer to `kindOf` from what the operating system says of a path. */
export function kindOf(
  stats: { isFile(): boolean; isDirectory(): boolean } | null | undefined,
): "file" | "folder" | null {
  if (stats?.isFile() === true) return "file";
  return stats?.isDirectory() === true ? "folder" : null;
}

/** Throws for bytes that are not UTF-8. */
export const decodeText = (bytes: Uint8Array): string => new TextDecoder("utf-8", { fatal: true }).decode(bytes);

function attempt<T>(look: () => T): T | null {
  try {
    return look();
  } catch {
    return null;
  }
}
