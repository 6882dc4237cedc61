/** Cells of a notebook as one Python text, and the way between its lines and theirs. Pure. */
import { maskMagics } from "./maskMagics";

export interface CellPlace {
  /** Index among the cells that were joined. */
  readonly cell: number;
  /** From 1. */
  readonly line: number;
}

export interface JoinedCells {
  /** Each cell begins a line. */
  readonly text: string;
  /** Where a line of the text (from 1) comes from. */
  readonly placeOf: (line: number) => CellPlace;
  /** The line of the text that a line of a cell became. */
  readonly lineOf: (place: CellPlace) => number;
}

export function joinCells(cells: readonly string[]): JoinedCells {
  const firstLines: number[] = [];
  let next = 1;
  for (const cell of cells) {
    firstLines.push(next);
    next += cell.split(/\r\n|\n|\r/).length;
  }
  return {
    text: cells.map(maskMagics).join("\n"),
    placeOf: (line) => {
      const cell = Math.max(
        0,
        firstLines.findLastIndex((first) => first <= line),
      );
      return { cell, line: line - (firstLines[cell] ?? 1) + 1 };
    },
    lineOf: ({ cell, line }) => (firstLines[cell] ?? 1) + line - 1,
  };
}
