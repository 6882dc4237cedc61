/** Imported files, parsed once: while one file is edited, those it imports stay what they are. */
import { parsePython, type SourceFile } from "./parse";
import type { ModuleSource } from "./resolveModule";

const MOST_FILES = 200;
const parsed = new Map<string, SourceFile>();

/** The same path and text give the same tree, which is never changed. */
export function parsedFile({ path, text }: ModuleSource): SourceFile {
  const known = parsed.get(path);
  if (known?.text === text) return known;
  const file = parsePython(path, text);
  parsed.delete(path);
  parsed.set(path, file);
  const [oldest] = parsed.keys();
  if (parsed.size > MOST_FILES && oldest !== undefined) parsed.delete(oldest);
  return file;
}
