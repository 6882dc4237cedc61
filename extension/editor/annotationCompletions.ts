/** Completion inside `# normlens:` comments. */
import * as vscode from "vscode";
import { layersOnLine } from "../../engine/graph/applyAnnotations";
import { completeAnnotation } from "../../engine/source/annotations/completeAnnotation";
import type { ModelReadings } from "./modelReadings";

export class AnnotationCompletions implements vscode.CompletionItemProvider {
  static readonly triggers = [" ", ":"];

  constructor(private readonly readings: ModelReadings) {}

  async provideCompletionItems(
    document: vscode.TextDocument,
    position: vscode.Position,
  ): Promise<vscode.CompletionItem[]> {
    const line = document.lineAt(position.line).text;
    // Most spaces are typed in code, where nothing is to be completed.
    if (!/#\s*normlens\s*:/i.test(line.slice(0, position.character))) return [];
    const current = await this.readings.settled(document);
    const layers = current?.reading.graph
      ? layersOnLine(current.reading.graph, current.lineRead(position.line + 1))
      : [];
    const completions = completeAnnotation(line, position.character, {
      layers,
      candidates: current?.reading.candidates ?? [],
    });
    if (completions === null) return [];
    const range = new vscode.Range(position.line, completions.from, position.line, completions.to);
    return completions.items.map(({ text, detail }, index) => {
      const item = new vscode.CompletionItem({ label: text, description: detail }, vscode.CompletionItemKind.Keyword);
      item.range = range;
      item.sortText = String(index).padStart(3, "0");
      return item;
    });
  }
}
