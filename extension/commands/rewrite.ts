/** Write an annotation into the source, and turn a BN layer into an annotation: one edit, so one undo. */
import * as vscode from "vscode";
import { turnIntoAnnotation } from "../../engine/rewrite/turnIntoAnnotation";
import { type Rewritten, writeIntoSource } from "../../engine/rewrite/writeIntoSource";
import type { ReadModelInput } from "../../engine/source/readModel";
import { changedPart } from "../editor/changedPart";
import { importsOf, modelPath } from "../editor/modelReadings";
import type { Services } from "../services";
import { modelDocument } from "./modelDocument";

type Rewrite = (input: ReadModelInput, line: number) => Rewritten;

const rewrites = {
  writeIntoSource: (input, line) => writeIntoSource(input, line),
  writeIntoSourceWithoutBias: (input, line) => writeIntoSource(input, line, { withoutBias: true }),
  turnIntoAnnotation,
} as const satisfies Readonly<Record<string, Rewrite>>;

export async function rewrite(_services: Services, kind: keyof typeof rewrites, uri?: unknown, line?: unknown): Promise<void> {
  const document = await modelDocument(uri);
  if (!document) return;
  const target = typeof line === "number" ? line : (vscode.window.activeTextEditor?.selection.active.line ?? 0) + 1;
  const text = document.getText();
  const result = rewrites[kind]({ path: modelPath(document), text, ...importsOf(document) }, target);
  if ("refused" in result) {
    void vscode.window.showInformationMessage(result.refused);
    return;
  }
  const { from, to, newText } = changedPart(text, result.text);
  const edit = new vscode.WorkspaceEdit();
  edit.replace(document.uri, new vscode.Range(document.positionAt(from), document.positionAt(to)), newText);
  await vscode.workspace.applyEdit(edit);
}
