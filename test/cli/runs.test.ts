import assert from "node:assert/strict";
import { appendFileSync } from "node:fs";
import { basename, join } from "node:path";
import { CommandLine, type Json, MNIST_MLP } from "./commandLine";

describe("normlens runs", () => {
  const cli = new CommandLine();

  const trained = (): Json => cli.runJson("train", MNIST_MLP, "--steps", "30");

  it("lists the runs of a folder, also without a command", () => {
    const { testAccuracy, runFolder } = trained();
    const [listed] = cli.runJson("runs", "list") as unknown as [Json];
    assert.deepEqual([listed["status"], listed["steps"], listed["testAccuracy"]], ["completed", 30, testAccuracy]);
    const { code, out } = cli.run("runs");
    assert.deepEqual([code, out], [0, cli.run("runs", "list").out]);
    assert.ok(out.includes(basename(String(runFolder))));
  });

  it("shows a run, by its folder and by its name, and the lines that were skipped", () => {
    const runFolder = String(trained()["runFolder"]);
    const shown = cli.run("runs", "show", runFolder);
    assert.equal(shown.code, 0);
    assert.match(shown.out, /bn3 +60 +\S+ +\S+ +\S+ +\S+/);
    assert.equal(cli.run("runs", "show", basename(runFolder)).out, shown.out);
    appendFileSync(join(cli.folder, runFolder, "run.jsonl"), "garbage\n");
    assert.match(cli.run("runs", "show", runFolder).errors, /^line \d+ .*JSON/);
    assert.equal(cli.run("runs", "show", "nowhere").code, 1);
  });

  it("checks a run: 0 without a fault, 1 with one", () => {
    const runFolder = String(trained()["runFolder"]);
    assert.deepEqual(cli.runJson("runs", "check", runFolder)["faults"], []);
    assert.equal(cli.run("runs", "check", runFolder).code, 0);
    appendFileSync(join(cli.folder, runFolder, "run.jsonl"), "garbage\n");
    assert.equal(cli.runJson("runs", "check", runFolder)["faults"].length, 1);
    assert.equal(cli.run("runs", "check", runFolder).code, 1);
  });
});
