/** Add BN after a layer, take BN out, clear an annotation: each is one edit of the line's comment, so one undo. */
import * as vscode from "vscode";
import { type AnnotationChange, editAnnotation } from "../../engine/source/annotations/editAnnotation";
import type { LayerAction } from "../editor/layerLines";
import { layerLines } from "../editor/layerLines";
import type { Services } from "../services";
import { pythonDocument } from "./modelDocument";

const changes: Readonly<Record<LayerAction, AnnotationChange>> = {
  addNormalization: { kind: "set", directive: { kind: "add", position: "after-layer" } },
  removeNormalization: { kind: "set", directive: { kind: "remove" } },
  clearAnnotation: { kind: "remove" },
};

/** From a CodeLens with its line, or from the palette with the cursor on one. */
export async function annotate(
  { readings }: Services,
  action: LayerAction,
  uri?: unknown,
  line?: unknown,
): Promise<void> {
  const document = await pythonDocument(uri);
  if (!document) return;
  const target = typeof line === "number" ? line : (vscode.window.activeTextEditor?.selection.active.line ?? 0) + 1;
  const current = await readings.settled(document);
  const applies =
    current &&
    layerLines(current.reading).some(
      (candidate) => current.lineNow(candidate.line) === target && candidate.actions.includes(action),
    );
  if (!applies) {
    void vscode.window.showInformationMessage(
      `Nothing to do on line ${target}. Put the cursor on the line of a layer.`,
    );
    return;
  }
  const { range, text } = document.lineAt(target - 1);
  const edit = new vscode.WorkspaceEdit();
  edit.replace(document.uri, range, editAnnotation(text, changes[action]));
  await vscode.workspace.applyEdit(edit);
}
