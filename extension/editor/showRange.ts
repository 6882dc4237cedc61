/** Where a range of a reading is: in the documents it was read from, or in a file they import. */
import * as vscode from "vscode";
import type { SourceRange } from "../../engine/protocol/modelGraph";
import { plainLineWords } from "../../engine/protocol/problems";
import { showLine } from "../showLine";
import type { DocumentReading } from "./documentReading";

export interface LineSite {
  readonly uri: vscode.Uri;
  /** From 1. */
  readonly line: number;
}

/** null when the line can't be found any more. */
export function siteOf({ reading, lineAnywhere }: DocumentReading, { path, startLine }: SourceRange): LineSite | null {
  if (path !== reading.path) return { uri: vscode.Uri.file(path), line: startLine };
  const place = lineAnywhere(startLine);
  return place && { uri: place.document.uri, line: place.line };
}

export async function showRange(current: DocumentReading, range: SourceRange): Promise<void> {
  const site = siteOf(current, range);
  if (site) await showLine(site.uri, site.line);
}

/** `line 12`, `cell 3 line 2`. */
export function lineText({ reading, source }: DocumentReading, range: SourceRange | undefined): string {
  if (!range) return vscode.l10n.t("line unknown");
  return range.path === reading.path ? source.layout.lineWords(range.startLine) : plainLineWords(range.startLine);
}
