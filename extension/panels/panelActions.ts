/** What a panel's buttons and links do. */
import * as vscode from "vscode";
import { ruleDescription } from "../../engine/findings/rules";
import type { VerdictCommand } from "../../engine/protocol/judgement";
import { setModelMomentum } from "../commands/rewrite";
import { editedLayers } from "../editor/runOnLines";
import type { ModelReadings } from "../editor/modelReadings";
import { openDocumentOf } from "../editor/modelSource";
import type { SavedFile } from "../../webview/protocol";
import type { Run } from "../runs/run";
import type { RunStore } from "../runs/runStore";
import { recalibrationLines } from "../runs/recalibrationLines";
import { showLine } from "../showLine";
import { showError } from "../showProblem";
import { revealLayer, sourceUri } from "./revealLayer";
import type { RunPanelActions } from "./runPanel";

/** Commands that panels send and the command table already has. */
const commandIds: Readonly<Record<Exclude<VerdictCommand, "trainAgain" | "compare" | "openSource">, string>> = {
  pause: "normlens.pauseRun",
  resume: "normlens.resumeRun",
  stop: "normlens.stopRun",
  probeNow: "normlens.probeNow",
  stopRecording: "normlens.stopRecording",
  revealFolder: "normlens.revealRunFolder",
};

export function createPanelActions(
  store: RunStore,
  readings: ModelReadings,
  extensionUri: vscode.Uri,
  log: vscode.LogOutputChannel,
): RunPanelActions {
  const shown = (work: Promise<void>): void => void work.catch((error: unknown) => showError(error, log));
  return {
    command: (command, run) => shown(runVerdictCommand(command, run)),
    revealLayer: (run, layer) => shown(revealLayer(run, layer, store, readings)),
    setMomentum: (run, weight) => shown(modelUri(run).then((uri) => setModelMomentum({ readings }, uri, weight))),
    copyRecalibration: (run) => shown(copyRecalibration(run)),
    saveFile: (run, file) => shown(saveFile(run, file)),
    openRule: (rule) => shown(openRule(rule, extensionUri)),
    failed: (error) => showError(error, log),
    editedLayers: (run) => editedLayers(run, openVariant(run, readings), store),
  };
}

/** For the script of a person: the engine's own runs have `normlens recalibrate`. */
async function copyRecalibration(run: Run): Promise<void> {
  await vscode.env.clipboard.writeText(recalibrationLines(run.summary));
  void vscode.window.showInformationMessage(
    vscode.l10n.t("Copied two lines. Paste them in your script after training: they measure running statistics again."),
  );
}

/** Beside the run, unless a person says otherwise. */
async function saveFile(run: Run, { name, base64 }: SavedFile): Promise<void> {
  const ending = name.slice(name.lastIndexOf(".") + 1);
  const target = await vscode.window.showSaveDialog({
    defaultUri: vscode.Uri.joinPath(vscode.Uri.file(run.folder), name),
    filters: { [ending.toUpperCase()]: [ending] },
  });
  if (target) await vscode.workspace.fs.writeFile(target, Buffer.from(base64, "base64"));
}

/** Producers have rules of their own, about which there is no page. */
async function openRule(rule: string, extensionUri: vscode.Uri): Promise<void> {
  const docs = ruleDescription(rule)?.docs;
  if (docs === undefined)
    void vscode.window.showInformationMessage(vscode.l10n.t("NormLens has no page about the rule {0}.", rule));
  else await vscode.commands.executeCommand("markdown.showPreview", vscode.Uri.joinPath(extensionUri, docs));
}

async function runVerdictCommand(command: VerdictCommand, run: Run): Promise<void> {
  switch (command) {
    case "trainAgain":
      await vscode.commands.executeCommand("normlens.trainModel", await modelUri(run));
      return;
    case "compare":
      await vscode.commands.executeCommand("normlens.compareNormalization", await modelUri(run));
      return;
    case "openSource":
      await showLine(await modelUri(run), 1);
      return;
    default:
      await vscode.commands.executeCommand(commandIds[command], run);
  }
}

/** The variant of the run's model file, if it is open: NormLens can't tell what was edited in a closed one. */
function openVariant(run: Run, readings: ModelReadings): ReturnType<typeof variantOf> {
  const document = openDocumentOf(run.record?.source?.path);
  return document ? variantOf(readings, document) : null;
}

const variantOf = (readings: ModelReadings, document: vscode.TextDocument) =>
  readings.read(document)?.reading.variant ?? null;

const modelUri = (run: Run): Promise<vscode.Uri> => sourceUri(run, run.record?.source?.path ?? null);
