/** All open run panels: one per run or comparison, never two of the same, restored after a reload. */
import * as vscode from "vscode";
import type { PanelState } from "../../webview/protocol";
import type { Run } from "../runs/run";
import type { RunStore } from "../runs/runStore";
import { RUN_PANEL_TYPE, RunPanel, type RunPanelActions } from "./runPanel";

export class RunPanels implements vscode.WebviewPanelSerializer, vscode.Disposable {
  private readonly panels = new Set<RunPanel>();

  constructor(
    private readonly extensionUri: vscode.Uri,
    private readonly store: RunStore,
    private readonly actions: RunPanelActions,
  ) {}

  /** Opens the runs' panel beside the editor, or brings it to the front. Focus stays where it is. */
  open(runs: readonly Run[]): RunPanel {
    const wanted = runs.map((run) => run.id);
    for (const panel of this.panels) {
      if (panel.runIds.join("\n") !== wanted.join("\n")) continue;
      panel.reveal();
      return panel;
    }
    const panel = vscode.window.createWebviewPanel(
      RUN_PANEL_TYPE,
      vscode.l10n.t("Run"),
      { viewColumn: this.usualColumn() ?? vscode.ViewColumn.Beside, preserveFocus: true },
      { enableFindWidget: false },
    );
    return this.adopt(panel, runs);
  }

  /** The column of the other panels: a new one opens beside them as a tab and does not split the editor again. */
  private usualColumn(): vscode.ViewColumn | undefined {
    return [...this.panels].map(({ viewColumn }) => viewColumn).findLast((column) => column !== undefined);
  }

  updateAll(): void {
    for (const panel of this.panels) panel.scheduleDelta();
  }

  /** VS Code restores a panel after a reload; what it showed is in its state. */
  deserializeWebviewPanel(panel: vscode.WebviewPanel, state: PanelState | undefined): Promise<void> {
    try {
      const runs = (state?.runIds ?? []).map((id) => this.store.open(id));
      if (runs.length > 0) this.adopt(panel, runs);
      else panel.dispose();
    } catch {
      // The run's folder is gone: an empty panel would only confuse.
      panel.dispose();
    }
    return Promise.resolve();
  }

  dispose(): void {
    for (const panel of this.panels) panel.dispose();
  }

  private adopt(webviewPanel: vscode.WebviewPanel, runs: readonly Run[]): RunPanel {
    const panel = new RunPanel(webviewPanel, this.extensionUri, runs, this.store, this.actions);
    this.panels.add(panel);
    panel.onDidDispose(() => this.panels.delete(panel));
    return panel;
  }
}
