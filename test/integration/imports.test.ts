// Files that a model file imports: read aside, kept in memory, and read again when they change on the disk.
import assert from "node:assert/strict";
import fs from "node:fs";
import { join } from "node:path";
import * as vscode from "vscode";
import { codeLenses, inlayHints, lineOf, openSecond, ours, secondFolder, waitFor } from "./support";

const BLOCK = (width: number): string => `import torch.nn as nn

class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, ${width})

    def forward(self, x):
        return self.fc(x)
`;

const USES = `import torch.nn as nn
from imported_block import Block

# normlens: model Net() input=8
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.block = Block()
        self.act = nn.ReLU()

    def forward(self, x):
        return self.act(self.block(x))
`;

/** Every way in which Node reads a disk and waits for it. */
const WAITING = [
  "readFileSync",
  "statSync",
  "lstatSync",
  "existsSync",
  "realpathSync",
  "readdirSync",
  "openSync",
] as const;

/** What is read from the project while `work` runs. */
async function readsWhile(work: () => Promise<void>): Promise<string[]> {
  const reads: string[] = [];
  const before = WAITING.map((name) => [name, Reflect.get(fs, name) as (...args: unknown[]) => unknown] as const);
  for (const [name, original] of before)
    Reflect.set(fs, name, (...args: unknown[]) => {
      if (String(args[0]).startsWith(secondFolder()) && !String(args[0]).includes(".normlens"))
        reads.push(`${name} ${String(args[0])}`);
      return original(...args);
    });
  try {
    await work();
  } finally {
    for (const [name, original] of before) Reflect.set(fs, name, original);
  }
  return reads;
}

/** What comes out of the line of the activation, which follows from the imported file alone. */
async function widthOf(document: vscode.TextDocument): Promise<string | null> {
  const hint = (await inlayHints(document)).find((text) => text.startsWith(`${lineOf(document, "self.act =")}: `));
  return /(\d+)$/.exec(hint ?? "")?.[1] ?? null;
}

describe("files that a model imports", () => {
  const block = (): string => join(secondFolder(), "imported_block.py");
  const uses = (): string => join(secondFolder(), "uses_imported_block.py");
  before(() => {
    fs.writeFileSync(block(), BLOCK(4));
    fs.writeFileSync(uses(), USES);
  });
  after(async () => {
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
    for (const path of [block(), uses()]) fs.rmSync(path, { force: true });
  });

  it("are in the first reading that anybody is shown", async () => {
    const { document } = await openSecond("uses_imported_block.py");
    assert.ok((await codeLenses(document)).some(({ command }) => command.command === "normlens.trainModel"));
    assert.equal(await widthOf(document), "4");
  });

  it("are not read while somebody types", async () => {
    const { document } = await openSecond("uses_imported_block.py");
    await inlayHints(document);
    const reads = await readsWhile(async () => {
      for (const key of ["#", " ", "x"]) {
        const edit = new vscode.WorkspaceEdit();
        edit.insert(document.uri, new vscode.Position(0, 0), key);
        await vscode.workspace.applyEdit(edit);
        await vscode.commands.executeCommand("undo");
        await inlayHints(document);
      }
    });
    assert.deepEqual(reads, []);
  });

  it("are read again when another program changes them", async () => {
    const { document } = await openSecond("uses_imported_block.py");
    assert.equal(await widthOf(document), "4");
    fs.writeFileSync(block(), BLOCK(6));
    await waitFor("the new width", async () => (await widthOf(document)) === "6");
  });

  it("are found when they come later", async () => {
    fs.rmSync(block());
    const { document } = await openSecond("uses_imported_block.py");
    await waitFor("what is not known", () => ours(document).some(({ message }) => message.includes("imported_block")));
    fs.writeFileSync(block(), BLOCK(5));
    await waitFor("the width", async () => (await widthOf(document)) === "5");
  });
});
