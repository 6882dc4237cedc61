/**
 * The panel of one run, or of several that are compared. It owns no data: a feed says what changed in what the panel
 * shows, and that is sent at most four times a second while the panel is visible. Closing a panel stops no run.
 */
import * as vscode from "vscode";
import type { MessageConnection } from "vscode-jsonrpc";
import type { VerdictCommand, ViewId } from "../../engine/protocol/judgement";
import type { HostToPanel, PackedUpdate, PanelToHost, SavedFile } from "../../webview/protocol";
import type { Run } from "../runs/run";
import type { RunStore } from "../runs/runStore";
import { subjectOf } from "../views/runWords";
import { PanelFeed } from "./panelFeed";
import { panelHtml } from "./panelHtml";
import { connectWebview } from "./panelTransport";

export const RUN_PANEL_TYPE = "normlens.run";
/** Drawing takes the processor that the run trains with: ten updates a second slowed a fast run by 8 %, four by 5 %. */
const DELTA_INTERVAL_MS = 250;
/** What comes after a pause is shown soon; records mostly come several at once. */
const SOON_MS = 40;
/** Reading blocks the extension host, so it starts after VS Code was asked to load the page. */
const READING_DELAY_MS = 150;

export interface RunPanelActions {
  command(command: VerdictCommand, run: Run): void;
  revealLayer(run: Run, layer: string): void;
  setMomentum(run: Run, weight: number): void;
  copyRecalibration(run: Run): void;
  saveFile(run: Run, file: SavedFile): void;
  openRule(rule: string): void;
  editedLayers(run: Run): readonly string[];
  /** Shows a person what went wrong. */
  failed(error: unknown): void;
}

export class RunPanel implements vscode.Disposable {
  private readonly connection: MessageConnection;
  private readonly disposables: vscode.Disposable[] = [];
  private readonly feed: PanelFeed;
  private isReady = false;
  /** A view to open as soon as the page can. */
  private wantedView: ViewId | null = null;
  private timer: NodeJS.Timeout | undefined;
  private lastDeltaMs = 0;
  private readonly early: NodeJS.Timeout;

  constructor(
    private readonly panel: vscode.WebviewPanel,
    extensionUri: vscode.Uri,
    private readonly runs: readonly Run[],
    private readonly store: RunStore,
    private readonly actions: RunPanelActions,
  ) {
    this.feed = new PanelFeed({
      runs,
      editedLayers: (fed) => this.ofRun(fed.id, (run) => actions.editedLayers(run)) ?? [],
    });
    panel.webview.options = {
      enableScripts: true,
      localResourceRoots: [vscode.Uri.joinPath(extensionUri, "dist")],
    };
    const icon = (theme: string): vscode.Uri => vscode.Uri.joinPath(extensionUri, "media", `panel-${theme}.svg`);
    panel.iconPath = { light: icon("light"), dark: icon("dark") };
    this.connection = connectWebview(panel.webview);
    this.on("ready", ({ look }) => {
      this.isReady = true;
      this.readRuns();
      this.notify("snapshot", this.feed.snapshot(look));
      if (this.wantedView) this.notify("show", { view: this.wantedView });
      this.wantedView = null;
    });
    this.on("look", ({ look }) => this.sendDelta(this.feed.lookAt(look)));
    this.on("command", ({ command, runId }) => this.ofRun(runId, (run) => actions.command(command, run)));
    this.on("revealLayer", ({ runId, layer }) => this.ofRun(runId, (run) => actions.revealLayer(run, layer)));
    this.on("setMomentum", ({ runId, weight }) => this.ofRun(runId, (run) => actions.setMomentum(run, weight)));
    this.on("copyRecalibration", ({ runId }) => this.ofRun(runId, (run) => actions.copyRecalibration(run)));
    this.on("saveFile", ({ runId, file }) => this.ofRun(runId, (run) => actions.saveFile(run, file)));
    this.on("openRule", ({ rule }) => actions.openRule(rule));
    this.connection.listen();
    this.disposables.push(
      store.onDidChange((run) => this.runs.includes(run) && this.scheduleDelta()),
      panel.onDidChangeViewState(() => {
        // A hidden webview is unloaded. When it is shown again, it starts again and sends `ready`.
        if (!panel.visible) this.isReady = false;
      }),
      panel.onDidDispose(() => this.dispose()),
    );
    panel.webview.html = panelHtml(panel.webview, extensionUri);
    this.setTitle();
    // While the page loads, which takes longer. The request to load it must be sent first.
    this.early = setTimeout(() => this.readRuns(), READING_DELAY_MS);
  }

  get runIds(): string[] {
    return this.runs.map((run) => run.id);
  }

  get viewColumn(): vscode.ViewColumn | undefined {
    return this.panel.viewColumn;
  }

  reveal(): void {
    this.panel.reveal(undefined, true);
    this.readRuns();
  }

  onDidDispose(listener: () => void): void {
    this.panel.onDidDispose(listener);
  }

  show(view: ViewId): void {
    if (this.isReady) this.notify("show", { view });
    else this.wantedView = view;
  }

  /** Call it when something the panel may show has changed: records, a state, edited lines. */
  scheduleDelta(): void {
    if (!this.isReady || this.timer) return;
    const wait = Math.max(SOON_MS, this.lastDeltaMs + DELTA_INTERVAL_MS - Date.now());
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.lastDeltaMs = Date.now();
      if (this.isReady) this.sendDelta(this.feed.delta());
    }, wait);
  }

  dispose(): void {
    clearTimeout(this.timer);
    clearTimeout(this.early);
    this.isReady = false;
    this.connection.dispose();
    for (const disposable of this.disposables) disposable.dispose();
  }

  /** Reads what is new in the runs, everything the first time; cheap when nothing is new. */
  private readRuns(): void {
    for (const run of this.runs) {
      try {
        this.store.read(run);
        // The run keeps its judgement until something changes, so the page does not have to wait for it.
        run.judgement(null);
      } catch (error) {
        this.actions.failed(error);
      }
    }
  }

  private setTitle(): void {
    const [first] = this.runs;
    if (!first) return;
    const subject = subjectOf(first);
    this.panel.title =
      this.runs.length > 1 ? vscode.l10n.t("Compare: {0}", subject) : vscode.l10n.t("Run: {0}", subject);
  }

  private sendDelta(update: PackedUpdate | null): void {
    if (update) this.notify("delta", update);
  }

  private ofRun<T>(runId: string, use: (run: Run) => T): T | undefined {
    const run = this.runs.find((candidate) => candidate.id === runId);
    return run && use(run);
  }

  private on<Method extends keyof PanelToHost>(
    method: Method,
    handle: (parameters: PanelToHost[Method]) => void,
  ): void {
    this.connection.onNotification(method, handle);
  }

  private notify<Method extends keyof HostToPanel>(method: Method, parameters: HostToPanel[Method]): void {
    // The panel may have been closed meanwhile: then nobody needs the message.
    this.connection.sendNotification(method, parameters).catch(() => undefined);
  }
}
