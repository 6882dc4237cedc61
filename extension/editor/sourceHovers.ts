/** Hover on a line of a model file: the layers it creates, the calls that led there, and what is unknown. */
import * as vscode from "vscode";
import { lineFacts } from "./lineFacts";
import type { ModelReadings } from "./modelReadings";

export class SourceHovers implements vscode.HoverProvider {
  constructor(private readonly readings: ModelReadings) {}

  async provideHover(document: vscode.TextDocument, position: vscode.Position): Promise<vscode.Hover | null> {
    const current = await this.readings.settled(document);
    if (!current || current.isStale) return null;
    const text = lineFacts(current.reading, current.lineRead(position.line + 1), current.source.layout.lineWords);
    return text === null
      ? null
      : new vscode.Hover(new vscode.MarkdownString(text), document.lineAt(position.line).range);
  }
}
