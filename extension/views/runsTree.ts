/** The Runs view: newest first, with state and test accuracy; a click opens the panel. */
import * as vscode from "vscode";
import { percentage, predictionText } from "../../engine/protocol/numberText";
import type { RunState } from "../../webview/protocol";
import type { Run } from "../runs/run";
import type { RunStore } from "../runs/runStore";

const REFRESH_INTERVAL_MS = 500;

const icons: Readonly<Record<RunState, vscode.ThemeIcon>> = {
  starting: new vscode.ThemeIcon("loading~spin"),
  running: new vscode.ThemeIcon("loading~spin"),
  paused: new vscode.ThemeIcon("debug-pause"),
  completed: new vscode.ThemeIcon("pass", new vscode.ThemeColor("testing.iconPassed")),
  stopped: new vscode.ThemeIcon("debug-stop"),
  diverged: new vscode.ThemeIcon("error", new vscode.ThemeColor("problemsErrorIcon.foreground")),
  failed: new vscode.ThemeIcon("error", new vscode.ThemeColor("problemsErrorIcon.foreground")),
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
    item.command = { command: "normlens.openRun", title: "Open Run", arguments: [run] };
    item.tooltip = runTooltip(run);
    item.accessibilityInformation = { label: `${runTitle(run)}, ${run.state}, ${runDescription(run)}` };
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

export function runTitle(run: Run): string {
  const model = run.run?.model.replace(/\(.*$/s, "") ?? "Run";
  return run.run ? `${model}, ${run.run.name}` : model;
}

function runDescription(run: Run): string {
  if (run.isLive && run.run) return `step ${run.lastStep} of ${run.run.config.steps}`;
  if (run.state === "completed" && run.lastEval) return `${percentage(run.lastEval.running.accuracy)} % eval`;
  return run.state;
}

function runTooltip(run: Run): string {
  const started = run.run ? new Date(run.run.startedAt).toLocaleString() : "";
  const prediction =
    run.isLive && run.run?.prediction ? `Needs ${predictionText(run.run.prediction, run.run.config.steps)}` : "";
  return [runTitle(run), started, prediction, run.explanation?.sentence ?? "", run.folder]
    .filter((line) => line !== "")
    .join("\n");
}
