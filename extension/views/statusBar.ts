/** The status bar says that a run goes on and where it is; a click opens its panel. Hidden when nothing trains here. */
import * as vscode from "vscode";
import { predictionText } from "../../engine/protocol/numberText";
import type { RunStore } from "../runs/runStore";
import { runTitle, stepWords } from "./runsTree";

export function createRunStatus(store: RunStore): vscode.Disposable {
  const item = vscode.window.createStatusBarItem("normlens.run", vscode.StatusBarAlignment.Left);
  item.name = "NormLens run";
  const update = (): void => {
    const [run] = store.live;
    if (!run?.record) {
      item.hide();
      return;
    }
    item.text = `$(${run.isPaused ? "debug-pause" : "pulse"}) ${runTitle(run)}: ${stepWords(run)}`;
    const { prediction, plannedSteps } = run.record;
    item.tooltip =
      prediction && plannedSteps !== null
        ? `Open the run's panel. It needs ${predictionText(prediction, plannedSteps)}.`
        : "Open the run's panel";
    item.command = { command: "normlens.openRun", title: "Open Run", arguments: [run] };
    item.show();
  };
  return vscode.Disposable.from(item, store.onDidChange(update));
}
