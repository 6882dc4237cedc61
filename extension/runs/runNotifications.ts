/** Shows a notification when a run of this window fails, and updates the context keys that menus depend on. */
import * as vscode from "vscode";
import type { Services } from "../services";
import { showProblem } from "../showProblem";
import { openDocumentOf, sourceOf } from "../editor/modelSource";

export function announceRuns({ store }: Services): vscode.Disposable {
  return vscode.Disposable.from(
    store.onDidEnd((run) => {
      if (!run.problem || (run.state !== "failed" && run.state !== "diverged")) return;
      const document = openDocumentOf(run.record?.source?.path);
      showProblem(run.problem, document ? sourceOf(document) : null);
    }),
    store.onDidChange(() => {
      void vscode.commands.executeCommand(
        "setContext",
        "normlens.hasRunningRun",
        store.live.some((run) => !run.isPaused),
      );
      void vscode.commands.executeCommand(
        "setContext",
        "normlens.hasPausedRun",
        store.live.some((run) => run.isPaused),
      );
    }),
    store.onDidChangeState(
      () =>
        void vscode.commands.executeCommand(
          "setContext",
          "normlens.hasResumableRun",
          store.all.some((run) => run.isResumable),
        ),
    ),
    store.onDidChangeState(
      () => void vscode.commands.executeCommand("setContext", "normlens.hasRecordedRun", store.askable.length > 0),
    ),
  );
}
