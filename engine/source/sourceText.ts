/** From the bytes of a model file to the program text that is read. Pure. */
import { plainLineWords, type LineWords } from "../protocol/problems";
import type { Outcome } from "../protocol/requests";
import { joinCells } from "./notebook/joinCells";
import { isNotebook, isPython3, notebookCells } from "./notebook/notebookCells";
import { runnableCells } from "./notebook/runnableCells";
import { textProblem } from "../python/textLimits";

export interface SourceText {
  /** Python or JavaScript; of a notebook its Python cells, joined. Lines of readings count in it. */
  readonly text: string;
  /** What a line is called: `line 12`, in a notebook `cell 3 line 2`. */
  readonly lineWords: LineWords;
  /** The same without the cells that a kernel refuses, and the lines where they are wrong. */
  readonly runnable: () => { readonly text: string; readonly refused: readonly number[] };
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
    : ({ ok: true, value: { text, lineWords: plainLineWords, runnable: () => ({ text, refused: [] }) } } as const);
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
  const texts = cells.value.map((cell) => cell.text);
  const { text, placeOf, lineOf } = joinCells(texts);
  const lineWords = (line: number): string => {
    const { cell, line: inCell } = placeOf(line);
    return cellLineWords(cells.value[cell]?.number ?? 1, inCell);
  };
  const runnable: SourceText["runnable"] = () => {
    // What Python 3 can't parse may have run in Python 2.
    if (!isPython3(json)) return { text, refused: [] };
    const rest = runnableCells(texts, text);
    return { text: rest.text, refused: rest.refused.map(lineOf) };
  };
  return { ok: true, value: { text, lineWords, runnable } };
}

export const cellLineWords = (cell: number, line: number): string => `cell ${cell} line ${line}`;
