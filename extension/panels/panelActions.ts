/** What a panel's buttons and links do. */
import * as vscode from "vscode";
import type { PanelCommand } from "../../webview/protocol";
import { editedLayers } from "../editor/runOnLines";
import type { ModelReadings } from "../editor/modelReadings";
import { openDocumentOf } from "../editor/modelSource";
import { siteOf } from "../editor/showRange";
import type { Run } from "../runs/run";
import type { RunStore } from "../runs/runStore";
import { openModel, showLine } from "../showLine";
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
  const document = await openModel(modelUri(run));
  const current = readings.read(document);
  const range = current?.reading.variant?.layers.find(({ name }) => name === layer)?.range;
  const known = range && current ? siteOf(current, range) : null;
  const recorded = run.run?.layers.find(({ name }) => name === layer)?.line;
  const place = !known && recorded && current ? current.source.layout.placeOf(recorded) : null;
  const site = known ?? (place && { uri: place.document.uri, line: place.line });
  if (site) await showLine(site.uri, site.line);
}

/** The variant of the run's model file when it is open: only then can it be known what was edited. */
function openVariant(run: Run, readings: ModelReadings): ReturnType<typeof variantOf> {
  const document = openDocumentOf(run.run?.modelFile.path);
  return document ? variantOf(readings, document) : null;
}

const variantOf = (readings: ModelReadings, document: vscode.TextDocument) =>
  readings.read(document)?.reading.variant ?? null;

function modelUri(run: Run): vscode.Uri {
  const path = run.run?.modelFile.path ?? "";
  return /^[a-z][a-z0-9+.-]+:/i.test(path) && !/^[a-z]:[\\/]/i.test(path)
    ? vscode.Uri.parse(path)
    : vscode.Uri.file(path);
}
