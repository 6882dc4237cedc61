/**
 * `normlens.resumeRun`: a paused run continues; a stopped, failed or interrupted one continues as a new run from its
 * checkpoint.
 */
import { basename, dirname, isAbsolute, resolve } from "node:path";
import * as vscode from "vscode";
import { generatedSet } from "../../engine/protocol/generatedSets";
import type { TrainRequest } from "../../engine/protocol/trainConfig";
import { readResumed } from "../../engine/runs/readResumed";
import { Run } from "../runs/run";
import { allRunsFolders } from "../runs/runsLocation";
import type { Services } from "../services";
import { showProblem } from "../showProblem";
import { runTitle, stateWords } from "../views/runWords";
import { showUnanswered } from "./runControls";
import { workspaceIsTrusted } from "./workspaceTrust";

export async function resumeRun(services: Services, target?: unknown): Promise<void> {
  const { store } = services;
  const run =
    target instanceof Run ? target : (store.live.find(({ isPaused }) => isPaused) ?? (await pickResumable(services)));
  if (!run) return;
  if (run.process === null) await continueFromCheckpoint(services, run);
  else if (run.isPaused && !(await store.resume(run))) showUnanswered();
}

async function continueFromCheckpoint({ store, panels }: Services, run: Run): Promise<void> {
  if (!(await workspaceIsTrusted())) return;
  const runsFolder = dirname(run.folder);
  const { graph, run: before, request } = readResumed(run.folder, runsFolder);
  const outcome = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Window, title: vscode.l10n.t("NormLens: Resuming the run") },
    () =>
      store.start({
        graph,
        request: { ...request, data: dataOf(request, run.folder) },
        runsFolder,
        name: before.name,
        comparison: null,
      }),
  );
  if (outcome.ok) panels.open([outcome.value]);
  else showProblem(outcome.problem);
}

/**
 * The command line records a path as it was given, relative to the folder it ran in. The run's workspace folder stands
 * for that.
 */
function dataOf({ data }: TrainRequest, runFolder: string): string {
  if (generatedSet(data) !== null || isAbsolute(data)) return data;
  return resolve(
    vscode.workspace.getWorkspaceFolder(vscode.Uri.file(runFolder))?.uri.fsPath ?? dirname(runFolder),
    data,
  );
}

async function pickResumable({ store, context }: Services): Promise<Run | undefined> {
  for (const folder of allRunsFolders(context.globalStorageUri)) store.discover(folder);
  const items = store.all
    .filter(({ isResumable }) => isResumable)
    .map((run) => ({ label: runTitle(run), description: stateWords(run), detail: basename(run.folder), run }));
  if (items.length === 0) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t("There is no run to resume: no run is paused, and no stopped or failed run has a checkpoint."),
    );
    return undefined;
  }
  const placeHolder = vscode.l10n.t("Select a run to resume");
  return (await vscode.window.showQuickPick(items, { placeHolder, matchOnDetail: true }))?.run;
}
