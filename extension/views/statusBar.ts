/** The status bar says that a run goes on and where it is; a click opens its panel. Hidden when nothing trains here. */
import * as vscode from "vscode";
import { predictionText } from "../../engine/protocol/numberText";
import type { RunStore } from "../runs/runStore";
import { runTitle } from "./runsTree";

export function createRunStatus(store: RunStore): vscode.Disposable {
  const item = vscode.window.createStatusBarItem("normlens.run", vscode.StatusBarAlignment.Left);
  item.name = "NormLens run";
  const update = (): void => {
    const [run] = store.live;
    if (!run?.run) {
      item.hide();
      return;
    }
    item.text = `$(${run.isPaused ? "debug-pause" : "pulse"}) ${runTitle(run)}: step ${run.lastStep} of ${run.run.config.steps}`;
    const { prediction, config } = run.run;
    item.tooltip = prediction
      ? `Open the run's panel. It needs ${predictionText(prediction, config.steps)}.`
      : "Open the run's panel";
    item.command = { command: "normlens.openRun", title: "Open Run", arguments: [run] };
    item.show();
  };
  return vscode.Disposable.from(item, store.onDidChange(update));
}
