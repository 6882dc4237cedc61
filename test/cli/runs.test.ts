import assert from "node:assert/strict";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
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

  it("exports a run as tables, as a page and for TensorBoard", () => {
    const runFolder = String(trained()["runFolder"]);
    const name = basename(runFolder);
    const files = (format: string): string[] =>
      cli.runJson("runs", "export", name, "--format", format, "--to", `out/${format}`)["files"] as string[];
    const text = (file: string): string => readFileSync(join(cli.folder, file), "utf8");
    const csv = files("csv");
    assert.ok(csv.includes(join("out/csv", "norms.csv")));
    const norms = text(join("out/csv", "norms.csv")).trimEnd().split("\r\n");
    assert.match(norms[0] ?? "", /^step,layer,batch_mean\.min,/);
    assert.match(norms.at(-1) ?? "", /^30,bn3,/);
    const [json = ""] = files("json");
    const { model, tables } = JSON.parse(text(json)) as { model: string; tables: Record<string, { rows: unknown[] }> };
    assert.deepEqual([model, tables["steps"]?.rows.length], ["MnistMlp()", 30]);
    const [page = ""] = files("markdown");
    assert.match(text(page), /^# MnistMlp\(\), as written\n[^]*\| `bn3` \|/);
    const [report = ""] = files("html");
    assert.match(text(report), /default-src 'none'; script-src 'sha256-/);
    assert.deepEqual(cli.runJson("runs", "export", name, "--format", "html", "--to", "out/my.html")["files"], [
      "out/my.html",
    ]);
    const [events = ""] = files("tensorboard");
    assert.match(text(events), /mean_shift\/bn3/);
  });

  it("exports several runs as one report", () => {
    const names = [trained(), trained()].map((run) => String(run["runFolder"]));
    const { files } = cli.runJson("runs", "export", ...names, "--format", "html", "--to", "out/both.html");
    assert.deepEqual(files, ["out/both.html"]);
    assert.match(readFileSync(join(cli.folder, "out", "both.html"), "utf8"), /, 2 runs – NormLens report<\/title>/);
    const refused = cli.run("runs", "export", ...names);
    assert.equal(refused.code, 2);
    assert.match(refused.errors, /Several runs make one report: add --format html\./);
  });

  it("says what an export cannot do, and leaves nothing half written", () => {
    const runFolder = String(trained()["runFolder"]);
    writeFileSync(join(cli.folder, "taken"), "");
    const refused = cli.run("runs", "export", runFolder, "--to", "taken");
    assert.equal(refused.code, 1);
    assert.match(refused.errors, /taken/);
    assert.match(
      cli.run("runs", "export", runFolder, "--format", "xls").errors,
      /csv, parquet, json, markdown, html or tensorboard/,
    );
    assert.equal(cli.run("runs", "export", "nowhere").code, 1);
  });
});
