/** Diagnostics from the newest run of a file: contracts that it broke, outputs that it did not train. */
import * as vscode from "vscode";
import { ruleDescription } from "../../engine/findings/rules";
import type { Finding } from "../../engine/protocol/finding";
import type { Layer } from "../../engine/protocol/modelGraph";
import type { RunStore } from "../runs/runStore";
import type { ModelReadings } from "./modelReadings";
import { modelPath } from "./modelSource";

const severities: Readonly<Record<Finding["severity"], vscode.DiagnosticSeverity>> = {
  error: vscode.DiagnosticSeverity.Error,
  warning: vscode.DiagnosticSeverity.Warning,
  information: vscode.DiagnosticSeverity.Information,
};

/** A broken contract is no longer shown when its annotation was removed. */
const stillHolds = ({ rule }: Finding, layer: Layer): boolean =>
  rule !== "contract-broken" || layer.contracts !== undefined;

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

  /** At the line where the layer is now. */
  private update(document: vscode.TextDocument): void {
    const current = this.readings.read(document);
    const run = this.store.latestOf(modelPath(document));
    const layers = new Map(current?.reading.variant?.layers.map((layer) => [layer.name, layer]));
    const diagnostics = (run?.summary.findings ?? []).flatMap((finding) => {
      const layer = layers.get(finding.layer ?? "");
      if (!layer || !stillHolds(finding, layer) || layer.range.path !== current?.reading.path) return [];
      const line = current.lineNow(layer.range.startLine);
      if (line === null || line > document.lineCount) return [];
      const { range, text } = document.lineAt(line - 1);
      const diagnostic = new vscode.Diagnostic(
        range.with(range.start.translate(0, text.length - text.trimStart().length)),
        `${finding.verdict} ${finding.evidence} ${finding.next}`,
        severities[finding.severity],
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
