/** The Runs view: the newest run first, with its state and test accuracy. A click opens its panel. */
import * as vscode from "vscode";
import { predictionText } from "../../engine/protocol/numberText";
import type { RunState } from "../../engine/protocol/judgement";
import type { Run } from "../runs/run";
import type { RunStore } from "../runs/runStore";
import { runDescription, runTitle, stateWords } from "./runWords";

const REFRESH_INTERVAL_MS = 500;

const icons: Readonly<Record<RunState, vscode.ThemeIcon>> = {
  starting: new vscode.ThemeIcon("loading~spin"),
  running: new vscode.ThemeIcon("loading~spin"),
  paused: new vscode.ThemeIcon("debug-pause"),
  completed: new vscode.ThemeIcon("pass", new vscode.ThemeColor("testing.iconPassed")),
  stopped: new vscode.ThemeIcon("debug-stop"),
  diverged: new vscode.ThemeIcon("error", new vscode.ThemeColor("problemsErrorIcon.foreground")),
  failed: new vscode.ThemeIcon("error", new vscode.ThemeColor("problemsErrorIcon.foreground")),
  unsure: new vscode.ThemeIcon("question"),
  interrupted: new vscode.ThemeIcon("warning", new vscode.ThemeColor("problemsWarningIcon.foreground")),
};

export class RunsTree implements vscode.TreeDataProvider<Run>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<undefined>();
  private readonly subscription: vscode.Disposable;
  private timer: NodeJS.Timeout | undefined;
  readonly onDidChangeTreeData = this.changed.event;

  constructor(private readonly store: RunStore) {
    this.subscription = store.onDidChange(() => this.scheduleRefresh());
  }

  getChildren(element?: Run): Run[] | null {
    return element ? null : [...this.store.all];
  }

  getTreeItem(run: Run): vscode.TreeItem {
    const item = new vscode.TreeItem(runTitle(run));
    item.id = run.id;
    item.description = runDescription(run);
    item.iconPath = icons[run.state];
    item.contextValue = run.process ? `run.${run.state}` : run.isResumable ? "run.resumable" : "run.ended";
    item.command = { command: "normlens.openRun", title: vscode.l10n.t("Open Run"), arguments: [run] };
    item.tooltip = runTooltip(run);
    const label = [...new Set([runTitle(run), stateWords(run), runDescription(run)])].join(", ");
    item.accessibilityInformation = { label };
    return item;
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.subscription.dispose();
    this.changed.dispose();
  }

  private scheduleRefresh(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.changed.fire(undefined);
    }, REFRESH_INTERVAL_MS);
  }
}

function runTooltip(run: Run): string {
  const startedAt = run.record?.startedAt ?? null;
  const started = startedAt === null ? "" : new Date(startedAt).toLocaleString();
  const prediction =
    run.isLive && run.record?.prediction && run.record.plannedSteps !== null
      ? vscode.l10n.t("The run needs {0}.", predictionText(run.record.prediction, run.record.plannedSteps))
      : "";
  return [runTitle(run), started, prediction, run.explanation?.sentence ?? "", run.folder]
    .filter((line) => line !== "")
    .join("\n");
}
