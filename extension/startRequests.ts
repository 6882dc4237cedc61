/**
 * Runs that are requested from outside the window: by `npm start` through the environment, or by a link. Both run the
 * train command on a file.
 */
import * as vscode from "vscode";
import { isAbsolute, join, relative } from "node:path";
import { showLine } from "./showLine";

const STARTED_KEY = "startedRunId";

/**
 * `npm start`: NORMLENS_START_RUN is a path in the workspace folder. NORMLENS_START_ID keeps a reload from starting
 * twice.
 */
export async function trainAsEnvironmentAsks(context: vscode.ExtensionContext): Promise<void> {
  const file = process.env["NORMLENS_START_RUN"];
  const id = process.env["NORMLENS_START_ID"] ?? "";
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  if (!file || !folder || context.globalState.get(STARTED_KEY) === id) return;
  await context.globalState.update(STARTED_KEY, id);
  await trainFile(vscode.Uri.joinPath(folder, file));
}

/**
 * `vscode://normlens.normlens/train?file=<absolute path>`, for files of this workspace only: anybody can write a link.
 */
export const trainLinks: vscode.UriHandler = {
  async handleUri(uri) {
    const file = new URLSearchParams(uri.query).get("file");
    if (uri.path !== "/train" || !file || !isInWorkspace(file)) return;
    const train = vscode.l10n.t("Train");
    const question = vscode.l10n.t("A link asks NormLens to train the model in {0}. Train it?", file);
    const chosen = await vscode.window.showInformationMessage(question, { modal: true }, train);
    if (chosen === train) await trainFile(vscode.Uri.file(file));
  },
};

function isInWorkspace(file: string): boolean {
  const inside = (folder: vscode.WorkspaceFolder): boolean => {
    const path = relative(folder.uri.fsPath, join(file));
    return path !== "" && !path.startsWith("..") && !isAbsolute(path);
  };
  return isAbsolute(file) && (vscode.workspace.workspaceFolders ?? []).some(inside);
}

async function trainFile(uri: vscode.Uri): Promise<void> {
  await showLine(uri, 1);
  await vscode.commands.executeCommand("normlens.trainModel", uri);
}
