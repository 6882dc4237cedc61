import type { SourceRange } from "../protocol/modelGraph";
import type { Span } from "./expressions";

export interface Position {
  /** From 1. */
  readonly line: number;
  /** From 0, in UTF-16 units, as editors count. */
  readonly column: number;
}

/** Offsets to lines and columns. Python and editors agree on line ends: LF, CRLF and a lone CR. */
export class LineMap {
  private readonly starts: readonly number[];

  constructor(text: string) {
    const starts = [0];
    for (const match of text.matchAll(/\r\n|\n|\r/g)) starts.push(match.index + match[0].length);
    this.starts = starts;
  }

  position(offset: number): Position {
    let low = 0;
    let high = this.starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (this.starts[low] ?? 0) };
  }

  range(path: string, span: Span): SourceRange {
    const start = this.position(span.from);
    const end = this.position(span.to);
    return { path, startLine: start.line, startColumn: start.column, endLine: end.line, endColumn: end.column };
  }
}
