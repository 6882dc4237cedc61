// Two workspace folders: settings are each folder's own, and imports stay inside.
import assert from "node:assert/strict";
import * as vscode from "vscode";
import { inlayHints, lineOf, openExample, openSecond, ours, waitFor } from "./support";

const biasFindings = (document: vscode.TextDocument): vscode.Diagnostic[] =>
  ours(document).filter(({ code }) => typeof code === "object" && code.value === "bias-before-norm");

describe("a second workspace folder", () => {
  afterEach(() => vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor"));

  it("has settings of its own", async () => {
    const here = (await openSecond("blocks.py")).document;
    const [own] = await waitFor("the finding", () => (biasFindings(here).length > 0 ? biasFindings(here) : null));
    assert.equal(own?.severity, vscode.DiagnosticSeverity.Error);
    const uses = (await openSecond("uses_blocks.py")).document;
    assert.ok(
      (await inlayHints(uses)).some((hint) => hint.startsWith(`${lineOf(uses, "self.norm =")}: 252 `)),
      (await inlayHints(uses)).join(),
    );
    const other = (await openExample("mnist_mlp.py")).document;
    const [theirs] = await waitFor("the finding", () => (biasFindings(other).length > 0 ? biasFindings(other) : null));
    assert.notEqual(theirs?.severity, vscode.DiagnosticSeverity.Error);
  });

  it("imports its own files and none of the other folder", async () => {
    const uses = (await openSecond("uses_blocks.py")).document;
    assert.ok((await inlayHints(uses)).some((hint) => hint.startsWith(`${lineOf(uses, "self.norm =")}: `)));
    const { document } = await openSecond("uses_examples.py");
    const told = await waitFor("what is not known", () => (ours(document).length > 0 ? ours(document) : null));
    assert.ok(
      told.some(({ message }) => /small_cnn|SmallCnn/.test(message)),
      told.map(({ message }) => message).join(),
    );
  });
});
