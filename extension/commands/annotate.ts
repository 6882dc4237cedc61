/** Adds BN after a layer, removes BN or clears an annotation: each is one edit of the line's comment, so one undo. */
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

/** What to say where an action does not apply. */
const refusals: Readonly<Record<LayerAction, (line: number) => string>> = {
  addNormalization: (line) =>
    vscode.l10n.t(
      "BN can't be added on line {0}. Put the cursor on a linear or convolution layer that is not followed by BN.",
      line,
    ),
  removeNormalization: (line) =>
    vscode.l10n.t("There is no BN layer to remove on line {0}. Put the cursor on the line of a BN layer.", line),
  clearAnnotation: (line) =>
    vscode.l10n.t("There is no annotation on line {0}. Put the cursor on a line that ends with one.", line),
};

/** Called by a CodeLens with its line, or from the Command Palette for the line of the cursor. */
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
    void vscode.window.showInformationMessage(refusals[action](target));
    return;
  }
  const { range, text } = document.lineAt(target - 1);
  const edit = new vscode.WorkspaceEdit();
  edit.replace(document.uri, range, editAnnotation(text, changes[action]));
  await vscode.workspace.applyEdit(edit);
}
