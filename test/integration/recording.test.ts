// The toggle that records what new terminals train.
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as vscode from "vscode";
import { openExample, openSecond, secondFolder, waitFor, withWindow, workspaceFolder } from "./support";

describe("the recording of new terminals", () => {
  let scratch = "";
  before(async () => {
    // Opening a model starts the extension.
    await openExample("mnist_mlp.py");
    scratch = mkdtempSync(join(tmpdir(), "normlens-recording-"));
  });
  after(() => rmSync(scratch, { recursive: true, force: true }));

  /** The environment of a new terminal that starts in `cwd`. */
  async function terminalEnvironment(name: string, cwd: string): Promise<Map<string, string>> {
    const file = join(scratch, name);
    const shellArgs = ["-c", `env -0 > "${file}.part" && mv "${file}.part" "${file}"`];
    const terminal = vscode.window.createTerminal({ name, cwd, shellPath: "/bin/sh", shellArgs });
    try {
      await waitFor("the terminal's environment", () => existsSync(file));
    } finally {
      terminal.dispose();
    }
    const entries = readFileSync(file, "utf8").split("\0").filter(Boolean);
    return new Map(entries.map((entry) => [entry.slice(0, entry.indexOf("=")), entry.slice(entry.indexOf("=") + 1)]));
  }

  const toggle = async (): Promise<string[]> => {
    const shown: string[] = [];
    const showInformationMessage = (message: string): Promise<undefined> => {
      shown.push(message);
      return Promise.resolve(undefined);
    };
    await withWindow({ showInformationMessage }, async () => {
      await vscode.commands.executeCommand("normlens.toggleRecording");
    });
    return shown;
  };

  it("is off at first", async () => {
    const env = await terminalEnvironment("off", workspaceFolder());
    assert.equal(env.get("NORMLENS_RECORD"), undefined);
  });

  it("gives each new terminal the recorder and the runs folder of its workspace folder", async () => {
    assert.match((await toggle())[0] ?? "", /Start your training in a new terminal\.$/);
    try {
      const opened = [() => openExample("mnist_mlp.py"), () => openSecond("blocks.py")];
      for (const [index, folder] of [workspaceFolder(), secondFolder()].entries()) {
        // On a remote machine VS Code takes the folder of the active editor, whatever the terminal's own folder is.
        await opened[index]?.();
        const env = await terminalEnvironment(`on-${index}`, folder);
        assert.equal(env.get("NORMLENS_RECORD"), "1");
        assert.equal(env.get("NORMLENS_RUNS"), join(folder, ".normlens", "runs"));
        const [bootstrap = ""] = (env.get("PYTHONPATH") ?? "").split(":");
        assert.ok(existsSync(join(bootstrap, "sitecustomize.py")), bootstrap);
      }
    } finally {
      assert.deepEqual(await toggle(), []);
    }
    const env = await terminalEnvironment("off-again", workspaceFolder());
    assert.equal(env.get("NORMLENS_RECORD"), undefined);
    assert.ok(!(env.get("PYTHONPATH") ?? "").includes("bootstrap"));
  });
});
