/** The table of commands: those that package.json contributes (a test compares them) and those that only views call. */
import * as vscode from "vscode";
import type { Services } from "../services";
import { showLine } from "../showLine";
import { showError } from "../showProblem";
import { annotate } from "./annotate";
import { describeModel } from "./describeModel";
import { exportRun } from "./exportRun";
import { inspectModel } from "./inspectModel";
import { compareRuns, deleteRun, noteRun, pinRun, renameRun } from "./keepRuns";
import { openExample } from "./openExample";
import { probeNow, stopRecording } from "./recordings";
import { resumeRun } from "./resumeRun";
import { rewrite } from "./rewrite";
import { openRun, pauseRun, revealRunFolder, stopRun } from "./runControls";
import { toggleRecording } from "./toggleRecording";
import { compareNormalization, trainModel } from "./trainModel";

type Command = (services: Services, ...args: unknown[]) => Promise<void> | void;

const commands: Readonly<Record<string, Command>> = {
  "normlens.trainModel": trainModel,
  "normlens.compareNormalization": compareNormalization,
  "normlens.openExample": openExample,
  "normlens.openRun": openRun,
  "normlens.pauseRun": pauseRun,
  "normlens.resumeRun": resumeRun,
  "normlens.stopRun": stopRun,
  "normlens.probeNow": probeNow,
  "normlens.stopRecording": stopRecording,
  "normlens.toggleRecording": toggleRecording,
  "normlens.addNormalization": (services, uri, line) => annotate(services, "addNormalization", uri, line),
  "normlens.removeNormalization": (services, uri, line) => annotate(services, "removeNormalization", uri, line),
  "normlens.clearAnnotation": (services, uri, line) => annotate(services, "clearAnnotation", uri, line),
  "normlens.writeIntoSource": (services, uri, line) => rewrite(services, "writeIntoSource", uri, line),
  "normlens.writeIntoSourceWithoutBias": (services, uri, line) =>
    rewrite(services, "writeIntoSourceWithoutBias", uri, line),
  "normlens.turnIntoAnnotation": (services, uri, line) => rewrite(services, "turnIntoAnnotation", uri, line),
  "normlens.describeModel": describeModel,
  "normlens.inspectModel": inspectModel,
  "normlens.showLine": (_services, uri, line) =>
    uri instanceof vscode.Uri && typeof line === "number" ? showLine(uri, line) : undefined,
  "normlens.compareRuns": compareRuns,
  "normlens.renameRun": renameRun,
  "normlens.noteRun": noteRun,
  "normlens.pinRun": (services, run) => pinRun(services, run, true),
  "normlens.unpinRun": (services, run) => pinRun(services, run, false),
  "normlens.deleteRun": deleteRun,
  "normlens.exportRun": exportRun,
  "normlens.revealRunFolder": revealRunFolder,
  "normlens.showLog": ({ log }) => log.show(),
};

export function registerCommands(services: Services): vscode.Disposable {
  const registrations = Object.entries(commands).map(([id, command]) =>
    vscode.commands.registerCommand(id, async (...args: unknown[]) => {
      try {
        await command(services, ...args);
      } catch (error) {
        showError(error, services.log);
      }
    }),
  );
  return vscode.Disposable.from(...registrations);
}
