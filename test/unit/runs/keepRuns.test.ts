import { strict as assert } from "node:assert";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { putAside, putBack, runsAside } from "../../../engine/runs/deletedRuns";
import { runFolders } from "../../../engine/runs/listRuns";
import { readLabels, writeLabels } from "../../../engine/runs/runLabels";

describe("keeping runs", () => {
  let runs: string;
  let run: string;
  beforeEach(() => {
    runs = mkdtempSync(join(tmpdir(), "normlens-keep-"));
    run = join(runs, "2026-11-30-120000-Net");
    mkdirSync(run);
    writeFileSync(join(run, "run.jsonl"), "{}\n");
  });
  afterEach(() => rmSync(runs, { recursive: true, force: true }));

  it("remembers what a person says of a run, and leaves no file where that is nothing", () => {
    assert.deepEqual(readLabels(run), {});
    writeLabels(run, { name: "the good one", note: "lr 0.1", pinned: true });
    assert.deepEqual(readLabels(run), { name: "the good one", note: "lr 0.1", pinned: true });
    writeLabels(run, { name: "", note: "", pinned: false });
    assert.deepEqual(readLabels(run), {});
    assert.ok(!existsSync(join(run, "labels.json")));
    assert.equal(readFileSync(join(run, "run.jsonl"), "utf8"), "{}\n");
  });

  it("takes damaged labels for none", () => {
    for (const text of ["{", "[]", '{"name": 3}']) {
      writeFileSync(join(run, "labels.json"), text);
      assert.deepEqual(readLabels(run), {}, text);
    }
  });

  it("puts a deleted run out of every list, and back where it was", () => {
    const aside = putAside(run);
    assert.deepEqual(runFolders(runs), []);
    assert.deepEqual(runsAside(runs), [aside]);
    assert.equal(putBack(aside), run);
    assert.deepEqual(runFolders(runs), [run]);
    assert.deepEqual(runsAside(runs), []);
    assert.ok(!existsSync(join(runs, ".deleted")));
  });

  it("says what is wrong with a run that is gone", () => {
    rmSync(run, { recursive: true });
    assert.throws(() => putAside(run), /ENOENT/);
  });
});
