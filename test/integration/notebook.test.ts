// A notebook is read as one program; what is shown and done is in the cell with the line.
import assert from "node:assert/strict";
import { join } from "node:path";
import * as vscode from "vscode";
import {
  applyAction,
  codeLenses,
  hoverTexts,
  inlayHints,
  lineOf,
  ours,
  resultOf,
  secondFolder,
  startRuns,
  ended,
  waitFor,
  withSettings,
  withWindow,
} from "./support";

const { QuickFix, RefactorRewrite } = vscode.CodeActionKind;

async function open(): Promise<readonly vscode.TextDocument[]> {
  const notebook = await vscode.workspace.openNotebookDocument(vscode.Uri.file(join(secondFolder(), "cells.ipynb")));
  await vscode.window.showNotebookDocument(notebook, { viewColumn: vscode.ViewColumn.One });
  return notebook.getCells().map(({ document }) => document);
}

async function replaceLine(document: vscode.TextDocument, line: number, text: string): Promise<void> {
  const edit = new vscode.WorkspaceEdit();
  edit.replace(document.uri, document.lineAt(line - 1).range, text);
  await vscode.workspace.applyEdit(edit);
}

/** Undo is the focused editor's: the cell's, once its line was gone to. */
async function undo(document: vscode.TextDocument, expected: string): Promise<void> {
  await vscode.commands.executeCommand("normlens.showLine", document.uri, 1);
  await waitFor("the cell's editor", () => vscode.window.activeTextEditor?.document === document);
  await vscode.commands.executeCommand("undo");
  await waitFor("the text as it was", () => document.getText() === expected);
}

const writesIgnore = ({ edit }: vscode.CodeAction): boolean => resultOf(edit)?.includes("normlens-ignore") === true;

