// The terminal's view of a run follows a file that is being written.
import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { firstRunSince, progressLine, RunFollower } from "../../../scripts/lib/runProgress.mjs";

describe("progress of a run", () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "normlens-progress-test-"));
  const file = path.join(folder, "2024-mlp", "run.jsonl");
  before(() => fs.mkdirSync(path.dirname(file)));
  after(() => fs.rmSync(folder, { recursive: true, force: true }));

  it("reads records as they come, a torn line once it is whole", () => {
    fs.writeFileSync(file, '{"type":"run","model":"Mlp","config":{"steps":10}}\n{"type":"step","st');
    const follower = new RunFollower(file);
    assert.equal(follower.readOn(), true);
    assert.equal(progressLine(follower.progress), "step 0/10");
    fs.appendFileSync(file, 'ep":3,"loss":0.5}\nnot a record\n{"type":"eval","step":3,"running":{"accuracy":0.875}}\n');
    follower.readOn();
    assert.equal(progressLine(follower.progress), "step 3/10  loss 0.500  accuracy 87.5 %");
    assert.equal(follower.readOn(), false);
    fs.appendFileSync(file, '{"type":"step","step":4,"loss":null}\n{"type":"end","status":"diverged"}\n');
    follower.readOn();
    assert.equal(progressLine(follower.progress), "step 4/10  accuracy 87.5 %");
    assert.equal(follower.progress.status, "diverged");
  });

  it("leaves older runs alone", () => {
    assert.equal(firstRunSince(folder, Date.now() + 60_000), undefined);
    assert.equal(firstRunSince(folder, 0), file);
    assert.equal(firstRunSince(path.join(folder, "missing"), 0), undefined);
  });
});
