/** The document that a command works on: the one it was called with (CodeLens), else the active editor's. */
import * as vscode from "vscode";
import { isPython, sourceOf } from "../editor/modelSource";
import { openModel } from "../showLine";

export async function modelDocument(uri: unknown): Promise<vscode.TextDocument | null> {
  if (uri instanceof vscode.Uri) return openModel(uri);
  const active = vscode.window.activeTextEditor?.document;
  if (active && sourceOf(active)) return active;
  void vscode.window.showInformationMessage(
    vscode.l10n.t("Open a file that defines a model: Python, or JavaScript with TensorFlow.js."),
  );
  return null;
}

/** For commands that write annotations, which are Python comments. */
export async function pythonDocument(uri: unknown): Promise<vscode.TextDocument | null> {
  const document = await modelDocument(uri);
  if (!document || isPython(document)) return document;
  void vscode.window.showInformationMessage(
    vscode.l10n.t("JavaScript models can't be annotated: annotations are Python comments."),
  );
  return null;
}
