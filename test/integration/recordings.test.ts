// A person's own training as the recorder writes it: on its lines, probed and stopped from here, killed, from elsewhere.
import assert from "node:assert/strict";
import { appendFileSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { basename, join } from "node:path";
import * as vscode from "vscode";
import type { WrittenRecord } from "../../engine/protocol/records";
import { codeLenses, lineOf, waitFor, withWindow, workspaceFolder } from "./support";

const MODEL = `import torch.nn as nn


class RecordedNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 4)
        self.bn1 = nn.BatchNorm1d(4, momentum=0.01)
        self.act = nn.ReLU()

    def forward(self, x):
        return self.act(self.bn1(self.fc(x)))


model = RecordedNet()
`;

/** What the recorder writes: a run, its sign of life, and answers to requests. */
class FakeRecorder {
  readonly folder: string;
  private beat = 0;
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly script: string,
    second: string,
  ) {
    const day = new Date().toISOString().slice(0, 10);
    this.folder = join(workspaceFolder(), ".normlens", "runs", `${day}-2359${second}-recorded`);
    mkdirSync(this.folder, { recursive: true });
    const line = MODEL.split("\n").findIndex((text) => text.includes("self.bn1 =")) + 1;
    const norm = { channels: 4, updateWeight: 0.01, epsilon: 1e-5 };
    this.write({
      ...{ type: "run", schema: 2, producer: "normlens-python 0.1.0", name: basename(script) },
      ...{ startedAt: new Date(Date.now() + 2000).toISOString(), source: { path: script }, model: "RecordedNet" },
      process: { command: `python ${basename(script)}`, host: hostname() },
      layers: [{ id: "bn1", name: "bn1", kind: "BatchNorm1d", source: { line }, model: "RecordedNet", norm }],
    });
    this.lives();
    this.timer = setInterval(() => this.lives(), 400);
  }

  write(record: WrittenRecord): void {
    appendFileSync(join(this.folder, "run.jsonl"), `${JSON.stringify(record)}\n`);
  }

  find(): void {
    const words = { verdict: "bn1 is behind its batches.", evidence: "By 0.8 σ.", next: "Set momentum=0.1." };
    const finding = { rule: "statistics-behind", severity: "warning", layer: "bn1", ...words } as const;
    this.write({ type: "finding", step: 90, finding });
  }

  end(): void {
    this.write({ type: "end", step: 100, status: "completed" });
    this.kill();
  }

  kill(): void {
    clearInterval(this.timer);
  }

  private lives(): void {
    const file = join(this.folder, "heartbeat.json");
    this.beat += 1;
    const sign = { beat: this.beat, everySeconds: 1, step: 90, at: new Date().toISOString() };
    writeFileSync(`${file}.partial`, JSON.stringify(sign));
    renameSync(`${file}.partial`, file);
    if (this.takes("request-probe"))
      this.write({ type: "gap", step: 90, layers: [], reason: "no BN layer is in training mode" });
    if (this.takes("request-stop")) {
      this.write({ type: "end", step: 95, status: "stopped", reason: "Recording was stopped in the editor." });
      this.kill();
    }
  }

  private takes(request: string): boolean {
    const file = join(this.folder, request);
    const isThere = existsSync(file);
    rmSync(file, { force: true });
    return isThere && this.script !== "";
  }
}

const found = (document: vscode.TextDocument): string[] =>
  vscode.languages
    .getDiagnostics(document.uri)
    .filter(({ source }) => source === "NormLens run")
    .map(({ range, code }) => `${range.start.line + 1} ${typeof code === "object" ? code.value : ""}`);

