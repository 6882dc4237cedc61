/**
 * The files that open documents import, kept in memory: read aside once, and again when they change. Files are imported
 * as they are on the disk, so an open one counts as it was saved last.
 */
import * as vscode from "vscode";
import { KnownFiles } from "../../engine/workspace/knownFiles";
import { ProjectModules } from "../../engine/workspace/projectModules";
import { projectRoot, projectRootWithin } from "../../engine/workspace/projectRoot";

export class ProjectFiles implements vscode.Disposable {
  private readonly files = new KnownFiles();
  /** By the path of the file that imports. */
  private readonly modules = new Map<string, ProjectModules>();
  private readonly watchers = new Map<string, vscode.Disposable>();

  private readonly saved: vscode.Disposable;

  /** `changed` is called for each file that somebody asked for and that has changed. */
  constructor(private readonly changed: (path: string) => void) {
    // Known sooner than from a watcher, and also where there is none.
    this.saved = vscode.workspace.onDidSaveTextDocument(({ uri }) => this.forget(uri));
  }

  /** Imports reach as far as the file's project, and never out of its workspace folder; an unsaved file has none. */
  of(uri: vscode.Uri): ProjectModules | null {
    if (uri.scheme !== "file") return null;
    const known = this.modules.get(uri.fsPath);
    if (known !== undefined) return known;
    const opened = vscode.workspace.getWorkspaceFolder(uri)?.uri.fsPath;
    const root = opened === undefined ? projectRoot(uri.fsPath) : projectRootWithin(opened, uri.fsPath);
    const modules = new ProjectModules(root, this.files);
    this.modules.set(uri.fsPath, modules);
    // Nobody opened the folder: it may be anything, so only the files beside this one are watched.
    this.watch(root, opened === undefined ? "*.py" : "**/*.{py,yaml,yml,json}");
    return modules;
  }

  dispose(): void {
    this.saved.dispose();
    for (const watcher of this.watchers.values()) watcher.dispose();
  }

  private forget({ fsPath }: vscode.Uri): void {
    if (this.files.forget(fsPath)) this.changed(fsPath);
  }

  private watch(root: string, glob: string): void {
    if (this.watchers.has(root)) return;
    const watcher = vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(vscode.Uri.file(root), glob));
    const forget = (uri: vscode.Uri): void => this.forget(uri);
    this.watchers.set(
      root,
      vscode.Disposable.from(
        watcher,
        watcher.onDidCreate(forget),
        watcher.onDidChange(forget),
        watcher.onDidDelete(forget),
      ),
    );
  }
}