describe("a notebook", () => {
  let block: vscode.TextDocument;
  let net: vscode.TextDocument;
  beforeEach(async () => {
    const [, , second, third] = await open();
    assert.ok(second && third);
    [block, net] = [second, third];
  });
  afterEach(async () => {
    await vscode.commands.executeCommand("workbench.action.files.revert");
    await vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
  });

  it("has its lenses, hints and hovers in the cells with the lines", async () => {
    await withSettings({ "editor.detail": "everything" }, async () => {
      const commands = async (document: vscode.TextDocument): Promise<string[]> =>
        (await codeLenses(document)).map(({ line, command }) => `${line} ${command.command}`);
      await waitFor("the lenses", async () => (await commands(block)).length > 0);
      assert.deepEqual(await commands(block), [`${lineOf(block, "self.bn =")} normlens.removeNormalization`]);
      const line = lineOf(net, "class Net");
      assert.deepEqual(await commands(net), [
        `${line} normlens.trainModel`,
        `${line} normlens.compareNormalization`,
        `${lineOf(net, "self.out =")} normlens.addNormalization`,
      ]);
      await waitFor("the shapes", async () =>
        (await inlayHints(block)).includes(`${lineOf(block, "self.conv =")}: 8×6×6`),
      );
      assert.ok((await inlayHints(net)).includes(`${lineOf(net, "self.out =")}: 4×4×4`));
      assert.match(
        await hoverTexts(block, lineOf(block, "self.bn =")),
        /`block\.bn` BatchNorm2d: output 8×6×6[^]*← `Net\.__init__` cell 4 line 6/,
      );
    });
  });

  it("has its findings in their cell, fixed and ignored there, and one undo takes each back", async () => {
    const [finding] = await waitFor("the finding", () => (ours(block).length > 0 ? ours(block) : null));
    assert.equal(finding?.range.start.line, lineOf(block, "self.conv =") - 1);
    assert.deepEqual(ours(net), []);
    const before = block.getText();
    await applyAction(block, lineOf(block, "self.conv ="), QuickFix, ({ isPreferred }) => isPreferred === true);
    assert.match(block.getText(), /nn\.Conv2d\(3, 8, 3, bias=False\)/);
    await waitFor("no finding", () => ours(block).length === 0);
    await undo(block, before);
    await waitFor("the finding again", () => ours(block).length === 1);
    await applyAction(block, lineOf(block, "self.conv ="), QuickFix, writesIgnore);
    await waitFor("no finding", () => ours(block).length === 0);
    await undo(block, before);
  });

  it("shows in one cell what a change in another one means", async () => {
    const line = lineOf(block, "self.conv =");
    await replaceLine(block, line, "        self.conv = nn.Conv2d(3, 8, 3, padding=1)");
    await waitFor("the new shape", async () => (await inlayHints(net)).includes(`${lineOf(net, "self.out =")}: 4×6×6`));
    await replaceLine(block, line, "        self.conv = nn.Conv2d(3, 9, 3)");
    await waitFor("the line that does not fit", () =>
      ours(block).some(
        ({ code, message, range }) =>
          range.start.line === lineOf(block, "self.bn =") - 1 &&
          code === "shape-mismatch" &&
          message.includes("cell 3 line 5"),
      ),
    );
  });

  it("is annotated in its cells, and an annotation is written into the code within one", async () => {
    await withSettings({ "editor.detail": "everything" }, async () => {
      const line = lineOf(net, "self.out =");
      const text = net.getText();
      await vscode.commands.executeCommand("normlens.addNormalization", net.uri, line);
      const annotated = net.getText();
      assert.match(net.lineAt(line - 1).text, /# normlens: add bn$/);
      assert.deepEqual(
        (await codeLenses(net)).filter((lens) => lens.line === line).map(({ command }) => command.command),
        ["normlens.clearAnnotation"],
      );
      await applyAction(net, line, RefactorRewrite, ({ command }) => command?.command === "normlens.writeIntoSource");
      assert.match(
        net.getText(),
        /self\.out_bn = nn\.BatchNorm2d\(4\)\n[^]*return self\.out_bn\(self\.out\(self\.block\(x\)\)\)/,
      );
      assert.match(net.getText(), /^!ls -l\n/, "the magic is as it was");
      await undo(net, annotated);
      await undo(net, text);
    });
  });

  it("trains from a cell, and its run is shown on the cell's lines", async () => {
    await replaceLine(net, lineOf(net, "normlens: model"), "# normlens: model Digits() input=1x28x28 data=digits");
    const edit = new vscode.WorkspaceEdit();
    const digits =
      "\n\nclass Digits(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.fc = " +
      "nn.Linear(784, 16)\n        self.bn = nn.BatchNorm1d(16)\n        self.out = nn.Linear(16, 10)\n\n   " +
      " def forward(self, x):\n        return self.out(self.bn(self.fc(x.flatten(1))))";
    edit.insert(net.uri, net.lineAt(net.lineCount - 1).range.end, digits);
    await vscode.workspace.applyEdit(edit);
    await withSettings({ "training.epochs": 1 }, async () => {
      const [folder = ""] = await startRuns("normlens.trainModel", net.uri, 1, secondFolder());
      assert.equal((await waitFor("the end", () => ended(folder))).status, "completed");
      await waitFor("the hover", async () =>
        /`bn` [^]*\d σ/.test(await hoverTexts(net, lineOf(net, "self.bn = nn.BatchNorm1d(16)"))),
      );
    });
  });

  it("says so when a change would span several cells", async () => {
    const [, imports] = await open();
    const write = async (document: vscode.TextDocument | undefined, text: string): Promise<void> => {
      assert.ok(document);
      const edit = new vscode.WorkspaceEdit();
      edit.replace(document.uri, new vscode.Range(0, 0, document.lineCount, 0), text);
      await vscode.workspace.applyEdit(edit);
    };
    // The new layer's class would have to be imported in another cell.
    await write(imports, "from torch.nn import Linear, Sequential");
    await write(block, "x = 1");
    const model =
      "# normlens: model model input=8\nmodel = Sequential(\n    Linear(8, 4),  # normlens: add bn\n    " +
      "Linear(4, 2),\n)";
    await write(net, model);
    const told: string[] = [];
    await withWindow(
      { showInformationMessage: (message: string) => void told.push(message) },
      async () => void (await vscode.commands.executeCommand("normlens.writeIntoSource", net.uri, 3)),
    );
    assert.equal(told.length, 1);
    assert.equal(net.getText(), model);
  });
});
