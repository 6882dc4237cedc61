/**
 * A reading from the view of one document: with the document's own lines, which in a notebook are those of one cell.
 */
import type * as vscode from "vscode";
import type { SourceRange } from "../../engine/protocol/modelGraph";
import type { CachedReading } from "../../engine/source/readingCache";
import type { ModelSource, SourceLine } from "./modelSource";
import { toRange } from "./ranges";

/** What was read from a whole source. Its lines are the lines of the program's text. */
export interface SourceReading extends CachedReading {
  readonly source: ModelSource;
  /** The line of the program now for a line of the reading; null when it can't be found any more. */
  readonly programLine: (line: number) => number | null;
}

export interface SourcePlace {
  readonly document: vscode.TextDocument;
  readonly range: vscode.Range;
}

export interface DocumentReading extends SourceReading {
  /** The document's line now (from 1) for a line of the reading; null when it is in another document, or gone. */
  readonly lineNow: (line: number) => number | null;
  /** The reading's line for a line of the document. Valid unless the reading is stale. */
  readonly lineRead: (line: number) => number;
  /** Where a line of the reading is now, in whichever document. */
  readonly lineAnywhere: (line: number) => SourceLine | null;
  /** The document's range for a range of the reading; null when it is elsewhere. Valid unless the reading is stale. */
  readonly rangeHere: (range: SourceRange) => vscode.Range | null;
  /** The same in whichever document; null for other files, and for ranges that span several cells. */
  readonly rangeAnywhere: (range: SourceRange) => SourcePlace | null;
}

export function readingFor(document: vscode.TextDocument, current: SourceReading): DocumentReading {
  const { source, reading, programLine } = current;
  const lineAnywhere = (line: number): SourceLine | null => {
    const now = programLine(line);
    return now === null ? null : source.layout.placeOf(now);
  };
  const rangeAnywhere = (range: SourceRange): SourcePlace | null => {
    if (range.path !== reading.path) return null;
    const start = source.layout.placeOf(range.startLine);
    const end = source.layout.placeOf(range.endLine);
    if (start.document !== end.document) return null;
    return { document: start.document, range: toRange({ ...range, startLine: start.line, endLine: end.line }) };
  };
  return {
    ...current,
    lineAnywhere,
    rangeAnywhere,
    lineNow: (line) => {
      const place = lineAnywhere(line);
      return place?.document === document ? place.line : null;
    },
    lineRead: (line) => source.layout.lineOf({ document, line }),
    rangeHere: (range) => {
      const place = rangeAnywhere(range);
      return place?.document === document ? place.range : null;
    },
  };
}
