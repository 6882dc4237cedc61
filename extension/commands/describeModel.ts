/** Asks for what a model file leaves open, its constructor's arguments and the input's shape, and keeps it as a comment. */
import * as vscode from "vscode";
import {
  argumentMistake,
  describeModelEdit,
  type ModelDescription,
  shapeMistake,
} from "../../engine/source/annotations/describeModel";
import { parseShapes } from "../../engine/source/annotations/parseAnnotations";
import type { ModelCandidate } from "../../engine/source/candidates";
import type { ModelReading } from "../../engine/source/readModel";
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
  for (const [index, name] of candidate.requires.entries()) {
    const value = await ask(`${candidate.name}: ${name}`, index + 1, candidate.requires.length + 1, {
      prompt: `A Python value for ${name}`,
      validate: argumentMistake,
    });
    if (value === undefined) return;
    args.push(value.trim());
  }
  const shape = await ask(
    `${candidate.name}: input shape`,
    candidate.requires.length + 1,
    candidate.requires.length + 1,
    {
      prompt: "Sizes without the batch, channels first: 3x32x32. Leave it empty when it is not known.",
      value: shapesText(reading),
      validate: shapeMistake,
    },
  );
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
      "The model's line is gone: mend the file first, then describe the model.",
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
    void vscode.window.showInformationMessage("This file defines no model that NormLens can see.");
    return undefined;
  }
  if (others.length === 0) return only;
  const items = candidates.map((candidate) => ({
    label: candidate.name,
    description: candidate.requires.length > 0 ? `needs ${candidate.requires.join(", ")}` : "",
    detail: `${candidate.kind}, ${source.layout.lineWords(candidate.line)}${candidate.expression === model ? ", read now" : ""}`,
    candidate,
  }));
  return (
    await vscode.window.showQuickPick(items, {
      title: "Describe Model",
      placeHolder: "Which model should be read?",
      matchOnDescription: true,
    })
  )?.candidate;
}

interface Question {
  readonly prompt: string;
  readonly value?: string;
  readonly validate: (text: string) => string | null;
}

function ask(
  title: string,
  step: number,
  steps: number,
  { prompt, value = "", validate }: Question,
): Thenable<string | undefined> {
  return vscode.window.showInputBox({
    title: `${title} (${step}/${steps})`,
    prompt,
    value,
    validateInput: validate,
    ignoreFocusOut: true,
  });
}

function shapesText({ graph }: ModelReading): string {
  const shapes = graph?.inputs.map(({ shape }) => shape?.join("x"));
  return shapes === undefined || shapes.includes(undefined) ? "" : shapes.join(",");
}
