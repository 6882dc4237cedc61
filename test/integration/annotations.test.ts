// Annotations in the editor: set, fixed, completed, written into the code and back. One undo takes each back.
import assert from "node:assert/strict";
import * as vscode from "vscode";
import { type ActionFinder, applyAction, codeActions, lineOf, openText, ours, resultOf, waitFor } from "./support";

const { QuickFix, RefactorRewrite } = vscode.CodeActionKind;

const MODEL = `import torch.nn as nn

# normlens: model Net() input=3x8x8
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)
        self.act = nn.ReLU()
        self.norm = nn.BatchNorm2d(8)

    def forward(self, x):
        return self.norm(self.act(self.conv(x)))
`;

const ADDED = MODEL.replace("8, 3)", "8, 3)  # normlens: add bn");

/** Applies an action, checks the text after it, and that one undo restores the text. */
async function changes(text: string, at: string, find: ActionFinder, expected: string): Promise<void> {
  const { document } = await openText(text);
  await applyAction(document, lineOf(document, at), RefactorRewrite, find);
  assert.equal(document.getText(), expected);
  await vscode.commands.executeCommand("undo");
  assert.equal(document.getText(), text);
}

describe("an annotation", () => {
  afterEach(() => vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor"));

  it("is set on a layer's line", () =>
    changes(MODEL, "self.conv =", ({ edit }) => resultOf(edit)?.endsWith("# normlens: add bn") === true, ADDED));

  it("is offered as what fits the layer", async () => {
    const { document } = await openText(MODEL);
    /** What each action runs or writes after the `#`. */
    const offered = async (at: string): Promise<string[]> =>
      (await codeActions(document, lineOf(document, at), RefactorRewrite))
        .map(({ command, edit }) => command?.command ?? /# (normlens: .*)$/.exec(resultOf(edit) ?? "")?.[1] ?? "")
        .filter((words) => words.startsWith("normlens"));
    assert.deepEqual(await offered("self.norm ="), [
      "normlens.turnIntoAnnotation",
      "normlens: remove",
      "normlens: use group(4)",
      "normlens: use layer",
      "normlens: frozen",
    ]);
    assert.deepEqual(await offered("self.act ="), []);
  });

  it("is cleared", () =>
    changes(ADDED, "self.conv =", ({ edit }) => resultOf(edit)?.endsWith("8, 3)") === true, MODEL));

  it("is written into the code", () =>
    changes(
      ADDED,
      "self.conv =",
      ({ command }) => command?.command === "normlens.writeIntoSource",
      MODEL.replace("8, 3)\n", "8, 3)\n        self.conv_bn = nn.BatchNorm2d(8)\n").replace(
        "self.act(self.conv(x))",
        "self.act(self.conv_bn(self.conv(x)))",
      ),
    ));

  it("is written into the code without the bias of the layer before", () =>
    changes(
      ADDED,
      "self.conv =",
      ({ command }) => command?.command === "normlens.writeIntoSourceWithoutBias",
      MODEL.replace("8, 3)\n", "8, 3, bias=False)\n        self.conv_bn = nn.BatchNorm2d(8)\n").replace(
        "self.act(self.conv(x))",
        "self.act(self.conv_bn(self.conv(x)))",
      ),
    ));

  it("replaces a BN layer", () =>
    changes(
      MODEL,
      "self.norm =",
      ({ command }) => command?.command === "normlens.turnIntoAnnotation",
      MODEL.replace("8, 3)", "8, 3)  # normlens: add bn after-activation")
        .replace("        self.norm = nn.BatchNorm2d(8)\n", "")
        .replace("self.norm(self.act(self.conv(x)))", "self.act(self.conv(x))"),
    ));

  it("with a spelling mistake is fixed", async () => {
    const text = MODEL.replace("8, 3)", "8, 3)  # normlens: ad bn");
    const { document } = await openText(text);
    await waitFor("the diagnostic", () => ours(document).length > 0);
    await applyAction(document, lineOf(document, "self.conv ="), QuickFix, ({ edit }) => resultOf(edit) === "add");
    assert.equal(document.getText(), ADDED);
    await waitFor("no diagnostic", () => ours(document).every(({ message }) => !/normlens|annotation/i.test(message)));
    await vscode.commands.executeCommand("undo");
    assert.equal(document.getText(), text);
  });

  it("is completed inside its comment, and nowhere else", async () => {
    const { document } = await openText(
      MODEL.replace("nn.BatchNorm2d(8)", "nn.BatchNorm2d(8)  # normlens: ").replace(
        "self.act = nn.ReLU()",
        "self.act = nn.ReLU() ",
      ),
    );
    const words = async (at: string): Promise<string[]> => {
      const line = lineOf(document, at) - 1;
      const list = await vscode.commands.executeCommand<vscode.CompletionList>(
        "vscode.executeCompletionItemProvider",
        document.uri,
        document.lineAt(line).range.end,
        " ",
      );
      return list.items
        .filter(({ kind }) => kind === vscode.CompletionItemKind.Keyword)
        .map(({ label }) => (typeof label === "string" ? label : label.label));
    };
    const inComment = await words("self.norm =");
    for (const word of ["remove", "frozen"])
      assert.ok(
        inComment.some((label) => label.startsWith(word)),
        `${word} is not among ${inComment.join(", ")}`,
      );
    assert.ok(!(await words("self.act =")).includes("frozen"));
  });
});
