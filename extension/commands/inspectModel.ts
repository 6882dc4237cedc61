/**
 * Lists the layers of the model in a quick pick with their output shapes and parameters; selecting one goes to its
 * line.
 */
import * as vscode from "vscode";
import { inspectionOf } from "../../engine/source/inspect";
import type { Services } from "../services";
import { outputWords, parameterWords } from "../editor/modelWords";
import { lineText, showRange } from "../editor/showRange";
import { showProblem } from "../showProblem";
import { modelDocument } from "./modelDocument";

export async function inspectModel({ readings }: Services, uri?: unknown): Promise<void> {
  const document = await modelDocument(uri);
  const current = document ? await readings.settled(document) : null;
  if (!document || !current) return;
  const { reading, source } = current;
  if (!reading.variant) {
    showProblem(reading.problems[0] ?? { code: "no-model", path: reading.path }, source);
    return;
  }
  const { model, layers, parameters } = inspectionOf(reading);
  const ranges = reading.variant.layers.map(({ range }) => range);
  const items = layers.map((layer, index) => ({
    label: layer.name,
    description: `${layer.kind}, ${outputWords(layer.outputShape)}`,
    detail: `${parameterWords(layer.parameters)}, ${lineText(current, ranges[index])}`,
    range: ranges[index],
  }));
  const placeHolder = vscode.l10n.t("{model}: {parameters}. Select a layer to go to its line.", {
    model: model ?? "",
    parameters: parameterWords(parameters),
  });
  const chosen = await vscode.window.showQuickPick(items, { placeHolder, matchOnDescription: true });
  if (chosen?.range) await showRange(current, chosen.range);
}
