/** Writes an annotation into the code, or turns a BN layer into an annotation: one edit, so one undo. */
import * as vscode from "vscode";
import { turnIntoAnnotation } from "../../engine/rewrite/turnIntoAnnotation";
import { type Rewritten, writeIntoSource } from "../../engine/rewrite/writeIntoSource";
import { LineMap } from "../../engine/python/lineMap";
import type { ReadModelInput } from "../../engine/source/modelReading";
import { changedPart } from "../../engine/python/changedPart";
import { importsFrom } from "../editor/modelReadings";
import { type ModelSource, pathOf, sourceOf } from "../editor/modelSource";
import type { Services } from "../services";
import { pythonDocument } from "./modelDocument";

type Rewrite = (input: ReadModelInput, line: number) => Rewritten;

const rewrites = {
  writeIntoSource: (input, line) => writeIntoSource(input, line),
  writeIntoSourceWithoutBias: (input, line) => writeIntoSource(input, line, { withoutBias: true }),
  turnIntoAnnotation,
} as const satisfies Readonly<Record<string, Rewrite>>;

export async function rewrite(
  { readings }: Services,
  kind: keyof typeof rewrites,
  uri?: unknown,
  line?: unknown,
): Promise<void> {
  const document = await pythonDocument(uri);
  const source = document ? sourceOf(document) : null;
  if (!document || !source) return;
  const target = typeof line === "number" ? line : (vscode.window.activeTextEditor?.selection.active.line ?? 0) + 1;
  await readings.settled(document);
  const { text, lineOf } = source.layout;
  const result = rewrites[kind](
    { path: pathOf(source.uri), text, ...importsFrom(readings.modulesOf(source.uri)) },
    lineOf({ document, line: target }),
  );
  if ("refused" in result) {
    void vscode.window.showInformationMessage(result.refused);
    return;
  }
  const edit = editOf(source, result.text);
  if (edit === null) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t(
        "The change spans several cells of the notebook. Put the layer and its call into one cell, or edit the code.",
      ),
    );
    return;
  }
  await vscode.workspace.applyEdit(edit);
}

/** null when the change spans several cells, or a line that is not Python and was read as a comment. */
function editOf({ layout }: ModelSource, newText: string): vscode.WorkspaceEdit | null {
  const change = changedPart(layout.text, newText);
  const lines = new LineMap(layout.text);
  const [start, end] = [change.from, change.to].map((offset) => {
    const { line, column } = lines.position(offset);
    const place = layout.placeOf(line);
    return { document: place.document, position: new vscode.Position(place.line - 1, column) };
  });
  if (!start || start.document !== end?.document) return null;
  const range = new vscode.Range(start.position, end.position);
  if (
    start.document.getText(range).replace(/\r\n?/g, "\n") !==
    layout.text.slice(change.from, change.to).replace(/\r\n?/g, "\n")
  )
    return null;
  const edit = new vscode.WorkspaceEdit();
  edit.replace(start.document.uri, range, change.newText);
  return edit;
}