describe("a recorded training", () => {
  let script = "";
  let editor: vscode.TextEditor;
  const recorders: FakeRecorder[] = [];
  const record = (second: string, path = script): FakeRecorder => {
    const recorder = new FakeRecorder(path, second);
    recorders.push(recorder);
    return recorder;
  };
  const bnLine = (): number => lineOf(editor.document, "self.bn1 =");
  const lens = async (words: RegExp): Promise<boolean> =>
    (await codeLenses(editor.document)).some(({ title }) => words.test(title));

  before(async () => {
    script = join(workspaceFolder(), "recorded_net.py");
    writeFileSync(script, MODEL);
    editor = await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(script));
  });
  after(async () => {
    for (const recorder of recorders) recorder.kill();
    await vscode.window.showTextDocument(editor.document);
    await vscode.commands.executeCommand("workbench.action.files.revert");
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
    for (const { folder } of recorders) rmSync(folder, { recursive: true, force: true });
    rmSync(script, { force: true });
  });

  it("appears by itself, and its finding follows the layer's line", async () => {
    record("01").find();
    await waitFor("the finding", () => found(editor.document).includes(`${bnLine()} statistics-behind`));
    assert.ok(await lens(/Open training run/));
    await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), "# a new first line\n\n"));
    await waitFor("the finding two lines below", () => found(editor.document)[0] === `${bnLine()} statistics-behind`);
  });

  it("is probed on request: a refusal comes with its reason, and the panel opens", async () => {
    const shown: string[] = [];
    const showWarningMessage = (message: string): Promise<undefined> => Promise.resolve(void shown.push(message));
    await withWindow({ showWarningMessage }, async () => {
      await vscode.commands.executeCommand("normlens.probeNow");
    });
    assert.deepEqual(shown, []);
    await waitFor("the panel", () =>
      vscode.window.tabGroups.all.some(({ tabs }) => tabs.some(({ label }) => label === "Run: RecordedNet")),
    );
    assert.ok(!existsSync(join(recorders[0]?.folder ?? "", "request-probe")));
  });

  it("is stopped on request", async () => {
    await vscode.commands.executeCommand("normlens.stopRecording");
    await waitFor("its end", () => lens(/stopped/));
    assert.equal(found(editor.document).length, 1);
  });

  it("loses its finding to a newer run of the script", async () => {
    const next = record("02");
    await waitFor("no finding", () => found(editor.document).length === 0);
    next.end();
    await waitFor("its verdict", () => lens(/^\$\((pass|info)\) /));
  });

  it("is interrupted when it is killed", async () => {
    const killed = record("03");
    killed.find();
    await waitFor("the live run", () => lens(/Open training run/));
    killed.kill();
    await waitFor("that it was interrupted", () => lens(/interrupted/));
    assert.equal(found(editor.document).length, 1);
  });

  it("of another machine is shown in the file of the same name, on the line of the same layer", async () => {
    record("04").end();
    await waitFor("no finding", () => found(editor.document).length === 0);
    const away = record("05", "/home/somebody/project/recorded_net.py");
    away.find();
    await waitFor("the finding", () => found(editor.document)[0] === `${bnLine()} statistics-behind`);
    away.end();
  });
});

describe("the offer to record", () => {
  it("comes once, for a script that trains", async function () {
    const folder = workspaceFolder();
    for (const [name, text] of [
      ["not_a_training.py", "print(1)\n"],
      ["a_training.py", "import torch\n"],
    ] as const)
      writeFileSync(join(folder, name), text);
    const terminal = vscode.window.createTerminal({ name: "offer", cwd: folder, shellPath: "/bin/bash" });
    terminal.show();
    const integration = await waitFor("shell integration", () => terminal.shellIntegration, 20_000).catch(() => null);
    if (integration === null) {
      terminal.dispose();
      this.skip();
    }
    const shown: string[] = [];
    const showInformationMessage = (message: string): Promise<undefined> => Promise.resolve(void shown.push(message));
    await withWindow({ showInformationMessage }, async () => {
      for (const name of ["not_a_training.py", "a_training.py", "a_training.py"]) {
        const ends = new Promise((resolve) => {
          const listening = vscode.window.onDidEndTerminalShellExecution(() => {
            listening.dispose();
            resolve(null);
          });
        });
        integration.executeCommand(`true python; cd ${folder}; python ${name} --help > ${tmpdir()}/offer.txt 2>&1`);
        await ends;
        await new Promise((resolve) => setTimeout(resolve, 500));
        assert.equal(shown.length, name === "not_a_training.py" ? 0 : 1, name);
      }
    });
    assert.match(shown[0] ?? "", /a_training\.py/);
    terminal.dispose();
  });
});
