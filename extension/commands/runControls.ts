/** Pauses and stops a run; opens its panel or its folder. */
import * as vscode from "vscode";
import { basename } from "node:path";
import { Run } from "../runs/run";
import { allRunsFolders } from "../runs/runsLocation";
import type { Services } from "../services";
import { REQUEST_TIMEOUT_MS } from "../engine/runProcess";
import { showError, showProblem } from "../showProblem";
import { runTitle, stateWords } from "../views/runWords";

export async function pauseRun({ store }: Services, target?: unknown): Promise<void> {
  const run = liveRun(
    store.live.filter((candidate) => !candidate.isPaused),
    target,
  );
  if (run && !(await store.pause(run))) showUnanswered();
}

export async function stopRun({ store }: Services, target?: unknown): Promise<void> {
  const run = liveRun(store.live, target);
  if (run && !(await store.stop(run))) showUnanswered();
}

/** Compared runs open together. */
export async function openRun(services: Services, target?: unknown): Promise<void> {
  const { store, panels, log } = services;
  try {
    const run = await chosenRun(services, target);
    if (run) panels.open(store.comparedWith(run));
  } catch (error) {
    showError(error, log);
  }
}

/** Called with a run (tree), the id or the folder of one, or nothing: then a person picks one; null for none. */
export async function chosenRun(services: Services, target: unknown): Promise<Run | null> {
  if (target instanceof Run) return target;
  return typeof target === "string" ? services.store.open(target) : await pickRun(services);
}

/** Those among what a person selected in the tree. */
export const runsIn = (items: unknown): Run[] =>
  Array.isArray(items) ? items.filter((item): item is Run => item instanceof Run) : [];

export async function revealRunFolder(services: Services, target?: unknown): Promise<void> {
  const run = await chosenRun(services, target);
  if (run) await vscode.commands.executeCommand("revealFileInOS", vscode.Uri.file(run.folder));
}

/** The state of a run that did not answer stays as it is until the run reports another. */
export const showUnanswered = (): void =>
  showProblem({ code: "request-unanswered", seconds: REQUEST_TIMEOUT_MS / 1000 });

function liveRun(candidates: readonly Run[], target: unknown): Run | undefined {
  if (target instanceof Run) return candidates.includes(target) ? target : undefined;
  return candidates[0];
}

interface RunItem extends vscode.QuickPickItem {
  readonly run: Run;
}

function runItems({ store, context }: Services): RunItem[] {
  for (const folder of allRunsFolders(context.globalStorageUri)) store.discover(folder);
  const items = store.all.map((run) => ({
    label: runTitle(run),
    description: stateWords(run),
    detail: basename(run.folder),
    run,
  }));
  if (items.length === 0)
    void vscode.window.showInformationMessage(vscode.l10n.t("There are no runs yet. Open a model file and train it."));
  return items;
}

/** Several, of which some are chosen already. */
export async function pickRuns(services: Services, chosen: readonly Run[]): Promise<Run[]> {
  const items = runItems(services).map((item) => ({ ...item, picked: chosen.includes(item.run) }));
  if (items.length === 0) return [];
  const placeHolder = vscode.l10n.t("Select the runs to compare");
  const picked = await vscode.window.showQuickPick(items, { placeHolder, canPickMany: true, matchOnDetail: true });
  return (picked ?? []).map(({ run }) => run);
}

async function pickRun(services: Services): Promise<Run | null> {
  const items = runItems(services);
  if (items.length === 0) return null;
  const placeHolder = vscode.l10n.t("Select a run");
  const chosen = await vscode.window.showQuickPick(items, { placeHolder, matchOnDetail: true });
  return chosen?.run ?? null;
}
