/** At the end of each BN line: its gap, batch mean and batch variance, during a run and after it. */
import * as vscode from "vscode";
import type { RunStore } from "../runs/runStore";
import type { Health } from "../../engine/protocol/judgement";
import { lineText, worstSeverity } from "./lineStatistics";
import type { ModelReadings } from "./modelReadings";
import { modelUri } from "./modelSource";
import { type LineReport, reportOn } from "./runOnLines";

/** Nobody can read numbers that change faster. */
const UPDATE_INTERVAL_MS = 250;

const colors: Readonly<Record<Health, vscode.ThemeColor>> = {
  ok: new vscode.ThemeColor("editorCodeLens.foreground"),
  unknown: new vscode.ThemeColor("editorCodeLens.foreground"),
  warning: new vscode.ThemeColor("editorWarning.foreground"),
  error: new vscode.ThemeColor("editorError.foreground"),
};

export class StatisticsDecorations implements vscode.Disposable {
  private readonly type = vscode.window.createTextEditorDecorationType({
    rangeBehavior: vscode.DecorationRangeBehavior.ClosedOpen,
  });
  private readonly subscriptions: vscode.Disposable;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly readings: ModelReadings,
    private readonly store: RunStore,
  ) {
    this.subscriptions = vscode.Disposable.from(
      this.type,
      store.onDidChange(() => this.schedule()),
      readings.onDidChange(() => this.schedule()),
      vscode.window.onDidChangeVisibleTextEditors(() => this.schedule()),
      vscode.workspace.onDidChangeConfiguration(
        (event) => event.affectsConfiguration("normlens.editor") && this.schedule(),
      ),
    );
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.subscriptions.dispose();
  }

  private schedule(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      for (const editor of vscode.window.visibleTextEditors) this.draw(editor);
    }, UPDATE_INTERVAL_MS);
  }

  private draw(editor: vscode.TextEditor): void {
    const wanted = vscode.workspace
      .getConfiguration("normlens.editor", modelUri(editor.document))
      .get<boolean>("statistics", true);
    const report = wanted ? reportOn(editor.document, this.readings, this.store) : null;
    editor.setDecorations(
      this.type,
      (report?.lines ?? []).map((line) => decoration(editor.document, line)),
    );
  }
}

function decoration(document: vscode.TextDocument, { line, readings, isEdited }: LineReport): vscode.DecorationOptions {
  const end = document.lineAt(line - 1).range.end;
  const contentText = isEdited ? vscode.l10n.t("edited since the run") : lineText(readings);
  const color = isEdited ? colors.unknown : colors[worstSeverity(readings)];
  return {
    range: new vscode.Range(end, end),
    renderOptions: { after: { contentText, color, margin: "0 0 0 2em", ...(isEdited ? { fontStyle: "italic" } : {}) } },
  };
}
