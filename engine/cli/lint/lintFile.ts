import { readFileSync, statSync } from "node:fs";
import { lintSource, type LintOptions, type LintedSource } from "../../findings/lintSource";

export interface LintedFile extends LintedSource {
  readonly path: string;
  /** The file's lines; none when it was not read. */
  readonly lines: readonly string[];
}

/** A model file has a few hundred lines; what is larger was generated. */
const MAX_BYTES = 2 * 1024 * 1024;

/** Never throws for what a file may be: what cannot be read is unread, with the reason. */
export function lintFile(path: string, options: LintOptions = {}): LintedFile {
  const unread = (reason: string): LintedFile => ({ path, unread: reason, findings: [], lines: [] });
  let text: string;
  try {
    const status = statSync(path);
    if (!status.isFile()) return unread("It is no regular file.");
    if (status.size > MAX_BYTES) return unread("It has more than 2 MB.");
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(readFileSync(path));
  } catch (error) {
    if (error instanceof TypeError) return unread("It is not UTF-8.");
    return unread(`It cannot be read (${(error as NodeJS.ErrnoException).code ?? "unknown error"}).`);
  }
  return { path, lines: text.split(/\r\n|\n|\r/), ...lintSource(path, text, options) };
}
