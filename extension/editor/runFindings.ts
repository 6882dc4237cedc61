/** Squiggles for what the newest run of a file found: contracts of annotations that it broke. */
import * as vscode from "vscode";
import { ruleDescription } from "../../engine/findings/rules";
import type { RunStore } from "../runs/runStore";
import type { ModelReadings } from "./modelReadings";
import { modelPath } from "./modelSource";

export class RunFindings implements vscode.Disposable {
  private readonly collection = vscode.languages.createDiagnosticCollection("normlens-runs");
  private readonly subscriptions: vscode.Disposable;

  constructor(
    private readonly readings: ModelReadings,
    private readonly store: RunStore,
    private readonly extensionUri: vscode.Uri,
  ) {
    this.subscriptions = vscode.Disposable.from(
      this.collection,
      readings.onDidChange((document) => this.update(document)),
      store.onDidChangeState(() => this.updateAll()),
      store.onDidChange(() => this.updateAll()),
      vscode.workspace.onDidCloseTextDocument((document) => this.collection.delete(document.uri)),
    );
  }

  dispose(): void {
    this.subscriptions.dispose();
  }

  private updateAll(): void {
    for (const document of vscode.workspace.textDocuments) if (document.languageId === "python") this.update(document);
  }

  /** The layer's own line now, wherever it has moved; what is annotated otherwise since then says nothing any more. */
  private update(document: vscode.TextDocument): void {
    const current = this.readings.read(document);
    const run = this.store.latestOf(modelPath(document));
    const layers = new Map(current?.reading.variant?.layers.map((layer) => [layer.name, layer]));
    const diagnostics = (run?.findings ?? []).flatMap((finding) => {
      const layer = layers.get(finding.layer ?? "");
      const line = layer?.contracts === undefined ? null : (current?.lineNow(layer.range.startLine) ?? null);
      if (line === null || line > document.lineCount) return [];
      const { range, text } = document.lineAt(line - 1);
      const diagnostic = new vscode.Diagnostic(
        range.with(range.start.translate(0, text.length - text.trimStart().length)),
        `${finding.verdict} ${finding.evidence} ${finding.next}`,
        vscode.DiagnosticSeverity.Warning,
      );
      diagnostic.source = "NormLens run";
      const docs = ruleDescription(finding.rule)?.docs;
      if (docs !== undefined)
        diagnostic.code = { value: finding.rule, target: vscode.Uri.joinPath(this.extensionUri, docs) };
      return [diagnostic];
    });
    // A live run changes many times a second; its findings do not.
    const shown = this.collection.get(document.uri) ?? [];
    const isSame =
      shown.length === diagnostics.length &&
      shown.every(
        ({ message, range }, index) =>
          message === diagnostics[index]?.message && range.isEqual(diagnostics[index].range),
      );
    if (!isSame) this.collection.set(document.uri, diagnostics);
  }
}
