// Findings about BN on the lines of a model file: shown, explained, mended, silenced.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import * as vscode from "vscode";
import { type ActionFinder, lineOf, openExample, openText, resultOf, waitFor, withSettings } from "./support";

const MODEL = `import torch.nn as nn

# normlens: model Net() input=3x8x8
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)
        self.bn = nn.BatchNorm2d(8)
        self.act = nn.ReLU()

    def forward(self, x):
        return self.act(self.bn(self.conv(x)))
`;

const ruleOf = ({ code }: vscode.Diagnostic): string => (typeof code === "object" ? String(code.value) : "");
const findingsOn = (document: vscode.TextDocument): vscode.Diagnostic[] =>
  vscode.languages.getDiagnostics(document.uri).filter((diagnostic) => ruleOf(diagnostic) !== "");
const rulesOn = (document: vscode.TextDocument): string[] =>
  findingsOn(document).map((diagnostic) => `${diagnostic.range.start.line + 1} ${ruleOf(diagnostic)}`);

async function fixes(document: vscode.TextDocument, diagnostic: vscode.Diagnostic): Promise<vscode.CodeAction[]> {
  return vscode.commands.executeCommand<vscode.CodeAction[]>(
    "vscode.executeCodeActionProvider",
    document.uri,
    diagnostic.range,
    vscode.CodeActionKind.QuickFix.value,
  );
}

async function applyFix(document: vscode.TextDocument, find: ActionFinder): Promise<void> {
  const [diagnostic] = await waitFor("a finding", () =>
    findingsOn(document).length > 0 ? findingsOn(document) : null,
  );
  const action = (await fixes(document, diagnostic ?? assert.fail())).find(find);
  assert.ok(action?.edit);
  await vscode.workspace.applyEdit(action.edit);
}

describe("findings about BN", () => {
  afterEach(() => vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor"));

  it("stand on the lines of the typical mistakes, each with its rule's page", async () => {
    const { document } = await openExample("typical_mistakes.py");
    const rules = await waitFor("four findings", () => (findingsOn(document).length >= 4 ? rulesOn(document) : null));
    const at = (text: string, rule: string): string => `${lineOf(document, text)} ${rule}`;
    for (const expected of [
      at("self.conv1 =", "bias-before-norm"),
      at("self.bn1 =", "eps-looks-like-momentum"),
      at("self.bn2 =", "momentum-inverted"),
      at("self.bn4 =", "norm-unused"),
    ])
      assert.ok(rules.includes(expected), `${expected} is not among ${rules.join(", ")}`);
    for (const { code } of findingsOn(document))
      assert.ok(typeof code === "object" && existsSync(code.target.fsPath), JSON.stringify(code));
  });

  it("are found in a model that needs arguments nobody gives", async () => {
    const text = MODEL.replace("# normlens: model Net() input=3x8x8\n", "")
      .replace("__init__(self)", "__init__(self, cfg)")
      .replace("Conv2d(3,", "Conv2d(cfg.channels,");
    const { document } = await openText(text);
    const rules = await waitFor("a finding", () => (findingsOn(document).length > 0 ? rulesOn(document) : null));
    assert.deepEqual(rules, [`${lineOf(document, "self.conv =")} bias-before-norm`]);
  });
  it("are fixed by a Quick Fix that one undo takes back", async () => {
    const { document } = await openText(MODEL);
    await applyFix(document, ({ isPreferred }) => isPreferred === true);
    assert.match(document.getText(), /nn\.Conv2d\(3, 8, 3, bias=False\)/);
    await waitFor("no finding", () => findingsOn(document).length === 0);
    await vscode.commands.executeCommand("undo");
    assert.equal(document.getText(), MODEL);
  });

  it("are ignored on a line by a comment, and everywhere by a setting", async () => {
    const { document } = await openText(MODEL);
    await applyFix(document, ({ edit }) => resultOf(edit)?.includes("normlens-ignore") === true);
    assert.match(document.getText(), /nn\.Conv2d\(3, 8, 3\) {2}# normlens-ignore: bias-before-norm/);
    await waitFor("no finding", () => findingsOn(document).length === 0);
    await vscode.commands.executeCommand("undo");
    await waitFor("the finding again", () => findingsOn(document).length === 1);
    await withSettings(
      { rules: { "bias-before-norm": "off" } },
      async () => void (await waitFor("no finding", () => findingsOn(document).length === 0)),
    );
  });

  it("are not shown for a file that does not parse", async () => {
    const editor = await openText(MODEL);
    await waitFor("the finding", () => findingsOn(editor.document).length === 1);
    await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), "def broken(:\n"));
    await waitFor("no finding", () => findingsOn(editor.document).length === 0);
  });
});
