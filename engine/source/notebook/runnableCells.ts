/** The cells of a notebook that a kernel runs: one that Python can't parse is refused by itself. Pure. */
import { parsePython } from "../../python/parse";
import { joinCells, type CellPlace } from "./joinCells";
import { leaveOut, maskMagics } from "./maskMagics";

export interface RunnableCells {
  readonly text: string;
  /** Where each cell that is left out is wrong first. */
  readonly refused: readonly CellPlace[];
}

/**
 * `text` is that of all cells, joined; its lines stay where they are.
 * @param isFinished Whether a cell may be left out. One that somebody types into will be right again.
 */
export function runnableCells(
  cells: readonly string[],
  text: string,
  isFinished: (cell: number) => boolean = () => true,
): RunnableCells {
  if (parsePython("cells.py", text).syntaxErrors.length === 0) return { text, refused: [] };
  const refused = cells.flatMap((source, cell): CellPlace[] => {
    if (!isFinished(cell)) return [];
    const [error] = parsePython("cell.py", maskMagics(source)).syntaxErrors;
    return error === undefined ? [] : [{ cell, line: error.line }];
  });
  const isRefused = new Set(refused.map(({ cell }) => cell));
  const rest = cells.map((source, cell) => (isRefused.has(cell) ? leaveOut(source) : source));
  return { text: joinCells(rest).text, refused };
}
