/** Asks for what a model file does not say, the model's arguments and input shape, and writes it into a comment. */
import * as vscode from "vscode";
import {
  argumentMistake,
  describeModelEdit,
  type ModelDescription,
  shapeMistake,
} from "../../engine/source/annotations/describeModel";
import { parseShapes } from "../../engine/source/annotations/parseAnnotations";
import type { ModelCandidate } from "../../engine/source/candidates";
import type { ModelReading } from "../../engine/source/modelReading";
import type { DocumentReading } from "../editor/documentReading";
import type { Services } from "../services";
import { pythonDocument } from "./modelDocument";

export async function describeModel({ readings }: Services, uri?: unknown): Promise<void> {
  const document = await pythonDocument(uri);
  const current = document ? await readings.settled(document) : null;
  if (!current) return;
  const { reading } = current;
  const candidate = await chooseCandidate(current);
  if (!candidate) return;
  const args: string[] = [];
  const model = candidate.name;
  const steps = candidate.requires.length + 1;
  for (const [index, argument] of candidate.requires.entries()) {
    const value = await ask({
      title: vscode.l10n.t("{model}: {argument} ({step}/{steps})", { model, argument, step: index + 1, steps }),
      prompt: vscode.l10n.t("Enter a Python literal for {0}.", argument),
      validate: argumentMistake,
    });
    if (value === undefined) return;
    args.push(value.trim());
  }
  const shape = await ask({
    title: vscode.l10n.t("{model}: input shape ({step}/{steps})", { model, step: steps, steps }),
    prompt: vscode.l10n.t(
      "Enter the sizes without the batch, channels first, such as 3x32x32. Leave it empty if you don't know them.",
    ),
    value: shapesText(reading),
    validate: shapeMistake,
  });
  if (shape === undefined) return;
  const inputs = shape.trim() === "" ? [] : (parseShapes(shape.trim()) ?? []);
  await apply(current, { candidate, args, inputs });
}

async function apply({ reading, lineAnywhere }: DocumentReading, description: ModelDescription): Promise<void> {
  const lineText = (line: number): string => {
    const place = lineAnywhere(line);
    return place ? place.document.lineAt(place.line - 1).text : "";
  };
  const edit = describeModelEdit(reading, description, lineText);
  const place = lineAnywhere(edit.line);
  if (!place) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t("NormLens can't find the model's line. Fix the syntax errors in the file, then run this again."),
    );
    return;
  }
  const { document, line } = place;
  const changes = new vscode.WorkspaceEdit();
  if (edit.kind === "replace") changes.replace(document.uri, document.lineAt(line - 1).range, edit.text);
  else
    changes.insert(
      document.uri,
      new vscode.Position(line - 1, 0),
      `${edit.text}${document.eol === vscode.EndOfLine.CRLF ? "\r\n" : "\n"}`,
    );
  await vscode.workspace.applyEdit(changes);
}

async function chooseCandidate({
  reading: { candidates, model },
  source,
}: DocumentReading): Promise<ModelCandidate | undefined> {
  const [only, ...others] = candidates;
  if (!only) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t("NormLens finds no model in this file. Open a file that defines one."),
    );
    return undefined;
  }
  if (others.length === 0) return only;
  const items = candidates.map((candidate) => ({
    label: candidate.name,
    description: candidate.requires.length > 0 ? vscode.l10n.t("needs {0}", candidate.requires.join(", ")) : "",
    detail: [
      candidate.kind,
      source.layout.lineWords(candidate.line),
      ...(candidate.expression === model ? [vscode.l10n.t("shown now")] : []),
    ].join(", "),
    candidate,
  }));
  return (
    await vscode.window.showQuickPick(items, {
      title: vscode.l10n.t("Set Model Arguments and Input Shape"),
      placeHolder: vscode.l10n.t("Select the model that NormLens shows and trains"),
      matchOnDescription: true,
    })
  )?.candidate;
}

interface Question {
  readonly title: string;
  readonly prompt: string;
  readonly value?: string;
  readonly validate: (text: string) => string | null;
}

function ask({ title, prompt, value = "", validate }: Question): Thenable<string | undefined> {
  return vscode.window.showInputBox({ title, prompt, value, validateInput: validate, ignoreFocusOut: true });
}

function shapesText({ graph }: ModelReading): string {
  const shapes = graph?.inputs.map(({ shape }) => shape?.join("x"));
  return shapes === undefined || shapes.includes(undefined) ? "" : shapes.join(",");
}
