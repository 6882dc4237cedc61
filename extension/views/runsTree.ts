/** The Runs view: newest first, with state and test accuracy; a click opens the panel. */
import * as vscode from "vscode";
import { percentage, predictionText } from "../../engine/protocol/numberText";
import type { RunState } from "../../engine/protocol/judgement";
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
  const { record } = run;
  const model = record?.model?.replace(/\(.*$/s, "") ?? "Run";
  return record ? `${model}, ${record.name}` : model;
}

/** "step 12 of 100"; the length is left out where nobody knows it. */
export function stepWords(run: Run): string {
  const planned = run.record?.plannedSteps ?? null;
  return planned === null ? `step ${run.lastStep}` : `step ${run.lastStep} of ${planned}`;
}

function runDescription(run: Run): string {
  if (run.isLive && run.record) return stepWords(run);
  if (run.state === "completed" && run.lastAccuracy !== null) return `${percentage(run.lastAccuracy)} % eval`;
  return run.state;
}

function runTooltip(run: Run): string {
  const startedAt = run.record?.startedAt ?? null;
  const started = startedAt === null ? "" : new Date(startedAt).toLocaleString();
  const prediction =
    run.isLive && run.record?.prediction && run.record.plannedSteps !== null
      ? `Needs ${predictionText(run.record.prediction, run.record.plannedSteps)}`
      : "";
  return [runTitle(run), started, prediction, run.explanation?.sentence ?? "", run.folder]
    .filter((line) => line !== "")
    .join("\n");
}
