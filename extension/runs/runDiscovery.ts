/** Finds runs on disk after activation and follows those that other processes write. */
import * as vscode from "vscode";
import { dirname, relative, sep } from "node:path";
import { allRunsFolders } from "./runsLocation";
import type { RunStore } from "./runStore";

/** A producer writes its sign of life every few seconds. */
const LIFE_INTERVAL_MS = 5000;
const RUN_FILES = "*/{run.jsonl,numbers*.bin}";

export function watchRuns(store: RunStore, storage: vscode.Uri): vscode.Disposable {
  const watchers: vscode.FileSystemWatcher[] = [];
  const watch = (): void => {
    for (const watcher of watchers.splice(0)) watcher.dispose();
    for (const folder of allRunsFolders(storage)) {
      store.discover(folder);
      const watcher = vscode.workspace.createFileSystemWatcher(runFilesPattern(folder));
      watcher.onDidCreate((uri) => store.filesChanged(dirname(uri.fsPath)));
      watcher.onDidChange((uri) => store.filesChanged(dirname(uri.fsPath)));
      watcher.onDidDelete((uri) => store.filesDeleted(dirname(uri.fsPath)));
      watchers.push(watcher);
    }
  };
  // After activation, so that it does not delay it.
  const first = setTimeout(watch, 0);
  // A producer that died writes nothing, so no file event reports it, and not every event comes through.
  const signs = setInterval(() => {
    for (const folder of allRunsFolders(storage)) store.discover(folder);
    store.lookForLife();
  }, LIFE_INTERVAL_MS);
  return vscode.Disposable.from(
    {
      dispose: () => {
        clearTimeout(first);
        clearInterval(signs);
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
 * The files of a run that grow, relative to the workspace folder if there is one: VS Code already watches that folder,
 * while it would poll for a base folder that does not exist yet (before the first run).
 */
function runFilesPattern(runsFolder: string): vscode.RelativePattern {
  const uri = vscode.Uri.file(runsFolder);
  const workspaceFolder = vscode.workspace.getWorkspaceFolder(uri);
  if (!workspaceFolder) return new vscode.RelativePattern(uri, RUN_FILES);
  const inside = relative(workspaceFolder.uri.fsPath, runsFolder).split(sep).join("/");
  return new vscode.RelativePattern(workspaceFolder, `${inside === "" ? "" : `${inside}/`}${RUN_FILES}`);
}
