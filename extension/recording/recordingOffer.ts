/**
 * Offers once in a workspace to record, when a person starts a training script in a terminal of this window. The script
 * is read, never run; the training that has just started is not touched.
 */
import { isAbsolute, resolve } from "node:path";
import * as vscode from "vscode";
import { fileName } from "../../engine/protocol/numberText";
import { importsFramework, pythonCommand } from "./pythonCommand";
import type { Recording } from "./recording";

/** Of a workspace. */
const OFFERED_KEY = "normlens.recordingOffered";
/** Of all of them. */
const NEVER_KEY = "normlens.neverOfferRecording";
/** A longer file is hardly a script. */
const MOST_BYTES = 1 << 20;

export function offerRecording(context: vscode.ExtensionContext, recording: Recording): vscode.Disposable {
  return vscode.window.onDidStartTerminalShellExecution(async ({ execution, terminal }) => {
    const mayOffer =
      vscode.workspace.isTrusted &&
      !recording.isOn &&
      !context.globalState.get<boolean>(NEVER_KEY, false) &&
      !context.workspaceState.get<boolean>(OFFERED_KEY, false);
    if (!mayOffer) return;
    const cwd = execution.cwd ?? terminal.shellIntegration?.cwd;
    const script = scriptIn(execution.commandLine.value, cwd?.fsPath);
    if (script === null || !(await trains(script))) return;
    await context.workspaceState.update(OFFERED_KEY, true);
    await offer(context, recording, script);
  });
}

function scriptIn(line: string, cwd: string | undefined): string | null {
  const command = pythonCommand(line);
  if (!command) return null;
  const directory = cwd === undefined ? command.directory : resolve(cwd, command.directory);
  if (directory === "" && !isAbsolute(command.script)) return null;
  return resolve(directory, command.script);
}

async function trains(script: string): Promise<boolean> {
  const uri = vscode.Uri.file(script);
  try {
    const { size } = await vscode.workspace.fs.stat(uri);
    return size <= MOST_BYTES && importsFramework(new TextDecoder().decode(await vscode.workspace.fs.readFile(uri)));
  } catch {
    return false;
  }
}

async function offer(context: vscode.ExtensionContext, recording: Recording, script: string): Promise<void> {
  const record = vscode.l10n.t("Record Next Run");
  const never = vscode.l10n.t("Don't Ask Again");
  const chosen = await vscode.window.showInformationMessage(
    vscode.l10n.t(
      "NormLens can record what batch normalization does while {0} trains. The script is not changed.",
      fileName(script),
    ),
    record,
    never,
  );
  if (chosen === never) await context.globalState.update(NEVER_KEY, true);
  if (chosen === record && !recording.isOn) await vscode.commands.executeCommand("normlens.toggleRecording");
}
