/** The status bar says that new terminals are recorded, and a click turns it off. Hidden while it is off. */
import * as vscode from "vscode";
import type { Recording } from "./recording";

export function createRecordingStatus(recording: Recording): vscode.Disposable {
  const item = vscode.window.createStatusBarItem("normlens.recording", vscode.StatusBarAlignment.Left);
  item.name = vscode.l10n.t("NormLens Recording");
  item.text = `$(record) ${vscode.l10n.t("NormLens records")}`;
  item.tooltip = vscode.l10n.t(
    "NormLens records training in new terminals and Python debug sessions. Click to turn this off.",
  );
  item.command = "normlens.toggleRecording";
  const update = (): void => (recording.isOn ? item.show() : item.hide());
  update();
  return vscode.Disposable.from(item, recording.onDidChange(update));
}
