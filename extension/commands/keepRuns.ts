/** What a person does to keep order among runs: name, pin, note, delete, put some side by side. */
import { statSync } from "node:fs";
import { basename, dirname } from "node:path";
import * as vscode from "vscode";
import { putAside, putBack, removeIfEmpty, runsAside } from "../../engine/runs/deletedRuns";
import type { Services } from "../services";
import { runTitle } from "../views/runWords";
import { chosenRun, pickRuns, runsIn } from "./runControls";

/** An empty name gives the run back the one that it was recorded with. */
export async function renameRun(services: Services, target?: unknown): Promise<void> {
  const run = await chosenRun(services, target);
  if (!run) return;
  const name = await vscode.window.showInputBox({
    title: vscode.l10n.t("Rename Run"),
    prompt: vscode.l10n.t("The name of this run. Leave it empty for the name that it was recorded with."),
    value: run.label ?? run.record?.name ?? "",
  });
  if (name !== undefined) services.store.relabel(run, { name: name.trim() });
}

export async function noteRun(services: Services, target?: unknown): Promise<void> {
  const run = await chosenRun(services, target);
  if (!run) return;
  const note = await vscode.window.showInputBox({
    title: vscode.l10n.t("Note on {0}", runTitle(run)),
    prompt: vscode.l10n.t("The note is shown beside the run and kept in its folder."),
    value: run.labels.note ?? "",
  });
  if (note !== undefined) services.store.relabel(run, { note: note.trim() });
}

/** Pinned runs stay at the top of the view. */
export async function pinRun(services: Services, target: unknown, pinned: boolean): Promise<void> {
  const run = await chosenRun(services, target);
  if (run) services.store.relabel(run, { pinned });
}

/** With the tree's selection, or asks which. */
export async function compareRuns(services: Services, target?: unknown, selection?: unknown): Promise<void> {
  const selected = runsIn(selection).length > 0 ? runsIn(selection) : runsIn([target]);
  const runs = selected.length > 1 ? selected : await pickRuns(services, selected);
  if (runs.length > 1) services.panels.open(runs);
}

/** It is out of sight at once, and goes to the bin when nobody wants it back. */
export async function deleteRun(services: Services, target?: unknown, selection?: unknown): Promise<void> {
  const selected = runsIn(selection);
  const only = selected.length > 0 ? null : await chosenRun(services, target);
  const runs = only ? [only] : selected;
  const ended = runs.filter((run) => !run.isLive);
  if (ended.length < runs.length)
    void vscode.window.showWarningMessage(vscode.l10n.t("A run that is going on can't be deleted. Stop it first."));
  if (ended.length === 0) return;
  const aside = ended.map((run) => {
    // What could not be put aside stays in the list.
    const folder = putAside(run.folder);
    services.store.forget(run);
    return folder;
  });
  const [first] = ended;
  const message =
    ended.length === 1 && first
      ? vscode.l10n.t("{0} was deleted.", runTitle(first))
      : vscode.l10n.t("{0} runs were deleted.", ended.length);
  const undo = vscode.l10n.t("Undo");
  if ((await vscode.window.showInformationMessage(message, undo)) === undo)
    for (const folder of aside) services.store.open(putBack(folder));
  else await throwAway(aside);
}

/** To the bin; where this machine has none, for good if a person says so. */
async function throwAway(folders: readonly string[]): Promise<void> {
  for (const folder of folders) {
    if (await movedToBin(folder)) continue;
    const remove = vscode.l10n.t("Delete Permanently");
    const message = vscode.l10n.t("{0} can't be put into the bin.", basename(folder));
    if ((await vscode.window.showWarningMessage(message, { modal: true }, remove)) === remove)
      await vscode.workspace.fs.delete(vscode.Uri.file(folder), { recursive: true, useTrash: false });
    else putBack(folder);
    removeIfEmpty(dirname(folder));
  }
}

async function movedToBin(folder: string): Promise<boolean> {
  try {
    await vscode.workspace.fs.delete(vscode.Uri.file(folder), { recursive: true, useTrash: true });
  } catch {
    return false;
  }
  removeIfEmpty(dirname(folder));
  return true;
}

/** Another window may still offer to undo what is younger. */
const FORGOTTEN_MS = 3_600_000;

/** What a window that was closed too early had deleted. Where there is no bin it stays: nobody is asked at start. */
export async function sweepDeleted(runsFolders: readonly string[]): Promise<void> {
  for (const folder of runsFolders.flatMap(runsAside))
    if (Date.now() - (statSync(folder, { throwIfNoEntry: false })?.ctimeMs ?? Date.now()) > FORGOTTEN_MS)
      await movedToBin(folder);
}
