/**
 * The panel of one run, or of two that are compared. Owns no data: on `ready` it sends a snapshot of the runs, then at
 * most ten deltas a second while it is visible. Closing it stops nothing.
 */
import * as vscode from "vscode";
import type { MessageConnection } from "vscode-jsonrpc";
import { type HostToPanel, type PanelCommand, type PanelToHost, packUpdate } from "../../webview/protocol";
import type { Run } from "../runs/run";
import type { RunStore } from "../runs/runStore";
import { type SentSeries, runView, unsentSlices } from "../runs/runViews";
import { panelHtml } from "./panelHtml";
import { connectWebview } from "./panelTransport";

export const RUN_PANEL_TYPE = "normlens.run";
const DELTA_INTERVAL_MS = 100;

export interface RunPanelActions {
  command(command: PanelCommand, run: Run): void;
  revealLayer(run: Run, layer: string): void;
  editedLayers(run: Run): readonly string[];
}

export class RunPanel implements vscode.Disposable {
  private readonly connection: MessageConnection;
  private readonly disposables: vscode.Disposable[] = [];
  private readonly sent = new Map<string, SentSeries>();
  private sequence = 0;
  private isReady = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly panel: vscode.WebviewPanel,
    extensionUri: vscode.Uri,
    private runs: readonly Run[],
    store: RunStore,
    private readonly actions: RunPanelActions,
  ) {
    panel.webview.options = { enableScripts: true, localResourceRoots: [vscode.Uri.joinPath(extensionUri, "dist")] };
    const icon = (theme: string): vscode.Uri => vscode.Uri.joinPath(extensionUri, "media", `panel-${theme}.svg`);
    panel.iconPath = { light: icon("light"), dark: icon("dark") };
    this.connection = connectWebview(panel.webview);
    this.on("ready", () => this.sendSnapshot());
    this.on("command", ({ command, runId }) => this.withRun(runId, (run) => actions.command(command, run)));
    this.on("revealLayer", ({ runId, layer }) => this.withRun(runId, (run) => actions.revealLayer(run, layer)));
    this.connection.listen();
    this.disposables.push(
      store.onDidChange((run) => this.runs.includes(run) && this.scheduleDelta()),
      panel.onDidChangeViewState(() => {
        // A hidden webview is unloaded; shown again it starts anew and says `ready`.
        if (!panel.visible) this.isReady = false;
      }),
      panel.onDidDispose(() => this.dispose()),
    );
    panel.webview.html = panelHtml(panel.webview, extensionUri);
    this.setTitle();
  }

  get runIds(): string[] {
    return this.runs.map((run) => run.id);
  }

  /** Shows other runs in the same panel. */
  show(runs: readonly Run[]): void {
    this.runs = runs;
    this.setTitle();
    if (this.isReady) this.sendSnapshot();
  }

  reveal(): void {
    this.panel.reveal(undefined, true);
  }

  onDidDispose(listener: () => void): void {
    this.panel.onDidDispose(listener);
  }

  /** Tells the panel that something other than records changed (edited lines). */
  scheduleDelta(): void {
    if (!this.isReady || this.timer) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      if (this.isReady) this.send("delta");
    }, DELTA_INTERVAL_MS);
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.isReady = false;
    this.connection.dispose();
    for (const disposable of this.disposables) disposable.dispose();
  }

  private setTitle(): void {
    const [first] = this.runs;
    const model = first?.run?.model.replace(/\(.*$/s, "") ?? "Run";
    this.panel.title = this.runs.length > 1 ? `Compare: ${model}` : `Run: ${model}`;
  }

  private sendSnapshot(): void {
    this.isReady = true;
    this.sent.clear();
    this.send("snapshot");
  }

  private send(kind: "snapshot" | "delta"): void {
    this.sequence += 1;
    const runs = this.runs.map((run) => ({
      ...runView(run, this.actions.editedLayers(run)),
      series: unsentSlices(run, this.sentOf(run)),
    }));
    this.notify(kind, packUpdate({ sequence: this.sequence, runs }));
  }

  private sentOf(run: Run): SentSeries {
    const known = this.sent.get(run.id);
    if (known) return known;
    const fresh: SentSeries = new Map();
    this.sent.set(run.id, fresh);
    return fresh;
  }

  private withRun(runId: string, use: (run: Run) => void): void {
    const run = this.runs.find((candidate) => candidate.id === runId);
    if (run) use(run);
  }

  private on<Method extends keyof PanelToHost>(
    method: Method,
    handle: (parameters: PanelToHost[Method]) => void,
  ): void {
    this.connection.onNotification(method, handle);
  }

  private notify<Method extends keyof HostToPanel>(method: Method, parameters: HostToPanel[Method]): void {
    // A panel closed under the message has nothing left to be told.
    this.connection.sendNotification(method, parameters).catch(() => undefined);
  }
}
