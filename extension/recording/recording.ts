/** Whether Python processes of new terminals and debug sessions are recorded: off at first, kept for each workspace. */
import * as vscode from "vscode";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { BOOTSTRAP } from "../../engine/runs/recordingEnvironment";
import { runsFolderOf } from "../runs/runsLocation";
import { type DebugVariables, debugVariables, terminalVariables } from "./recordedLaunch";

const KEY = "normlens.records";
/** Both name the Python debugger. */
const DEBUG_TYPES = ["debugpy", "python"];
/** A shell's start files may set PYTHONPATH as well: then ours goes in front of that. */
const WHEN = { applyAtProcessCreation: true, applyAtShellIntegration: true };

export class Recording implements vscode.DebugConfigurationProvider, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.changed.event;
  private readonly disposables: readonly vscode.Disposable[];
  private readonly bootstrap: string;

  constructor(private readonly context: vscode.ExtensionContext) {
    this.bootstrap = context.asAbsolutePath(join("dist", BOOTSTRAP));
    this.disposables = [
      this.changed,
      ...DEBUG_TYPES.map((type) => vscode.debug.registerDebugConfigurationProvider(type, this)),
      vscode.workspace.onDidChangeWorkspaceFolders(() => this.apply()),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration("normlens.runsFolder")) this.apply();
      }),
    ];
    // VS Code keeps what terminals get beyond a restart; an update of the extension moves the folder.
    this.apply();
  }

  get isOn(): boolean {
    return this.context.workspaceState.get<boolean>(KEY, false);
  }

  async toggle(): Promise<void> {
    await this.context.workspaceState.update(KEY, !this.isOn);
    this.apply();
    this.changed.fire();
  }

  resolveDebugConfigurationWithSubstitutedVariables(
    folder: vscode.WorkspaceFolder | undefined,
    configuration: vscode.DebugConfiguration,
  ): vscode.DebugConfiguration {
    if (!this.isOn || configuration.request !== "launch") return configuration;
    const launch = {
      bootstrap: this.bootstrap,
      runs: this.runsFolder(folder),
      launch: randomBytes(8).toString("hex"),
      pythonPath: process.env["PYTHONPATH"],
    };
    const given = (configuration["env"] ?? {}) as DebugVariables;
    return { ...configuration, env: debugVariables(given, launch) };
  }

  dispose(): void {
    vscode.Disposable.from(...this.disposables).dispose();
  }

  private apply(): void {
    const all = this.context.environmentVariableCollection;
    const folders = (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === "file");
    all.clear();
    // What applies to every terminal would come before what a folder says.
    if (folders.length === 0) this.fill(all, undefined);
    for (const workspaceFolder of folders) {
      const scoped = all.getScoped({ workspaceFolder });
      scoped.clear();
      this.fill(scoped, workspaceFolder);
    }
  }

  private fill(collection: vscode.EnvironmentVariableCollection, folder: vscode.WorkspaceFolder | undefined): void {
    if (!this.isOn) return;
    collection.description = vscode.l10n.t("Records BN of PyTorch and Keras training that starts in this terminal.");
    const { replaced, prepended } = terminalVariables(this.bootstrap, this.runsFolder(folder));
    for (const [name, value] of Object.entries(replaced)) collection.replace(name, value, WHEN);
    for (const [name, value] of Object.entries(prepended)) collection.prepend(name, value, WHEN);
  }

  private readonly runsFolder = (folder = vscode.workspace.workspaceFolders?.[0]): string =>
    folder?.uri.scheme === "file" ? runsFolderOf(folder) : join(this.context.globalStorageUri.fsPath, "runs");
}
