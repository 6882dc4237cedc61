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
  let bytes: Uint8Array;
  try {
    const status = statSync(path);
    if (!status.isFile()) return unreadFile(path, "It is not a regular file.");
    if (status.size > MAX_BYTES && !isNotebook(path)) return unreadFile(path, "It is larger than 2 MB.");
    bytes = readFileSync(path);
  } catch (error) {
    return unreadFile(path, `It can't be read (${(error as NodeJS.ErrnoException).code ?? "unknown error"}).`);
  }
  const source = decodeSource(path, bytes);
  if (!source.ok) return unreadFile(path, sentenceOf(source.problem));
  const { text, lineWords } = source.value;
  return { path, lineWords, lines: text.split(/\r\n|\n|\r/), ...lintSource(path, text, { ...options, lineWords }) };
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
