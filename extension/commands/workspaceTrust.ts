/** Training writes a run folder and reads data folders, so it needs a trusted workspace. */
import * as vscode from "vscode";

export async function workspaceIsTrusted(): Promise<boolean> {
  if (vscode.workspace.isTrusted) return true;
  const manage = vscode.l10n.t("Manage Workspace Trust");
  const chosen = await vscode.window.showWarningMessage(
    vscode.l10n.t("NormLens does not train models in an untrusted workspace. Trust the workspace to train this model."),
    manage,
  );
  if (chosen === manage) await vscode.commands.executeCommand("workbench.trust.manage");
  return false;
}
