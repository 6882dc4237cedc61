/** What a panel's buttons and links do. */
import * as vscode from "vscode";
import type { VerdictCommand } from "../../engine/protocol/judgement";
import { ProblemError } from "../../engine/protocol/problems";
import { editedLayers } from "../editor/runOnLines";
import type { ModelReadings } from "../editor/modelReadings";
import { openDocumentOf } from "../editor/modelSource";
import { siteOf } from "../editor/showRange";
import type { Run } from "../runs/run";
import type { RunStore } from "../runs/runStore";
import { openModel, showLine } from "../showLine";
import { showError } from "../showProblem";
import type { RunPanelActions } from "./runPanel";

/** Commands that panels send and the command table already has. */
const commandIds: Readonly<Record<Exclude<VerdictCommand, "trainAgain" | "compare" | "openSource">, string>> = {
  pause: "normlens.pauseRun",
  resume: "normlens.resumeRun",
  stop: "normlens.stopRun",
  revealFolder: "normlens.revealRunFolder",
};

export function createPanelActions(
  store: RunStore,
  readings: ModelReadings,
  log: vscode.LogOutputChannel,
): RunPanelActions {
  const shown = (work: Promise<void>): void => void work.catch((error: unknown) => showError(error, log));
  return {
    command: (command, run) => shown(runVerdictCommand(command, run)),
    revealLayer: (run, layer) => shown(revealLayer(run, layer, readings)),
    failed: (error) => showError(error, log),
    editedLayers: (run) => editedLayers(run, openVariant(run, readings), store),
  };
}

async function runVerdictCommand(command: VerdictCommand, run: Run): Promise<void> {
  switch (command) {
    case "trainAgain":
      await vscode.commands.executeCommand("normlens.trainModel", modelUri(run));
      return;
    case "compare":
      await vscode.commands.executeCommand("normlens.compareNormalization", modelUri(run));
      return;
    case "openSource":
      await showLine(modelUri(run), 1);
      return;
    default:
      await vscode.commands.executeCommand(commandIds[command], run);
  }
}

/** The layer's line in the file as it is now; the recorded line where the file no longer has the layer. */
async function revealLayer(run: Run, layer: string, readings: ModelReadings): Promise<void> {
  const document = await openModel(modelUri(run));
  const current = await readings.settled(document);
  const range = current?.reading.variant?.layers.find(({ name }) => name === layer)?.range;
  const known = range && current ? siteOf(current, range) : null;
  const recorded = run.record?.layers.find(({ id }) => id === layer)?.source ?? null;
  if (!known && recorded?.path) {
    await showLine(uriOf(recorded.path), recorded.line);
    return;
  }
  const place = !known && recorded && current ? current.source.layout.placeOf(recorded.line) : null;
  const site = known ?? (place && { uri: place.document.uri, line: place.line });
  if (site) await showLine(site.uri, site.line);
}

/** The variant of the run's model file, if it is open: NormLens can't tell what was edited in a closed one. */
function openVariant(run: Run, readings: ModelReadings): ReturnType<typeof variantOf> {
  const document = openDocumentOf(run.record?.source?.path);
  return document ? variantOf(readings, document) : null;
}

const variantOf = (readings: ModelReadings, document: vscode.TextDocument) =>
  readings.read(document)?.reading.variant ?? null;

function modelUri(run: Run): vscode.Uri {
  const path = run.record?.source?.path;
  if (path === undefined) throw new ProblemError({ code: "source-unknown", run: run.folder });
  return uriOf(path);
}

function uriOf(path: string): vscode.Uri {
  return /^[a-z][a-z0-9+.-]+:/i.test(path) && !/^[a-z]:[\\/]/i.test(path)
    ? vscode.Uri.parse(path)
    : vscode.Uri.file(path);
}
