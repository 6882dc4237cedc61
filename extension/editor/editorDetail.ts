/** How much is written between and after the lines of a model file. */
import * as vscode from "vscode";
import { modelUri } from "./modelSource";

export type EditorDetail = "quiet" | "numbers" | "everything";

export const detailIn = (document: vscode.TextDocument): EditorDetail =>
  vscode.workspace.getConfiguration("normlens.editor", modelUri(document)).get<EditorDetail>("detail", "quiet");
