/** From the bytes of a model file to the program text that is read. Pure. */
import { plainLineWords, type LineWords } from "../protocol/problems";
import type { Outcome } from "../protocol/requests";
import { joinCells } from "./notebook/joinCells";
import { isNotebook, notebookCells } from "./notebook/notebookCells";
import { textProblem } from "../python/textLimits";

export interface SourceText {
  /** Python or JavaScript; of a notebook its Python cells, joined. Lines of readings count in it. */
  readonly text: string;
  /** What a line is called: `line 12`, in a notebook `cell 3 line 2`. */
  readonly lineWords: LineWords;
}

/** A notebook may contain its pictures. */
const MAX_NOTEBOOK_BYTES = 50_000_000;

export function decodeSource(path: string, bytes: Uint8Array): Outcome<SourceText> {
  if (isNotebook(path) && bytes.length > MAX_NOTEBOOK_BYTES)
    return {
      ok: false,
      problem: { code: "notebook-malformed", path, detail: `it is larger than ${MAX_NOTEBOOK_BYTES / 1e6} MB` },
    };
  const text = decoded(bytes);
  if (text === null) return { ok: false, problem: { code: "file-not-text", path, detail: "its bytes are not UTF-8" } };
  const source = isNotebook(path)
    ? notebookText(path, text)
    : ({ ok: true, value: { text, lineWords: plainLineWords } } as const);
  const problem = source.ok ? textProblem(path, source.value.text) : null;
  return problem === null ? source : { ok: false, problem };
}

function decoded(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

function notebookText(path: string, json: string): Outcome<SourceText> {
  const cells = notebookCells(path, json);
  if (!cells.ok) return cells;
  const joined = joinCells(cells.value.map(({ text }) => text));
  const lineWords = (line: number): string => {
    const { cell, line: inCell } = joined.placeOf(line);
    return cellLineWords(cells.value[cell]?.number ?? 1, inCell);
  };
  return { ok: true, value: { text: joined.text, lineWords } };
}

export const cellLineWords = (cell: number, line: number): string => `cell ${cell} line ${line}`;
