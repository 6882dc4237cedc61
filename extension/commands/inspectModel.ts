/** The layers of the model in a quick pick: name, shape, parameters; choosing one goes to its line. */
import * as vscode from "vscode";
import { inspectionOf } from "../../engine/source/inspect";
import type { Services } from "../services";
import { showLine, showProblem } from "../showProblem";
import { modelDocument } from "./modelDocument";

export async function inspectModel({ readings }: Services, uri?: unknown): Promise<void> {
  const document = await modelDocument(uri);
  const reading = document ? readings.read(document)?.reading : undefined;
  if (!document || !reading) return;
  if (!reading.variant) {
    showProblem(reading.problems[0] ?? { code: "no-model", path: document.uri.fsPath }, document);
    return;
  }
  const { model, layers, parameters } = inspectionOf(reading);
  const items = layers.map((layer) => ({
    label: layer.name,
    description: `${layer.kind}, ${layer.outputShape?.join("×") ?? "unknown shape"}`,
    detail: `${layer.parameters ?? "unknown"} parameters, line ${layer.line}`,
    line: layer.line,
  }));
  const placeHolder = `${model ?? ""}: ${parameters ?? "an unknown number of"} parameters. Choose a layer to go to its line.`;
  const chosen = await vscode.window.showQuickPick(items, { placeHolder, matchOnDescription: true });
  if (chosen) await showLine(document.uri, chosen.line);
}
