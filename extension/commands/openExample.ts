/** `normlens.openExample`: a model to try things on, as a new file that nobody has to save. */
import * as vscode from "vscode";
import type { Services } from "../services";

interface Example extends vscode.QuickPickItem {
  readonly file: string;
}

const examples = (): readonly Example[] => [
  {
    file: "stale_statistics.py",
    label: vscode.l10n.t("Stale running statistics"),
    description: vscode.l10n.t("a fault to find and to fix, in a minute"),
  },
  {
    file: "mnist_mlp.py",
    label: vscode.l10n.t("The network of the BN paper"),
    description: vscode.l10n.t("three hidden layers for handwritten digits"),
  },
  { file: "small_cnn.py", label: vscode.l10n.t("A small convolutional network"), description: "PyTorch" },
  { file: "keras_resnet.py", label: vscode.l10n.t("A residual network"), description: "Keras" },
  {
    file: "typical_mistakes.py",
    label: vscode.l10n.t("Typical mistakes"),
    description: vscode.l10n.t("one a layer, each with a finding on its line"),
  },
];

/** Called with the name of an example's file (walkthrough), or nothing: then a person picks one. */
export async function openExample({ context }: Services, wanted?: unknown): Promise<void> {
  const example =
    examples().find(({ file }) => file === wanted) ??
    (await vscode.window.showQuickPick(examples(), { placeHolder: vscode.l10n.t("Select an example") }));
  if (!example) return;
  const source = vscode.Uri.joinPath(context.extensionUri, "examples", example.file);
  const content = new TextDecoder().decode(await vscode.workspace.fs.readFile(source));
  await vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ language: "python", content }));
}
