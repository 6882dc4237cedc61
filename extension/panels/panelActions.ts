/** What a panel's buttons and links do. */
import * as vscode from "vscode";
import type { PanelCommand } from "../../webview/protocol";
import { editedLayers } from "../editor/runOnLines";
import { type ModelReadings, modelPath } from "../editor/modelReadings";
import type { Run } from "../runs/run";
import type { RunStore } from "../runs/runStore";
import { showLine } from "../showProblem";
import type { RunPanelActions } from "./runPanel";

/** Commands that panels send and the command table already has. */
const commandIds: Readonly<Record<Exclude<PanelCommand, "trainAgain" | "compare" | "openModelFile">, string>> = {
  pause: "normlens.pauseRun",
  resume: "normlens.resumeRun",
  stop: "normlens.stopRun",
  revealFolder: "normlens.revealRunFolder",
};

export function createPanelActions(store: RunStore, readings: ModelReadings): RunPanelActions {
  return {
    command: (command, run) => void runPanelCommand(command, run),
    revealLayer: (run, layer) => void revealLayer(run, layer, readings),
    editedLayers: (run) => editedLayers(run, openVariant(run, readings), store),
  };
}

async function runPanelCommand(command: PanelCommand, run: Run): Promise<void> {
  switch (command) {
    case "trainAgain":
      await vscode.commands.executeCommand("normlens.trainModel", modelUri(run));
      return;
    case "compare":
      await vscode.commands.executeCommand("normlens.compareNormalization", modelUri(run));
      return;
    case "openModelFile":
      await showLine(modelUri(run), 1);
      return;
    default:
      await vscode.commands.executeCommand(commandIds[command], run);
  }
}

/** The layer's line as the file is now; where the reader no longer finds the layer, the line it had. */
async function revealLayer(run: Run, layer: string, readings: ModelReadings): Promise<void> {
  const document = await vscode.workspace.openTextDocument(modelUri(run));
  const current = readings.read(document);
  const range = current?.reading.variant?.layers.find(({ name }) => name === layer)?.range;
  if (current && range && range.path !== current.reading.path) {
    await showLine(vscode.Uri.file(range.path), range.startLine);
    return;
  }
  const line = (range && current ? current.lineNow(range.startLine) : null) ?? run.run?.layers.find(({ name }) => name === layer)?.line;
  if (line) await showLine(document.uri, line);
}

/** The variant of the run's model file when it is open: only then can it be known what was edited. */
function openVariant(run: Run, readings: ModelReadings): ReturnType<typeof variantOf> {
  const document = vscode.workspace.textDocuments.find((candidate) => modelPath(candidate) === run.run?.modelFile.path);
  return document ? variantOf(readings, document) : null;
}

const variantOf = (readings: ModelReadings, document: vscode.TextDocument) => readings.read(document)?.reading.variant ?? null;

function modelUri(run: Run): vscode.Uri {
  const path = run.run?.modelFile.path ?? "";
  return /^[a-z][a-z0-9+.-]+:/i.test(path) && !/^[a-z]:[\\/]/i.test(path) ? vscode.Uri.parse(path) : vscode.Uri.file(path);
}
