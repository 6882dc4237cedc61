/** Where the runs of a model file are recorded. */
import * as vscode from "vscode";
import { isAbsolute, join } from "node:path";
import { DEFAULT_RUNS_FOLDER } from "../../engine/runs/runFolder";

export interface RunsLocation {
  readonly folder: string;
  /** True when no workspace folder is open, so runs go to the extension's own storage. */
  readonly isFallback: boolean;
}

export function runsLocation(model: vscode.Uri, storage: vscode.Uri): RunsLocation {
  const workspaceFolder = vscode.workspace.getWorkspaceFolder(model);
  const configured = vscode.workspace.getConfiguration("normlens", model).get<string>("runsFolder", "").trim();
  if (isAbsolute(configured)) return { folder: configured, isFallback: false };
  if (workspaceFolder?.uri.scheme === "file")
    return { folder: join(workspaceFolder.uri.fsPath, configured || DEFAULT_RUNS_FOLDER), isFallback: false };
  return { folder: join(storage.fsPath, "runs"), isFallback: true };
}

/** Every folder that may contain runs of this window, for the Runs view. */
export function allRunsFolders(storage: vscode.Uri): string[] {
  const folders = (vscode.workspace.workspaceFolders ?? []).filter((folder) => folder.uri.scheme === "file");
  return [...new Set([...folders.map(runsFolderOf), join(storage.fsPath, "runs")])];
}

/** Of a workspace folder on disk. */
export function runsFolderOf(folder: vscode.WorkspaceFolder): string {
  const setting = vscode.workspace.getConfiguration("normlens", folder).get<string>("runsFolder", "").trim();
  return isAbsolute(setting) ? setting : join(folder.uri.fsPath, setting || DEFAULT_RUNS_FOLDER);
}
