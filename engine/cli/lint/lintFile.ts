import { readFileSync, statSync } from "node:fs";
import { lintSource, type LintOptions, type LintedSource, unreadSource } from "../../findings/lintSource";
import { type LineWords, type Problem, describeProblem, plainLineWords } from "../../protocol/problems";
import { isNotebook } from "../../source/notebook/notebookCells";
import { decodeSource } from "../../source/sourceText";

export interface LintedFile extends LintedSource {
  readonly path: string;
  /** The file's lines; none when it was not read. */
  readonly lines: readonly string[];
  /** How its lines are shown; in a notebook findings have the lines of its joined cells. */
  readonly lineWords: LineWords;
}

/** A model file has a few hundred lines; what is larger was generated. A notebook may contain its pictures. */
const MAX_BYTES = 2 * 1024 * 1024;

/** Never throws for what a file may be: what cannot be read is unread, with the reason. */
export function lintFile(path: string, options: LintOptions = {}): LintedFile {
  const bytes = bytesOf(path);
  return typeof bytes === "string" ? unreadFile(path, bytes) : withLines(path, bytes, lintBytes(path, bytes, options));
}

/** The bytes of a file, or in one sentence why it is not read. */
export function bytesOf(path: string): Uint8Array | string {
  try {
    const status = statSync(path);
    if (!status.isFile()) return "It is not a regular file.";
    if (status.size > MAX_BYTES && !isNotebook(path)) return "It is larger than 2 MB.";
    return readFileSync(path);
  } catch (error) {
    return `It can't be read (${(error as NodeJS.ErrnoException).code ?? "unknown error"}).`;
  }
}

export function lintBytes(path: string, bytes: Uint8Array, options: LintOptions = {}): LintedSource {
  const source = decodeSource(path, bytes);
  if (!source.ok) return unreadSource(sentenceOf(source.problem));
  const { lineWords, runnable } = source.value;
  const { text, refused } = runnable();
  return lintSource(path, text, { ...options, lineWords, refused });
}

/** What was found in a file, with what is needed to show where. */
export function withLines(path: string, bytes: Uint8Array, linted: LintedSource): LintedFile {
  const source = decodeSource(path, bytes);
  const { text, lineWords } = source.ok ? source.value : { text: null, lineWords: plainLineWords };
  return { path, lineWords, lines: text?.split(/\r\n|\n|\r/) ?? [], ...linted };
}

export const unreadFile = (path: string, reason: string): LintedFile => ({
  path,
  ...unreadSource(reason),
  lines: [],
  lineWords: plainLineWords,
});

/** The path is already printed with the reason. */
const sentenceOf = (problem: Problem): string =>
  problem.code === "file-not-text" && problem.detail.endsWith("UTF-8")
    ? "It is not UTF-8."
    : describeProblem(problem).sentence;
