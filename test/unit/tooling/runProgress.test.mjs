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
    fs.writeFileSync(file, '{"type":"run","model":"Mlp","plannedSteps":10}\n{"type":"gap","st');
    const follower = new RunFollower(file);
    assert.equal(follower.readOn(), true);
    assert.equal(progressLine(follower.progress), "step 0/10");
    fs.appendFileSync(
      file,
      'ep":3,"layers":[]}\nnot a record\n{"type":"eval","step":3,"running":{"accuracy":0.875,"loss":0.5}}\n',
    );
    follower.readOn();
    assert.equal(progressLine(follower.progress), "step 3/10  test loss 0.500  accuracy 87.5 %");
    assert.equal(follower.readOn(), false);
    fs.writeFileSync(path.join(path.dirname(file), "heartbeat.json"), '{"beat":2,"everySeconds":5,"step":4}');
    assert.equal(follower.readOn(), true);
    assert.equal(progressLine(follower.progress), "step 4/10  test loss 0.500  accuracy 87.5 %");
    fs.appendFileSync(file, '{"type":"eval","step":5,"running":null}\n{"type":"end","step":5,"status":"diverged"}\n');
    follower.readOn();
    assert.equal(progressLine(follower.progress), "step 5/10");
    assert.equal(follower.progress.status, "diverged");
  });

  it("leaves older runs alone", () => {
    assert.equal(firstRunSince(folder, Date.now() + 60_000), undefined);
    assert.equal(firstRunSince(folder, 0), file);
    assert.equal(firstRunSince(path.join(folder, "missing"), 0), undefined);
  });
});
