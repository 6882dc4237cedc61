// A workspace that nobody has trusted: models are read and shown, nothing is trained.
import assert from "node:assert/strict";
import * as vscode from "vscode";
import { codeLenses, lineOf, openExample, ours, runFolders, waitFor, withWindow } from "../support";

describe("an untrusted workspace", () => {
  it("is one", () => assert.equal(vscode.workspace.isTrusted, false));

  it("has its models read and its findings told", async () => {
    const { document } = await openExample("typical_mistakes.py");
    const lenses = await waitFor("the lenses", async () => {
      const found = await codeLenses(document);
      return found.length > 0 ? found : null;
    });
    assert.ok(
      lenses.some(
        ({ line, command }) =>
          command.command === "normlens.trainModel" && line === lineOf(document, "class TypicalMistakes"),
      ),
    );
    await waitFor("findings", () => ours(document).length >= 4);
  });

  it("has nothing trained in it, and says so", async () => {
    const { document } = await openExample("mnist_mlp.py");
    const told: string[] = [];
    const showWarningMessage = (message: string): Promise<undefined> => {
      told.push(message);
      return Promise.resolve(undefined);
    };
    await withWindow({ showWarningMessage }, async () => {
      await vscode.commands.executeCommand("normlens.trainModel", document.uri);
      await vscode.commands.executeCommand("normlens.compareNormalization", document.uri);
    });
    assert.equal(told.length, 2);
    await new Promise((resolve) => setTimeout(resolve, 500));
    assert.deepEqual(runFolders(), []);
  });

  it("does not take the folders that its own settings name", async () => {
    const configuration = vscode.workspace.getConfiguration("normlens");
    await configuration.update("runsFolder", "/elsewhere", vscode.ConfigurationTarget.Workspace);
    assert.equal(vscode.workspace.getConfiguration("normlens").get("runsFolder"), "");
    await configuration.update("runsFolder", undefined, vscode.ConfigurationTarget.Workspace);
  });
});
