/** Finds runs on disk after activation and follows logs that somebody else writes. */
import * as vscode from "vscode";
import { dirname, relative, sep } from "node:path";
import { allRunsFolders } from "./runsLocation";
import type { RunStore } from "./runStore";

export function watchRuns(store: RunStore, storage: vscode.Uri): vscode.Disposable {
  const watchers: vscode.FileSystemWatcher[] = [];
  const watch = (): void => {
    for (const watcher of watchers.splice(0)) watcher.dispose();
    for (const folder of allRunsFolders(storage)) {
      store.discover(folder);
      const watcher = vscode.workspace.createFileSystemWatcher(logPattern(folder), false, false, true);
      watcher.onDidCreate((uri) => store.logChanged(dirname(uri.fsPath)));
      watcher.onDidChange((uri) => store.logChanged(dirname(uri.fsPath)));
      watchers.push(watcher);
    }
  };
  // Not on the way of activation: nothing is drawn before somebody looks.
  const first = setTimeout(watch, 0);
  return vscode.Disposable.from(
    {
      dispose: () => {
        clearTimeout(first);
      },
    },
    {
      dispose: () => {
        for (const watcher of watchers) watcher.dispose();
      },
    },
    vscode.workspace.onDidChangeWorkspaceFolders(watch),
    vscode.workspace.onDidChangeConfiguration((event) => event.affectsConfiguration("normlens.runsFolder") && watch()),
  );
}

/**
 * The logs in a runs folder, seen from the workspace folder where there is one: VS Code watches that already, while a
 * base that does not exist yet (no run so far) would only be polled for.
 */
function logPattern(runsFolder: string): vscode.RelativePattern {
  const uri = vscode.Uri.file(runsFolder);
  const workspaceFolder = vscode.workspace.getWorkspaceFolder(uri);
  if (!workspaceFolder) return new vscode.RelativePattern(uri, "*/run.jsonl");
  const inside = relative(workspaceFolder.uri.fsPath, runsFolder).split(sep).join("/");
  return new vscode.RelativePattern(workspaceFolder, `${inside === "" ? "" : `${inside}/`}*/run.jsonl`);
}
