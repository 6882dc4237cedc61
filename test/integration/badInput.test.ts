// Files that no person wrote: the extension host goes on within the reader's own bounds.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as vscode from "vscode";
import { codeLenses, ours, waitFor } from "./support";

/** Of the processor, since the machine does other things too. */
/** Of processor time, generously: on a busy machine and beside VS Code's own work it is a fraction of this. */
const MOST_PROCESSOR_MS = 10_000;
const MODEL = "import torch.nn as nn\n\nmodel = nn.Sequential(nn.Linear(8, 4), nn.BatchNorm1d(4), nn.Linear(4, 2))\n";

describe("bad input", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "normlens-bad-"))));
  afterEach(async () => {
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
    rmSync(folder, { recursive: true });
  });

  /** The most the extension host computed in one go, doing nothing else, while a file was opened and read. */
  async function longestPause(
    name: string,
    content: string | Buffer,
  ): Promise<{ ms: number; document: vscode.TextDocument }> {
    const path = join(folder, name);
    writeFileSync(path, content);
    let ms = 0;
    let last = process.cpuUsage();
    const timer = setInterval(() => {
      const { user, system } = process.cpuUsage(last);
      ms = Math.max(ms, (user + system) / 1000);
      last = process.cpuUsage();
    }, 10);
    try {
      const document = await vscode.workspace.openTextDocument(vscode.Uri.file(path));
      await vscode.window.showTextDocument(document);
      await codeLenses(document);
      await new Promise((resolve) => setTimeout(resolve, 500));
      return { ms, document };
    } finally {
      clearInterval(timer);
    }
  }

  const files: Readonly<Record<string, () => [string, string | Buffer]>> = {
    "50,000 lines": () => ["large.py", MODEL + "x = 1\n".repeat(50_000)],
    "a line of a megabyte": () => ["minified.py", `${MODEL}x = [${"1,".repeat(500_000)}]\n`],
    "a minified page": () => [
      "bundle.js",
      `const tf = require("@tensorflow/tfjs");${"function f(a){return a.b(1)?{x:1}:[2,3]};".repeat(25_000)}`,
    ],
    // What holds a null byte early on, VS Code does not open as text.
    "a binary file": () => [
      "binary.py",
      Buffer.from(Array.from({ length: 400_000 }, (_, index) => 1 + ((index * 7919 + (index >> 5)) % 255))),
    ],
    "bytes that are not UTF-8": () => [
      "latin.py",
      Buffer.concat([Buffer.from(`# caf\u00e9\n`, "latin1"), Buffer.from(MODEL)]),
    ],
    "more lines than are read": () => ["longest.py", MODEL + "x = 1\n".repeat(70_000)],
  };

  for (const [what, file] of Object.entries(files)) {
    it(`of ${what} does not hold the extension host up`, async () => {
      const { ms, document } = await longestPause(...file());
      assert.ok(ms < MOST_PROCESSOR_MS, `${ms.toFixed(0)} ms`);
      console.log(`      ${what}: ${ms.toFixed(0)} ms`);
      assert.deepEqual(
        ours(document).filter(({ severity }) => severity === vscode.DiagnosticSeverity.Error),
        [],
      );
    });
  }

  it("with CRLF is read, annotated and undone like any other", async () => {
    const text =
      `import torch.nn as nn\n\nmodel = nn.Sequential(\n    nn.Linear(8, 4),\n    nn.ReLU(),\n)\n`.replaceAll(
        "\n",
        "\r\n",
      );
    const { document } = await longestPause("crlf.py", text);
    await waitFor("the lenses", async () =>
      (await codeLenses(document)).some(({ command }) => command.command === "normlens.trainModel"),
    );
    await vscode.commands.executeCommand("normlens.addNormalization", document.uri, 4);
    assert.equal(document.getText(), text.replace("8, 4),", "8, 4),  # normlens: add bn"));
    await vscode.commands.executeCommand("undo");
    assert.equal(document.getText(), text);
  });
});
