/** Indentation as CPython measures it: tabs go to multiples of 8, and must mean the same if they were 1 wide. */

export interface Indent {
  readonly columns: number;
  /** The same with tabs that are one column wide. */
  readonly narrow: number;
}

export const NO_INDENT: Indent = { columns: 0, narrow: 0 };

export const afterTab = ({ columns, narrow }: Indent): Indent => ({
  columns: columns - (columns % 8) + 8,
  narrow: narrow + 1,
});

/** CPython's MAXINDENT. */
const MOST_INDENTS = 100;

export interface IndentChange {
  readonly indents: readonly Indent[];
  /** Positive: blocks that begin (one); negative: blocks that end. */
  readonly change: number;
  readonly error: string | null;
}

/** What a line's indentation means after a line of the innermost of the open blocks. */
export function indentChange(open: readonly Indent[], line: Indent): IndentChange {
  const innermost = open.at(-1) ?? NO_INDENT;
  if (line.columns > innermost.columns) {
    const error =
      line.narrow <= innermost.narrow
        ? "inconsistent use of tabs and blanks"
        : open.length >= MOST_INDENTS
          ? "too many levels of indentation"
          : null;
    return { indents: [...open, line], change: 1, error };
  }
  let count = open.length;
  while (count > 1 && line.columns < (open[count - 1]?.columns ?? 0)) count--;
  const left = open[count - 1] ?? NO_INDENT;
  const error =
    line.columns !== left.columns
      ? "the indentation fits no block"
      : line.narrow !== left.narrow
        ? "inconsistent use of tabs and blanks"
        : null;
  return { indents: count === open.length ? open : open.slice(0, count), change: count - open.length, error };
}
