/** The status bar shows the run that is training and its step. A click opens its panel. Hidden when nothing trains. */
import * as vscode from "vscode";
import { predictionText } from "../../engine/protocol/numberText";
import type { RunStore } from "../runs/runStore";
import { runTitle, stepWords } from "./runWords";

export function createRunStatus(store: RunStore): vscode.Disposable {
  const item = vscode.window.createStatusBarItem("normlens.run", vscode.StatusBarAlignment.Left);
  item.name = vscode.l10n.t("NormLens Run");
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
        ? vscode.l10n.t("Open the panel of this run. The run needs {0}.", predictionText(prediction, plannedSteps))
        : vscode.l10n.t("Open the panel of this run.");
    item.command = { command: "normlens.openRun", title: vscode.l10n.t("Open Run"), arguments: [run] };
    item.show();
  };
  return vscode.Disposable.from(item, store.onDidChange(update));
}
