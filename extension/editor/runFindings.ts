/** Diagnostics from runs, on the lines of their layers: what the judgement of the newest run of each script found. */
import * as vscode from "vscode";
import { ruleDescription } from "../../engine/findings/rules";
import type { RunFinding } from "../../engine/protocol/finding";
import type { Run } from "../runs/run";
import type { RunStore } from "../runs/runStore";
import { linesOfFinding } from "./findingLines";
import type { ModelReadings } from "./modelReadings";
import { modelPath } from "./modelSource";

/** A live run changes many times a second; its findings do not. */
const UPDATE_INTERVAL_MS = 250;

const severities: Readonly<Record<RunFinding["severity"], vscode.DiagnosticSeverity>> = {
  error: vscode.DiagnosticSeverity.Error,
  warning: vscode.DiagnosticSeverity.Warning,
  information: vscode.DiagnosticSeverity.Information,
};

export class RunFindings implements vscode.Disposable {
  private readonly collection = vscode.languages.createDiagnosticCollection("normlens-runs");
  private readonly subscriptions: vscode.Disposable;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly readings: ModelReadings,
    private readonly store: RunStore,
    private readonly extensionUri: vscode.Uri,
  ) {
    this.subscriptions = vscode.Disposable.from(
      this.collection,
      readings.onDidChange((document) => this.update(document)),
      store.onDidChange(() => this.schedule()),
      vscode.workspace.onDidCloseTextDocument((document) => this.collection.delete(document.uri)),
    );
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.subscriptions.dispose();
  }

  private schedule(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      for (const document of vscode.workspace.textDocuments)
        if (document.languageId === "python") this.update(document);
    }, UPDATE_INTERVAL_MS);
  }

  private update(document: vscode.TextDocument): void {
    const diagnostics = this.store.runsIn(modelPath(document)).flatMap((run) => this.ofRun(run, document));
    const shown = this.collection.get(document.uri) ?? [];
    const isSame =
      shown.length === diagnostics.length &&
      shown.every(
        ({ message, range }, index) =>
          message === diagnostics[index]?.message && range.isEqual(diagnostics[index].range),
      );
    if (!isSame) this.collection.set(document.uri, diagnostics);
  }

  private ofRun(run: Run, document: vscode.TextDocument): vscode.Diagnostic[] {
    if (run.isRecording && !run.isLoaded && !run.isUnreadable) this.store.load(run);
    const { readings, store } = this;
    const lines = linesOfFinding({ run, document, current: readings.read(document), store });
    return (run.judgement(null)?.findings ?? []).flatMap((finding) =>
      lines(finding).map(({ line, isEdited }) => this.diagnostic(finding, rangeOf(document, line), isEdited)),
    );
  }

  private diagnostic(finding: RunFinding, range: vscode.Range, isEdited: boolean): vscode.Diagnostic {
    const edited = isEdited ? [vscode.l10n.t("The line was edited since the run.")] : [];
    const sentences = [finding.verdict, finding.evidence, finding.next, ...edited].filter((text) => text !== "");
    const diagnostic = new vscode.Diagnostic(range, sentences.join(" "), severities[finding.severity]);
    diagnostic.source = "NormLens run";
    const docs = ruleDescription(finding.rule)?.docs;
    if (docs !== undefined)
      diagnostic.code = { value: finding.rule, target: vscode.Uri.joinPath(this.extensionUri, docs) };
    return diagnostic;
  }
}

/** The line without its indentation. */
function rangeOf(document: vscode.TextDocument, line: number): vscode.Range {
  const { range, firstNonWhitespaceCharacterIndex } = document.lineAt(line - 1);
  return range.with(range.start.translate(0, firstNonWhitespaceCharacterIndex));
}
