/** What a recorded training can be asked for while it goes on: a probe now, and to stop recording. */
import * as vscode from "vscode";
import { askForProbe, askToStop, withdrawProbe } from "../../engine/runs/recorderRequests";
import { Run } from "../runs/run";
import type { Services } from "../services";
import { runTitle, stepWords } from "../views/runWords";

/** A request is looked for after a step; an evaluation in between may take a while. */
const PROBE_SECONDS = 60;
/** The recorder looks every five seconds. */
const STOP_SECONDS = 30;
const LOOK_MS = 250;

/** `normlens.probeNow`: the model on a recent batch in both modes, then the view that shows the difference. */
export async function probeNow(services: Services, target?: unknown): Promise<void> {
  const { store, panels } = services;
  const run = await askable(services, target);
  if (!run) return;
  store.read(run);
  const before = probesOf(run);
  askForProbe(run.folder);
  const outcome = await vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Notification,
      title: vscode.l10n.t("NormLens: Probing {0}", runTitle(run)),
      cancellable: true,
    },
    (_, token) => waitFor(services, run, { seconds: PROBE_SECONDS, token, holds: () => probesOf(run) > before }),
  );
  if (outcome === "done") {
    panels.open([run]).show("gap");
    return;
  }
  withdrawProbe(run.folder);
  if (outcome === "cancelled") return;
  void vscode.window.showWarningMessage(
    outcome === "ended"
      ? vscode.l10n.t("{0} ended before it was probed.", runTitle(run))
      : vscode.l10n.t(
          "{run} was not probed within {seconds} s. A probe follows an optimizer step: try again when it trains.",
          { run: runTitle(run), seconds: PROBE_SECONDS },
        ),
  );
}

/** `normlens.stopRecording`: the training itself continues. */
export async function stopRecording(services: Services, target?: unknown): Promise<void> {
  const run = await askable(services, target);
  if (!run) return;
  askToStop(run.folder);
  const outcome = await vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Window,
      title: vscode.l10n.t("NormLens: Stopping the recording of {0}", runTitle(run)),
    },
    () => waitFor(services, run, { seconds: STOP_SECONDS, token: null, holds: () => !run.isLive }),
  );
  if (outcome !== "late") return;
  void vscode.window.showWarningMessage(
    vscode.l10n.t("{0} is still being recorded. Recording stops with its next sign of life.", runTitle(run)),
  );
}

/** Measured, or refused with a reason. */
const probesOf = ({ summary }: Run): number => summary.gaps.length + summary.refusedProbes.length;

interface Awaited {
  readonly seconds: number;
  readonly token: vscode.CancellationToken | null;
  readonly holds: () => boolean;
}

/** Reads the run itself: a watcher may report what was written late. */
async function waitFor(
  { store }: Services,
  run: Run,
  { seconds, token, holds }: Awaited,
): Promise<"done" | "ended" | "cancelled" | "late"> {
  for (const end = Date.now() + 1000 * seconds; Date.now() < end; ) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    store.read(run);
    if (holds()) return "done";
    if (!run.isLive) return "ended";
    if (token?.isCancellationRequested === true) return "cancelled";
  }
  return "late";
}

/** The run that was meant; asks where several are recorded. */
async function askable({ store }: Services, target: unknown): Promise<Run | undefined> {
  if (target instanceof Run && target.isAskable) return target;
  const runs = store.askable;
  const [only, another] = runs;
  if (!only) {
    void vscode.window.showInformationMessage(vscode.l10n.t("No training is being recorded now."));
    return undefined;
  }
  if (!another) return only;
  const items = runs.map((run) => ({ label: runTitle(run), description: stepWords(run), detail: run.folder, run }));
  const placeHolder = vscode.l10n.t("Select a recorded training");
  return (await vscode.window.showQuickPick(items, { placeHolder }))?.run;
}
