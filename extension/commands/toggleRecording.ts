/** Turns the recording of training in new terminals on or off. */
import * as vscode from "vscode";
import type { Services } from "../services";

export async function toggleRecording({ recording }: Services): Promise<void> {
  await recording.toggle();
  if (recording.isOn) void offerTerminal();
}

/** A terminal that is open already keeps the environment it was started with. */
async function offerTerminal(): Promise<void> {
  const open = vscode.l10n.t("New Terminal");
  const chosen = await vscode.window.showInformationMessage(
    vscode.l10n.t(
      "NormLens records training in new terminals and Python debug sessions. Start your training in a new terminal.",
    ),
    open,
  );
  if (chosen === open) await vscode.commands.executeCommand("workbench.action.terminal.new");
}
