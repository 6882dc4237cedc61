// Annotations in the editor: set, mended, completed, written into the source and back. One undo takes each back.
import assert from "node:assert/strict";
import * as vscode from "vscode";
import { applyAction, codeActions, lineOf, openText, ours, waitFor } from "./support";

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

/** Applies an action, checks what it made of the text, and that one undo gives the text back. */
async function changes(
  text: string,
  at: string,
  kind: vscode.CodeActionKind,
  title: string,
  expected: string,
): Promise<void> {
  const { document } = await openText(text);
  await applyAction(document, lineOf(document, at), kind, title);
  assert.equal(document.getText(), expected);
  await vscode.commands.executeCommand("undo");
  assert.equal(document.getText(), text);
}

describe("an annotation", () => {
  afterEach(() => vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor"));

  it("is set on a layer's line", () =>
    changes(MODEL, "self.conv =", RefactorRewrite, "Annotate: BN after this layer", ADDED));

  it("is offered as what fits the layer", async () => {
    const { document } = await openText(MODEL);
    const titles = (await codeActions(document, lineOf(document, "self.norm ="), RefactorRewrite))
      .map(({ title }) => title)
      .filter((title) => /BN|Annotate/.test(title));
    assert.deepEqual(titles, [
      "Turn BN into an annotation",
      "Annotate: remove this normalization",
      "Annotate: use group normalization (4 groups)",
      "Annotate: use layer normalization",
      "Annotate: contract frozen",
    ]);
    assert.deepEqual(
      (await codeActions(document, lineOf(document, "self.act ="), RefactorRewrite)).filter(({ title }) =>
        title.startsWith("Annotate"),
      ),
      [],
    );
  });

  it("is cleared", () => changes(ADDED, "self.conv =", RefactorRewrite, "Clear the annotation", MODEL));

  it("is written into the source", () =>
    changes(
      ADDED,
      "self.conv =",
      RefactorRewrite,
      "Write the annotation into the source",
      MODEL.replace("8, 3)\n", "8, 3)\n        self.conv_bn = nn.BatchNorm2d(8)\n").replace(
        "self.act(self.conv(x))",
        "self.act(self.conv_bn(self.conv(x)))",
      ),
    ));

  it("is written into the source without the bias before it", () =>
    changes(
      ADDED,
      "self.conv =",
      RefactorRewrite,
      "Write the annotation into the source, bias=False before it",
      MODEL.replace("8, 3)\n", "8, 3, bias=False)\n        self.conv_bn = nn.BatchNorm2d(8)\n").replace(
        "self.act(self.conv(x))",
        "self.act(self.conv_bn(self.conv(x)))",
      ),
    ));

  it("takes the place of a BN layer", () =>
    changes(
      MODEL,
      "self.norm =",
      RefactorRewrite,
      "Turn BN into an annotation",
      MODEL.replace("8, 3)", "8, 3)  # normlens: add bn after-activation")
        .replace("        self.norm = nn.BatchNorm2d(8)\n", "")
        .replace("self.norm(self.act(self.conv(x)))", "self.act(self.conv(x))"),
    ));

  it("with a slip of the pen is mended", async () => {
    const text = MODEL.replace("8, 3)", "8, 3)  # normlens: ad bn");
    const { document } = await openText(text);
    await waitFor("the diagnostic", () => ours(document).length > 0);
    await applyAction(document, lineOf(document, "self.conv ="), QuickFix, 'Change to "add"');
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
