// What the editor shows of a model: what is missing, what its lines create, what is unknown. Also Keras, TensorFlow.js.
import assert from "node:assert/strict";
import * as vscode from "vscode";
import {
  codeActions,
  codeLenses,
  hoverTexts,
  inlayHints,
  lineOf,
  openExample,
  openSecond,
  openText,
  ours,
  resultOf,
  waitFor,
  withWindow,
} from "./support";

const BLOCKS = `import torch.nn as nn

class Net(nn.Module):
    def __init__(self, width, classes):
        super().__init__()
        self.block = self.make(width)
        self.head = nn.Linear(width, classes)

    def make(self, width):
        return nn.Sequential(nn.Linear(8, width), nn.BatchNorm1d(width))

    def forward(self, x):
        return self.head(self.block(x))
`;

const CONV = `import torch.nn as nn
model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU())
`;

/** Line and command of each CodeLens. */
const commands = async (document: vscode.TextDocument): Promise<string[]> =>
  (await codeLenses(document)).map(({ line, command }) => `${line} ${command.command}`);

/** Answers the questions of a command in their order; each answer passes the question's own check first. */
async function answering(answers: string[], work: () => Promise<void>): Promise<string[]> {
  const asked: string[] = [];
  const showInputBox = (options: vscode.InputBoxOptions): Promise<string | undefined> => {
    const answer = answers.shift();
    asked.push(options.title ?? "");
    assert.equal(answer === undefined ? null : options.validateInput?.(answer), null);
    return Promise.resolve(answer);
  };
  await withWindow({ showInputBox }, work);
  return asked;
}

describe("a model", () => {
  afterEach(() => vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor"));

  it("that needs arguments asks for them, and keeps them in one comment that one undo takes back", async () => {
    const { document } = await openText(BLOCKS);
    assert.deepEqual(await commands(document), [`${lineOf(document, "class Net")} normlens.describeModel`]);
    const asked = await answering(
      ["16", "10", "8"],
      async () => void (await vscode.commands.executeCommand("normlens.describeModel", document.uri)),
    );
    assert.equal(asked.length, 3);
    assert.match(asked[0] ?? "", /width.*1\/3/);
    assert.match(asked[1] ?? "", /classes.*2\/3/);
    assert.equal(document.lineAt(2).text, "# normlens: model Net(width=16, classes=10) input=8");
    assert.ok((await commands(document)).includes("4 normlens.trainModel"));
    await vscode.commands.executeCommand("undo");
    assert.equal(document.getText(), BLOCKS);
  });

  it("keeps its file as it is when a question is not answered", async () => {
    const { document } = await openText(BLOCKS);
    assert.equal(
      (
        await answering(
          ["16"],
          async () => void (await vscode.commands.executeCommand("normlens.describeModel", document.uri)),
        )
      ).length,
      2,
    );
    assert.equal(document.getText(), BLOCKS);
  });

  it("without an input shape is offered one", async () => {
    const { document } = await openText(CONV);
    assert.ok((await commands(document)).includes("2 normlens.describeModel"), (await commands(document)).join());
    await answering(
      ["3x32x32"],
      async () => void (await vscode.commands.executeCommand("normlens.describeModel", document.uri)),
    );
    assert.equal(document.lineAt(1).text, "# normlens: model model input=3x32x32");
    assert.ok(!(await commands(document)).includes("2 normlens.describeModel"));
  });

  it("shows on hover what a line creates, and the calls that led there", async () => {
    const { document } = await openText(`# normlens: model Net(16, 10) input=8\n${BLOCKS}`);
    const hover = await hoverTexts(document, lineOf(document, "nn.Sequential("));
    assert.match(hover, /`block\.0` Linear: output 16, 144 parameters/);
    assert.match(hover, new RegExp(`← \`Net\\.__init__\` line ${lineOf(document, "self.make(width)")}`));
  });

  it("says on hover and in the Problems view why something is unknown", async () => {
    const { document } = await openText(
      "import torch.nn as nn\nfrom settings import width\nmodel = nn.Sequential(nn.Linear(8, width), " +
        "nn.BatchNorm1d(4))\n",
    );
    const diagnostic = await waitFor("the diagnostic", () =>
      ours(document).find(
        // Findings have their rule as code; what is unknown has none.
        ({ severity, code }) => severity === vscode.DiagnosticSeverity.Information && code === undefined,
      ),
    );
    assert.match(diagnostic.message, /settings/);
    assert.match(await hoverTexts(document, diagnostic.range.start.line + 1), /settings/);
  });

  it("of Keras has its shapes, its samples per channel and its findings, with links to their rules", async () => {
    const { document } = await openExample("keras_resnet.py");
    const hints = await inlayHints(document);
    assert.ok(hints.includes(`${lineOf(document, "layers.Dense(classes)")}: 10`), hints.join());
    assert.match(
      await hoverTexts(document, lineOf(document, "layers.BatchNormalization()")),
      /BatchNormalization: output 32×32×16, 64 parameters/,
    );
    const edit = new vscode.WorkspaceEdit();
    const line = document.lineAt(lineOf(document, "use_bias=False") - 1);
    edit.replace(document.uri, line.range, line.text.replace(", use_bias=False", ""));
    await vscode.workspace.applyEdit(edit);
    const finding = await waitFor("the finding", () =>
      ours(document).find(({ code }) => typeof code === "object" && code.value === "bias-before-norm"),
    );
    assert.ok(typeof finding.code === "object" && finding.code.target.path.endsWith("docs/rules/bias-before-norm.md"));
    await vscode.commands.executeCommand("undo");
    await waitFor("no finding", () => ours(document).length === 0);
  });

  it("of TensorFlow.js has the same views, and no annotations", async () => {
    const { document } = await openSecond("digits.js");
    const layerCommands = /(add|remove)Normalization|clearAnnotation|describeModel/;
    assert.deepEqual(
      (await commands(document)).filter((command) => layerCommands.test(command)),
      [],
    );
    assert.ok(
      (await commands(document)).some((command) => command.endsWith("normlens.trainModel")),
      (await commands(document)).join(),
    );
    const hints = await inlayHints(document);
    assert.ok(hints.includes(`${lineOf(document, "conv2d(")}: 26×26×8`), hints.join());
    // 7 samples per batch, which this folder's settings say, of 26×26 positions.
    assert.ok(
      hints.some((hint) =>
        hint.replace(/[^\w: ]/g, "").startsWith(`${lineOf(document, "batchNormalization(")}: 4732 `),
      ),
      hints.join(),
    );
    assert.match(await hoverTexts(document, lineOf(document, "units: 10")), /output 10/);
    assert.deepEqual(
      (await codeActions(document, lineOf(document, "conv2d("), vscode.CodeActionKind.RefactorRewrite)).filter(
        ({ command, edit }) => command?.command.startsWith("normlens.") ?? resultOf(edit)?.includes("normlens:"),
      ),
      [],
    );
  });

  it("is not looked for in JavaScript without TensorFlow.js", async () => {
    const { document } = await openSecond("plain.js");
    assert.deepEqual(await commands(document), []);
    assert.deepEqual(ours(document), []);
  });
});
