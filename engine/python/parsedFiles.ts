/** Imported files, parsed once: while one file is edited, those it imports stay what they are. */
import { parsePython, type SourceFile } from "./parse";
import type { ModuleSource } from "./resolveModule";

/** Of text in all: as much as two large programs together. A tree takes about thirty times its text. */
const MOST_CHARACTERS = 6_000_000;
const parsed = new Map<string, SourceFile>();
let characters = 0;

/** The same path and text give the same tree, which is never changed. */
export function parsedFile({ path, text }: ModuleSource): SourceFile {
  const known = parsed.get(path);
  if (known !== undefined) forget(path, known);
  const file = known?.text === text ? known : parsePython(path, text);
  parsed.set(path, file);
  characters += text.length;
  for (const [oldest, old] of parsed) {
    if (characters <= MOST_CHARACTERS) break;
    forget(oldest, old);
  }
  return file;
}

function forget(path: string, { text }: Pick<SourceFile, "text">): void {
  parsed.delete(path);
  characters -= text.length;
}
