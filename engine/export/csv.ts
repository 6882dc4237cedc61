/** Comma-separated values (RFC 4180), with a header line; what was not measured is empty. */
import type { ExportCell, ExportTable } from "./exportTables";

/** Lines are joined to pieces of some thousand, so that each write is worth it. */
const LINES_PER_PIECE = 2000;

export function* csvPieces({ columns, rows }: ExportTable): Iterable<string> {
  let lines = [columns.map(cellText).join(",")];
  for (const row of rows()) {
    lines.push(row.map(cellText).join(","));
    if (lines.length < LINES_PER_PIECE) continue;
    yield `${lines.join("\r\n")}\r\n`;
    lines = [];
  }
  if (lines.length > 0) yield `${lines.join("\r\n")}\r\n`;
}

function cellText(cell: ExportCell): string {
  if (cell === null) return "";
  const text = typeof cell === "number" ? String(cell) : guarded(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A spreadsheet takes what begins so for a formula: names come from files, and are data. */
const guarded = (text: string): string => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text);
