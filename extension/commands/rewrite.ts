/** Writes an annotation into the code, or turns a BN layer into an annotation: one edit, so one undo. */
import * as vscode from "vscode";
import { turnIntoAnnotation } from "../../engine/rewrite/turnIntoAnnotation";
import { setMomentum } from "../../engine/rewrite/setMomentum";
import { type Rewritten, writeIntoSource } from "../../engine/rewrite/writeIntoSource";
import { LineMap } from "../../engine/python/lineMap";
import type { ReadModelInput } from "../../engine/source/modelReading";
import { changedPart } from "../../engine/python/changedPart";
import { importsFrom } from "../editor/modelReadings";
import { type ModelSource, pathOf, sourceOf } from "../editor/modelSource";
import type { Services } from "../services";
import { showLine } from "../showLine";
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
  const lineThere = source.layout.lineOf({ document, line: target });
  await applyTo(source, rewrites[kind](inputOf(source, readings), lineThere));
}

/** Writes a weight of the new batch, which a person chose in the panel of a run, as the momentum of its model. */
export async function setModelMomentum(
  { readings }: Pick<Services, "readings">,
  uri: vscode.Uri,
  weight: number,
): Promise<void> {
  const document = await pythonDocument(uri);
  const source = document ? sourceOf(document) : null;
  if (!document || !source) return;
  await readings.settled(document);
  const result = setMomentum(inputOf(source, readings), weight);
  if (!(await applyTo(source, result)) || !("places" in result)) return;
  const place = source.layout.placeOf(result.line);
  await showLine(place.document.uri, place.line);
  const train = vscode.l10n.t("Train Again");
  const message =
    result.places === 1
      ? vscode.l10n.t("Wrote momentum={0} in 1 place. Train again to see what it does.", weight)
      : vscode.l10n.t("Wrote momentum={0} in {1} places. Train again to see what it does.", weight, result.places);
  if ((await vscode.window.showInformationMessage(message, train)) === train)
    await vscode.commands.executeCommand("normlens.trainModel", document.uri);
}

const inputOf = ({ uri, layout }: ModelSource, readings: Services["readings"]): ReadModelInput => ({
  path: pathOf(uri),
  text: layout.text,
  ...importsFrom(readings.modulesOf(uri)),
});

/** Whether the file was changed; where it wasn't, a person was told why. */
async function applyTo(source: ModelSource, result: Rewritten): Promise<boolean> {
  const edit = "refused" in result ? null : editOf(source, result.text);
  if (edit !== null) return vscode.workspace.applyEdit(edit);
  void vscode.window.showInformationMessage(
    "refused" in result
      ? result.refused
      : vscode.l10n.t(
          "The change spans several cells of the notebook. Put the layer and its call into one cell, or edit the code.",
        ),
  );
  return false;
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
