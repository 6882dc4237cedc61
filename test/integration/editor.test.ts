// What a model file shows in the editor, and what its actions do to it.
import assert from "node:assert/strict";
import * as vscode from "vscode";
import { codeLenses, inlayHints, lineOf, openExample, openText, waitFor, withSettings } from "./support";

/** A CodeLens above each layer. */
const EVERYTHING = { "editor.detail": "everything" };

const MODEL = `import torch.nn as nn

# normlens: model Net() input=8
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(8, 4)  # hidden
        self.act = nn.ReLU()
        self.fc2 = nn.Linear(4, 2)

    def forward(self, x):
        return self.fc2(self.act(self.fc1(x)))
`;

describe("a model file in the editor", () => {
  afterEach(() => vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor"));

  it("offers training above the model, and BN actions above its layers for those who want them", async () => {
    const { document } = await openExample("mnist_mlp.py");
    const commands = async (line: number): Promise<string[]> =>
      (await codeLenses(document)).filter((lens) => lens.line === line).map(({ command }) => command.command);
    assert.deepEqual((await commands(lineOf(document, "class MnistMlp"))).slice(0, 2), [
      "normlens.trainModel",
      "normlens.compareNormalization",
    ]);
    assert.deepEqual(await commands(lineOf(document, "self.bn2 =")), [], "quiet by default");
    await withSettings(EVERYTHING, async () => {
      assert.deepEqual(await commands(lineOf(document, "self.bn2 =")), ["normlens.removeNormalization"]);
      assert.deepEqual(await commands(lineOf(document, "self.out =")), ["normlens.addNormalization"]);
      assert.deepEqual(await commands(lineOf(document, "self.fc1 =")), [], "BN follows already");
    });
  });

  it("writes an annotation that one undo takes back, and clears it", async () => {
    await withSettings(EVERYTHING, async () => {
      const { document } = await openText(MODEL);
      const line = lineOf(document, "self.fc1 =");
      const text = (): string => document.lineAt(line - 1).text;
      const lens = (await codeLenses(document)).find((candidate) => candidate.line === line);
      assert.equal(lens?.command.command, "normlens.addNormalization");
      await vscode.commands.executeCommand(lens.command.command, ...((lens.command.arguments ?? []) as unknown[]));
      assert.equal(text(), "        self.fc1 = nn.Linear(8, 4)  # hidden  # normlens: add bn");
      assert.deepEqual(
        (await codeLenses(document))
          .filter((candidate) => candidate.line === line)
          .map(({ command }) => command.command),
        ["normlens.clearAnnotation"],
      );
      await vscode.commands.executeCommand("undo");
      assert.equal(text(), "        self.fc1 = nn.Linear(8, 4)  # hidden");
      await vscode.commands.executeCommand("normlens.addNormalization", document.uri, line);
      await vscode.commands.executeCommand("normlens.clearAnnotation", document.uri, line);
      assert.equal(text(), "        self.fc1 = nn.Linear(8, 4)  # hidden");
    });
  });

  it("keeps the last good reading, on its own lines and marked stale, while the file does not parse", async () => {
    await withSettings(EVERYTHING, async () => {
      const editor = await openText(MODEL);
      const { document } = editor;
      await codeLenses(document);
      await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), "def broken(:\n"));
      const lenses = await codeLenses(document);
      assert.deepEqual(
        lenses.filter(({ command }) => command.command === "workbench.action.problems.focus").map(({ line }) => line),
        [lineOf(document, "class Net")],
      );
      assert.deepEqual(
        lenses.filter(({ command }) => command.command === "normlens.addNormalization").map(({ line }) => line),
        [lineOf(document, "self.fc1 ="), lineOf(document, "self.fc2 =")],
      );
    });
  });

  it("underlines a misspelled annotation and names the nearest word", async () => {
    const { document } = await openText(MODEL.replace("# hidden", "# normlens: ad bn"));
    const [diagnostic] = await waitFor("a diagnostic", () => {
      const found = vscode.languages.getDiagnostics(document.uri).filter(({ source }) => source === "NormLens");
      return found.length > 0 ? found : null;
    });
    assert.equal(diagnostic?.range.start.line, lineOf(document, "normlens: ad") - 1);
    assert.match(diagnostic?.message ?? "", /add/);
  });

  it("says which line does not fit and which value is unknown", async () => {
    const { document } = await openText(MODEL.replace("nn.Linear(4, 2)", "nn.Linear(5, 2)"));
    const messages = await waitFor("a diagnostic", () => {
      const found = vscode.languages.getDiagnostics(document.uri).filter(({ source }) => source === "NormLens");
      return found.length > 0 ? found : null;
    });
    assert.equal(messages[0]?.range.start.line, lineOf(document, "nn.Linear(5, 2)") - 1);
    assert.equal(messages[0]?.code, "shape-mismatch");
    for (const part of ["fc2", "5", "4"]) assert.ok(messages[0].message.includes(part), messages[0].message);
  });

  it("shows output shapes after its layers, and samples per channel after BN", async () => {
    const { document } = await openExample("small_cnn.py");
    const range = new vscode.Range(0, 0, document.lineCount, 0);
    const hints = await vscode.commands.executeCommand<vscode.InlayHint[]>(
      "vscode.executeInlayHintProvider",
      document.uri,
      range,
    );
    const on = (line: number): string[] =>
      hints
        .filter(({ position }) => position.line === line - 1)
        .map(({ label }) => (typeof label === "string" ? label : label.map(({ value }) => value).join("")));
    assert.deepEqual(on(lineOf(document, "self.pool1 =")), ["16×14×14"]);
    assert.deepEqual(on(lineOf(document, "self.classifier =")), ["10"]);
    assert.deepEqual(on(lineOf(document, "nn.BatchNorm2d(")), ["3 layers"]);
    const mlp = (await openExample("mnist_mlp.py")).document;
    const line = lineOf(mlp, "self.bn1 =");
    assert.ok((await inlayHints(mlp)).some((hint) => hint.startsWith(`${line}: 60 `)));
  });

  it("has a command for every one it contributes", async () => {
    const known = new Set(await vscode.commands.getCommands(true));
    const { packageJSON } = vscode.extensions.getExtension("normlens.normlens") ?? assert.fail("not installed");
    const contributed = (packageJSON as { contributes: { commands: { command: string }[] } }).contributes.commands;
    assert.deepEqual(
      contributed.filter(({ command }) => !known.has(command)),
      [],
    );
    assert.ok(contributed.length >= 10);
  });
});
