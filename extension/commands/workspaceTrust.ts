/** Training writes a run folder and reads data folders: not in a workspace that nobody has trusted yet. */
import * as vscode from "vscode";

export async function workspaceIsTrusted(): Promise<boolean> {
  if (vscode.workspace.isTrusted) return true;
  const manage = "Manage Workspace Trust";
  const chosen = await vscode.window.showWarningMessage(
    "This workspace is not trusted, so nothing is trained in it. Trust it to train its models; reading them works without.",
    manage,
  );
  if (chosen === manage) await vscode.commands.executeCommand("workbench.trust.manage");
  return false;
}
