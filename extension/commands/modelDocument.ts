/** The document a command is about: the one it was called with (CodeLens), else the active editor's. */
import * as vscode from "vscode";

export async function modelDocument(uri: unknown): Promise<vscode.TextDocument | null> {
  if (uri instanceof vscode.Uri) return vscode.workspace.openTextDocument(uri);
  const active = vscode.window.activeTextEditor?.document;
  if (active?.languageId === "python") return active;
  void vscode.window.showInformationMessage("Open a Python file that defines a model first.");
  return null;
}
