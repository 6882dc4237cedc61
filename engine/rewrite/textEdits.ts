/** Edits of a text by offsets, and what is around a place in it. */
import type { Span } from "../python/expressions";

export interface OffsetEdit extends Span {
  readonly newText: string;
}

export const insertAt = (offset: number, newText: string): OffsetEdit => ({ from: offset, to: offset, newText });

/** The text with its edits, which do not overlap; null when they do. */
export function applyEdits(text: string, edits: readonly OffsetEdit[]): string | null {
  const ordered = edits
    .map((edit, index) => ({ ...edit, index }))
    .sort((a, b) => a.from - b.from || a.to - b.to || a.index - b.index);
  let result = "";
  let position = 0;
  for (const { from, to, newText } of ordered) {
    if (from < position) return null;
    result += text.slice(position, from) + newText;
    position = to;
  }
  return result + text.slice(position);
}

/** The offset where the line of `offset` begins. */
export function lineStart(text: string, offset: number): number {
  return Math.max(text.lastIndexOf("\n", offset - 1), text.lastIndexOf("\r", offset - 1)) + 1;
}

/** The offset where a line begins, counted from 1. */
export function lineOffset(text: string, line: number): number {
  let offset = 0;
  for (let count = 1; count < line; count++) {
    const broken = /\r\n|\n|\r/.exec(text.slice(offset));
    if (broken === null) return lineStart(text, text.length);
    offset += broken.index + broken[0].length;
  }
  return offset;
}

/** The offset of the line's end, before its line break. */
export function lineEnd(text: string, offset: number): number {
  const rest = /[\r\n]/.exec(text.slice(offset));
  return rest === null ? text.length : offset + rest.index;
}

/** The line break that the file uses. */
export function lineBreak(text: string): string {
  return /\r\n|\n|\r/.exec(text)?.[0] ?? "\n";
}

/** The blanks that the line of `offset` begins with. */
export function indentation(text: string, offset: number): string {
  return /^[ \t]*/.exec(text.slice(lineStart(text, offset)))?.[0] ?? "";
}

/** Whether nothing but blanks stands before `offset` in its line. */
export function isFirstInLine(text: string, offset: number): boolean {
  return text.slice(lineStart(text, offset), offset).trim() === "";
}

/** The lines that `span` covers, with the break after them, to take them out as a whole. */
export function wholeLines(text: string, span: Span): Span {
  const end = lineEnd(text, span.to);
  const broken = /^(\r\n|\n|\r)/.exec(text.slice(end))?.[0] ?? "";
  return { from: lineStart(text, span.from), to: end + broken.length };
}

/** The text after `offset` in its line, when that is at most a comma and a comment. */
export function restOfLine(
  text: string,
  offset: number,
): { readonly comma: number | null; readonly end: number } | null {
  const end = lineEnd(text, offset);
  const match = /^\s*(,?)\s*(#.*)?$/.exec(text.slice(offset, end));
  if (match === null) return null;
  return { comma: match[1] === "," ? offset + text.slice(offset, end).indexOf(",") + 1 : null, end };
}
