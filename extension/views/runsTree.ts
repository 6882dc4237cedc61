/**
 * The Runs view: the newest run first. A run of our own engine has its state and test accuracy, a recording of a
 * person's own training its worst finding. A click opens the panel.
 */
import * as vscode from "vscode";
import { predictionText } from "../../engine/protocol/numberText";
import type { RunFinding } from "../../engine/protocol/finding";
import type { RunState } from "../../engine/protocol/judgement";
import type { Run } from "../runs/run";
import type { RunStore } from "../runs/runStore";
import { recordingFacts, whenWords, worstWords } from "./recordingWords";
import { runDescription, runTitle, stateWords, stepWords } from "./runWords";

const REFRESH_INTERVAL_MS = 500;
/** To find the worst finding a run is read whole: the newest ones are, one after the other. */
const READ_RUNS = 20;
const READ_PAUSE_MS = 30;

const errorIcon = new vscode.ThemeIcon("error", new vscode.ThemeColor("problemsErrorIcon.foreground"));
const warningIcon = new vscode.ThemeIcon("warning", new vscode.ThemeColor("problemsWarningIcon.foreground"));

const icons: Readonly<Record<RunState, vscode.ThemeIcon>> = {
  starting: new vscode.ThemeIcon("loading~spin"),
  running: new vscode.ThemeIcon("loading~spin"),
  paused: new vscode.ThemeIcon("debug-pause"),
  completed: new vscode.ThemeIcon("pass", new vscode.ThemeColor("testing.iconPassed")),
  stopped: new vscode.ThemeIcon("debug-stop"),
  diverged: errorIcon,
  failed: errorIcon,
  unsure: new vscode.ThemeIcon("question"),
  interrupted: warningIcon,
};

/** What is worth knowing alone does not hide the state. */
const findingIcons: Readonly<Record<RunFinding["severity"], vscode.ThemeIcon | null>> = {
  error: errorIcon,
  warning: warningIcon,
  information: null,
};

export class RunsTree implements vscode.TreeDataProvider<Run>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<undefined>();
  private readonly subscription: vscode.Disposable;
  private timer: NodeJS.Timeout | undefined;
  private reading: NodeJS.Timeout | undefined;
  readonly onDidChangeTreeData = this.changed.event;

  constructor(private readonly store: RunStore) {
    this.subscription = store.onDidChange(() => this.scheduleRefresh());
  }

  getChildren(element?: Run): Run[] | null {
    if (element) return null;
    this.readNext();
    const { all } = this.store;
    return [...all.filter(isPinned), ...all.filter((run) => !isPinned(run))];
  }

  getTreeItem(run: Run): vscode.TreeItem {
    const item = new vscode.TreeItem(runTitle(run));
    const standing = run.isRecording ? recordingDescription(run) : runDescription(run);
    const description = [isPinned(run) ? PIN : "", standing, run.labels.note ?? ""].filter(Boolean).join(" · ");
    item.id = run.id;
    item.description = description;
    item.iconPath = iconOf(run);
    item.contextValue = contextOf(run);
    item.command = { command: "normlens.openRun", title: vscode.l10n.t("Open Run"), arguments: [run] };
    item.tooltip = runTooltip(run);
    const label = [...new Set([runTitle(run), stateWords(run), description])].join(", ");
    item.accessibilityInformation = { label };
    return item;
  }

  dispose(): void {
    clearTimeout(this.timer);
    clearTimeout(this.reading);
    this.subscription.dispose();
    this.changed.dispose();
  }

  private scheduleRefresh(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.changed.fire(undefined);
    }, REFRESH_INTERVAL_MS);
  }

  /** Reads the next recording whose findings are not known yet, if the view is shown at all. */
  private readNext(): void {
    const next = this.store.all
      .slice(0, READ_RUNS)
      .find((run) => run.isRecording && !run.isLoaded && !run.isUnreadable);
    if (!next) return;
    this.reading ??= setTimeout(() => {
      this.reading = undefined;
      this.store.load(next);
      this.scheduleRefresh();
      this.readNext();
    }, READ_PAUSE_MS);
  }
}

/** The view in the side bar. Its badge counts the scripts and models whose newest run has a fault. */
export function createRunsView(tree: RunsTree, store: RunStore): vscode.Disposable {
  const view = vscode.window.createTreeView("normlens.runs", { treeDataProvider: tree, canSelectMany: true });
  const subscription = tree.onDidChangeTreeData(() => {
    const faulty = newestOfEach(store.all).filter((run) => {
      const worst = run.isLoaded ? worstOf(run)?.severity : undefined;
      return worst === "error" || worst === "warning";
    });
    view.badge =
      faulty.length === 0
        ? undefined
        : { value: faulty.length, tooltip: vscode.l10n.t("{0} with findings in the newest run", faulty.length) };
  });
  return vscode.Disposable.from(view, subscription);
}

/** Of each script and model file. */
function newestOfEach(newestFirst: readonly Run[]): Run[] {
  const seen = new Set<string>();
  return newestFirst.filter(({ record, id }) => {
    const source = record?.source?.path ?? id;
    const isNew = !seen.has(source);
    seen.add(source);
    return isNew;
  });
}

const isPinned = (run: Run): boolean => run.labels.pinned === true;
/** A description is text alone. */
const PIN = vscode.l10n.t("pinned");

const worstOf = (run: Run): RunFinding | undefined => run.judgement(null)?.findings[0];

function iconOf(run: Run): vscode.ThemeIcon {
  const worst = run.isRecording ? worstOf(run) : undefined;
  return (worst && findingIcons[worst.severity]) ?? icons[run.state];
}

/** Words that menus look for. */
const contextOf = (run: Run): string => [stateContext(run), isPinned(run) ? "pinned" : "unpinned"].join(" ");

function stateContext(run: Run): string {
  if (run.process) return `run.${run.state}`;
  if (run.isAskable) return "run.recording";
  return run.isResumable ? "run.resumable" : "run.ended";
}

/** The worst that was found, where the run stands, and when it began: a narrow view cuts off what is known anyway. */
function recordingDescription(run: Run): string {
  const findings = (run.judgement(null)?.findings ?? []).filter(({ severity }) => severity !== "information");
  const standing = run.isLive && run.record ? stepWords(run) : stateWords(run);
  const found = worstWords(findings);
  const parts = [found, run.state === "completed" && found !== "" ? "" : standing, whenWords(startOf(run))];
  return parts.filter((part) => part !== "").join(" · ");
}

const startOf = ({ record }: Run): string | null => record?.startedAt ?? null;

function runTooltip(run: Run): string {
  const { record } = run;
  const startedAt = startOf(run);
  const started = startedAt === null ? "" : new Date(startedAt).toLocaleString();
  const prediction =
    run.isLive && record?.prediction && record.plannedSteps !== null
      ? vscode.l10n.t("The run needs {0}.", predictionText(record.prediction, record.plannedSteps))
      : "";
  const facts = record && run.isRecording ? recordingFacts(record) : [];
  const worst = run.isRecording ? (worstOf(run)?.verdict ?? "") : "";
  return [
    runTitle(run),
    run.labels.note ?? "",
    started,
    worst,
    prediction,
    run.explanation?.sentence ?? "",
    ...facts,
    run.folder,
  ]
    .filter((line) => line !== "")
    .join("\n");
}
