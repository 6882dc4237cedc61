// Runs started from the editor: recorded, steered, killed, compared.
import assert from "node:assert/strict";
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import * as vscode from "vscode";
import { readAll } from "../unit/support/readAll";
import {
  codeLenses,
  ended,
  killTrainingProcess,
  hoverTexts,
  lineOf,
  openExample,
  openText,
  recordsOf,
  runFolders,
  startRuns,
  waitFor,
  withSettings,
  withWindow,
} from "./support";

const runTabs = (): readonly vscode.Tab[] =>
  vscode.window.tabGroups.all
    .flatMap(({ tabs }) => tabs)
    .filter(({ input }) => input instanceof vscode.TabInputWebview);
const lastStep = (folder: string): number => readAll(folder).steps.at(-1)?.step ?? 0;

describe("a run", () => {
  afterEach(async () => {
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
  });

  it("is trained in its own process, recorded, shown in a panel, and told on its lines", async () => {
    const { document } = await openExample("mnist_mlp.py");
    await withSettings({ "training.epochs": 1 }, async () => {
      const [folder = ""] = await startRuns("normlens.trainModel", document.uri, 1);
      const end = await waitFor("the end", () => ended(folder));
      assert.equal(end.status, "completed");
      const records = recordsOf(folder);
      assert.deepEqual(
        new Set(records.map(({ type }) => type)),
        new Set(["run", "population", "gap", "eval", "checkpoint", "end"]),
      );
      assert.deepEqual(
        runTabs().map(({ label }) => label),
        ["Run: MnistMlp"],
      );
      const hover = await waitFor("the hover", async () => {
        const text = await hoverTexts(document, lineOf(document, "self.bn2 ="));
        return text.includes("bn2") ? text : null;
      });
      assert.match(hover, /`bn2` [^]*\d σ/);
      assert.match(hover, /\| population \|/);
      await vscode.commands.executeCommand("normlens.pinRun", folder);
      assert.match(readFileSync(join(folder, "labels.json"), "utf8"), /"pinned": true/);
      await vscode.commands.executeCommand("normlens.unpinRun", folder);
      const report = join(folder, "..", "exported", "report.html");
      await vscode.commands.executeCommand("normlens.exportRun", folder, { format: "html", to: report });
      assert.match(readFileSync(report, "utf8"), /NormLens report<\/title>/);
      await waitFor("the verdict of the last run above the class", async () =>
        (await codeLenses(document)).some(
          ({ command, title }) => command.command === "normlens.openRun" && /^\$\(\w+\) .*[.:]/.test(title),
        ),
      );
    });
  });

  it("of another process is shown as it is when it is opened again, whether a watcher reported it or not", async () => {
    // A model file of its own: later tests look at the last runs of the others.
    const example = await openExample("mnist_mlp.py");
    const path = join(example.document.uri.fsPath, "..", "elsewhere.py");
    writeFileSync(path, example.document.getText());
    const document = await vscode.workspace.openTextDocument(path);
    await vscode.window.showTextDocument(document);
    await withSettings({ "training.epochs": 1 }, async () => {
      const [finished = ""] = await startRuns("normlens.trainModel", document.uri, 1);
      await waitFor("the end", () => ended(finished));
      const log = readFileSync(join(finished, "run.jsonl"), "utf8");
      const end = log.lastIndexOf('{"type":"end"');
      // Beside the runs folder nothing is watched.
      const folder = join(finished, "..", "..", "written-elsewhere");
      mkdirSync(folder);
      writeFileSync(join(folder, "run.jsonl"), log.slice(0, end));
      const lens = async (words: RegExp): Promise<boolean> =>
        (await codeLenses(document)).some(({ title }) => words.test(title));
      await vscode.commands.executeCommand("normlens.openRun", folder);
      await waitFor("a run without an end", () => lens(/interrupted/));
      appendFileSync(join(folder, "run.jsonl"), log.slice(end));
      await vscode.commands.executeCommand("normlens.openRun", folder);
      // The verdict of a run that has completed stands there by itself; of another one after its state.
      await waitFor("its end", () => lens(/^\$\((pass|info|warning|error)\) [A-Z]/));
    });
  });

  it("says on its line that it breaks a contract", async () => {
    const editor = await openExample("mnist_mlp.py");
    const { document } = editor;
    const line = lineOf(document, "self.bn2 =");
    await editor.edit((edit) => edit.insert(document.lineAt(line - 1).range.end, "  # normlens: frozen"));
    await withSettings({ "training.epochs": 1 }, async () => {
      const [folder = ""] = await startRuns("normlens.trainModel", document.uri, 1);
      await waitFor("the end", () => ended(folder));
      const diagnostic = await waitFor("the broken contract", () =>
        vscode.languages.getDiagnostics(document.uri).find(({ source }) => source === "NormLens run"),
      );
      assert.equal(diagnostic.range.start.line, line - 1);
      assert.match(diagnostic.message, /^bn2 is annotated frozen, but step 1 changed its running statistics\./);
      assert.equal(typeof diagnostic.code === "object" && diagnostic.code.value, "contract-broken");
      await vscode.commands.executeCommand("workbench.action.files.revert");
    });
  });

  it("goes on when its panel is closed, and pauses, resumes and stops by command", async () => {
    const { document } = await openExample("mnist_mlp.py");
    await withSettings({ "training.epochs": 1000 }, async () => {
      const [folder = ""] = await startRuns("normlens.trainModel", document.uri, 1);
      await waitFor("the first steps", () => lastStep(folder) > 5);
      await vscode.window.tabGroups.close(runTabs());
      const whenClosed = lastStep(folder);
      await waitFor("further steps without a panel", () => lastStep(folder) > whenClosed + 5);
      await vscode.commands.executeCommand("normlens.pauseRun");
      await new Promise((resolve) => setTimeout(resolve, 300));
      const whenPaused = lastStep(folder);
      await new Promise((resolve) => setTimeout(resolve, 500));
      assert.ok(lastStep(folder) <= whenPaused + 1, `step ${lastStep(folder)} after a pause at ${whenPaused}`);
      assert.equal(ended(folder), null);
      await vscode.commands.executeCommand("normlens.resumeRun");
      await waitFor("further steps after resuming", () => lastStep(folder) > whenPaused + 5);
      await vscode.commands.executeCommand("normlens.stopRun");
      assert.equal((await waitFor("the end", () => ended(folder))).status, "stopped");
    });
  });

  it("goes on from its checkpoint where it was stopped, as a new run with the same settings", async () => {
    const { document } = await openExample("mnist_mlp.py");
    const settings = {
      "training.epochs": 30,
      "training.checkpointEvery": 50,
      "training.weightDecay": 0.001,
      "training.schedule": "cosine",
      "training.order": "one-class",
    };
    await withSettings(settings, async () => {
      const [folder = ""] = await startRuns("normlens.trainModel", document.uri, 1);
      await waitFor("the first steps", () => lastStep(folder) > 5);
      await vscode.commands.executeCommand("normlens.stopRun");
      const { step, status } = await waitFor("the end", () => ended(folder));
      assert.equal(status, "stopped");
      const before = new Set(runFolders());
      // The log has its end a moment before the window hears of it.
      const resumed = await waitFor("the resumed run", async () => {
        await withWindow(
          {
            showQuickPick: (items: readonly { detail: string }[]) =>
              items.find(({ detail }) => detail === basename(folder)),
          },
          async () => {
            await vscode.commands.executeCommand("normlens.resumeRun");
          },
        );
        return runFolders().find((candidate) => !before.has(candidate));
      });
      assert.equal((await waitFor("its end", () => ended(resumed))).status, "completed");
      const [run] = recordsOf(resumed);
      assert.ok(run?.type === "run" && (run.prediction?.memoryBytes ?? 0) > 1e6);
      const [first] = recordsOf(folder);
      assert.ok(first?.type === "run");
      const { weightDecay, schedule, order, checkpointEvery } = run.config ?? {};
      assert.deepEqual(
        { weightDecay, schedule, order, checkpointEvery },
        { weightDecay: 0.001, schedule: { kind: "cosine", lowest: 0 }, order: "one-class", checkpointEvery: 50 },
      );
      assert.deepEqual(run.config, { ...first.config, resume: join(folder, "checkpoint-final.safetensors") });
      assert.equal(readAll(resumed).steps[0]?.step, step + 1);
    });
  });

  it("whose process is killed ends as failed with what killed it, and every record is readable", async () => {
    const { document } = await openExample("mnist_mlp.py");
    await withSettings({ "training.epochs": 1000 }, async () => {
      const [folder = ""] = await startRuns("normlens.trainModel", document.uri, 1);
      await waitFor("the first steps", () => lastStep(folder) > 20);
      const steps = lastStep(folder);
      killTrainingProcess();
      const end = await waitFor("the end", () => ended(folder));
      assert.equal(end.status, "failed");
      assert.deepEqual(end.reason, { code: "process-ended", detail: "it was killed by SIGKILL" });
      const { steps: kept, reader } = readAll(folder);
      assert.deepEqual([reader.badLines, reader.damage.filter(({ kind }) => kind !== "torn")], [[], []]);
      assert.ok(kept.length >= steps);
    });
    // Nothing else broke: the next run trains.
    await withSettings({ "training.epochs": 1 }, async () => {
      const [folder = ""] = await startRuns("normlens.trainModel", document.uri, 1);
      assert.equal((await waitFor("the end", () => ended(folder))).status, "completed");
    });
  });

  it("is compared with its twin: same seed, BN the only difference, one panel", async () => {
    const { document } = await openExample("mnist_mlp.py");
    await withSettings({ "training.epochs": 1 }, async () => {
      const folders = await startRuns("normlens.compareNormalization", document.uri, 2);
      for (const folder of folders) assert.equal((await waitFor("the end", () => ended(folder))).status, "completed");
      const runs = folders.map((folder) => recordsOf(folder)[0]).filter((record) => record?.type === "run");
      assert.deepEqual(new Set(runs.map((run) => run.name)), new Set(["with BN", "without BN"]));
      assert.equal(new Set(runs.map((run) => run.comparison)).size, 1);
      assert.deepEqual(new Set(runs.map((run) => JSON.stringify(run.config))).size, 1);
      assert.deepEqual(
        runTabs().map(({ label }) => label),
        ["Compare: MnistMlp"],
      );
    });
  });

  it("is refused, with nothing on disk, when data or model do not allow it", async () => {
    const before = runFolders().length;
    const { document } = await openExample("mnist_mlp.py");
    const train = async (): Promise<void> =>
      void (await vscode.commands.executeCommand("normlens.trainModel", document.uri));
    await withSettings({ "training.data": "nowhere" }, train);
    await withSettings({ "training.batchSize": 100_000 }, train);
    await withSettings({ "training.schedule": "sometimes" }, train);
    await withSettings({ "training.clipNorm": -1 }, train);
    await withSettings({ "training.threads": 65 }, train);
    const broken = await openText(
      "import torch.nn as nn\nmodel = nn.Sequential(nn.Linear(8, unknown_size), nn.BatchNorm1d(4))\n",
    );
    await vscode.commands.executeCommand("normlens.trainModel", broken.document.uri);
    await new Promise((resolve) => setTimeout(resolve, 500));
    assert.equal(runFolders().length, before);
    assert.deepEqual(runTabs(), []);
    await vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
  });
});
