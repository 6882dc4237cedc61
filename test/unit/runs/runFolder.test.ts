import { strict as assert } from "node:assert";
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import fc from "fast-check";
import { ProblemError } from "../../../engine/protocol/problems";
import type { AnyRecord } from "../../../engine/protocol/records";
import { fileProblem } from "../../../engine/runs/fileProblem";
import { listRuns } from "../../../engine/runs/listRuns";
import { isEdited, readTrainedLayers } from "../../../engine/runs/readTrainedLayers";
import { recoverRun } from "../../../engine/runs/recoverRun";
import { createRunFolder, processFile, recordsFile } from "../../../engine/runs/runFolder";
import { RunReader } from "../../../engine/runs/runReader";
import { RunWriter } from "../../../engine/runs/runWriter";
import { digitsMlp } from "../support/graphs";

const runRecord: AnyRecord = {
  type: "run",
  schema: 1,
  producer: "test",
  startedAt: "2026-11-20T08:00:00.000Z",
  name: "as written",
  comparison: null,
  modelFile: { path: "model.py", sha256: "" },
  model: "Chain()",
  framework: "pytorch",
  parameters: 1,
  config: { data: "digits", normalize: null, steps: 10, batchSize: 2, learningRate: 0.1, optimizer: "sgd", seed: 1 },
  data: { name: "digits", trainSamples: 10, testSamples: 5, classes: 10 },
  layers: [],
};
const step = (number: number): AnyRecord => ({ type: "step", step: number, loss: 1 / number, lr: 0.1, ms: 1 });
const end: AnyRecord = { type: "end", step: 3, status: "completed", reason: null, elapsedMs: 12 };

describe("a run folder", () => {
  let runs: string;
  let folder: string;
  beforeEach(() => {
    runs = join(mkdtempSync(join(tmpdir(), "normlens-runs-")), ".normlens", "runs");
    folder = createRunFolder(runs, digitsMlp(), new Date("2026-11-20T08:00:00Z"));
  });
  afterEach(() => rmSync(join(runs, "..", ".."), { recursive: true, force: true }));

  function write(records: readonly AnyRecord[]): void {
    const writer = new RunWriter(folder, () => undefined);
    for (const record of records) writer.append(record);
    writer.close();
  }

  it("is named after time and model, keeps out of git, and never collides", () => {
    assert.equal(basename(folder), "2026-11-20-080000-Chain");
    assert.equal(readFileSync(join(runs, "..", ".gitignore"), "utf8"), "*\n");
    assert.equal(
      basename(createRunFolder(runs, digitsMlp(), new Date("2026-11-20T08:00:00Z"))),
      "2026-11-20-080000-Chain-2",
    );
  });

  it("takes nothing of a model's name to the disk but letters and digits", () => {
    const hostile = { ...digitsMlp(), model: "../../x\0 y/..\\z(1)" };
    assert.match(basename(createRunFolder(runs, hostile, new Date())), /^[\d-]+-[A-Za-z0-9_-]+$/);
  });

  it("gives back what was written", () => {
    write([runRecord, step(1), step(2), end]);
    assert.deepEqual(new RunReader(folder).readNew(), { records: [runRecord, step(1), step(2), end], badLines: [] });
    assert.ok(!existsSync(processFile(folder)));
  });

  it("is followed while it grows, a torn line waiting for its rest", () => {
    writeFileSync(recordsFile(folder), `${JSON.stringify(runRecord)}\n${JSON.stringify(step(1)).slice(0, 20)}`);
    const reader = new RunReader(folder);
    assert.deepEqual(reader.readNew().records, [runRecord]);
    assert.deepEqual(reader.readNew().records, []);
    appendFileSync(recordsFile(folder), `${JSON.stringify(step(1)).slice(20)}\n${JSON.stringify(step(2))}\n`);
    assert.deepEqual(reader.readNew().records, [step(1), step(2)]);
  });

  it("reports lines that do not fit with their numbers and keeps the others", () => {
    writeFileSync(
      recordsFile(folder),
      `${JSON.stringify(runRecord)}\n{"type":"step","step":-1}\nnot json\n\n{"type":"new"}\n${JSON.stringify(end)}\n`,
    );
    const { records, badLines } = new RunReader(folder).readNew();
    assert.deepEqual(records, [runRecord, end]);
    assert.deepEqual(
      badLines.map(({ line }) => line),
      [2, 3, 5],
    );
    assert.match(badLines[0]?.reason ?? "", /^step: /);
  });

  it("survives being cut anywhere: whole lines are read, nothing throws", () => {
    write([runRecord, step(1), step(2), step(3), end]);
    const bytes = readFileSync(recordsFile(folder));
    fc.assert(
      fc.property(fc.nat(bytes.length), (length) => {
        writeFileSync(recordsFile(folder), bytes.subarray(0, length));
        const whole = bytes.subarray(0, length).toString().split("\n").length - 1;
        assert.equal(new RunReader(folder).readNew().records.length, whole);
      }),
      { numRuns: 100 },
    );
  });

  it("remembers what was trained, and takes a damaged graph for none", () => {
    const trained = readTrainedLayers(folder);
    const [flat, fc1, bn1] = digitsMlp().layers;
    assert.ok(trained && flat && fc1 && bn1?.op.kind === "batchNorm");
    assert.equal(isEdited(bn1, trained), false);
    assert.equal(isEdited({ ...bn1, op: { ...bn1.op, epsilon: 0.8 } }, trained), true);
    assert.equal(isEdited({ ...bn1, name: "bn9" }, trained), true);
    for (const damaged of ["", "{}", '{"layers":[{"name":1}]}', "null"]) {
      writeFileSync(join(folder, "graph.json"), damaged);
      assert.equal(readTrainedLayers(folder), null);
    }
  });

  it("of a killed process gets its end, without the torn line and with everything before it", () => {
    writeFileSync(recordsFile(folder), `${JSON.stringify(runRecord)}\n${JSON.stringify(step(1))}\n{"type":"st`);
    recoverRun(folder, { code: "process-ended", detail: "it was killed by SIGKILL" });
    const { records, badLines } = new RunReader(folder).readNew();
    assert.deepEqual(badLines, []);
    assert.deepEqual(
      records.map(({ type }) => type),
      ["run", "step", "end"],
    );
    assert.deepEqual(records[2], {
      type: "end",
      status: "failed",
      reason: { code: "process-ended", detail: "it was killed by SIGKILL" },
      step: 1,
      elapsedMs: 1,
    });
    assert.equal(recoverRun(folder, { code: "process-ended", detail: "" }), null);
  });

  it("is listed with its status; one whose process is gone is interrupted", () => {
    write([runRecord, step(1)]);
    assert.equal(listRuns(runs)[0]?.status, "interrupted");
    writeFileSync(processFile(folder), String(process.pid));
    assert.equal(listRuns(runs)[0]?.status, "running");
    appendFileSync(recordsFile(folder), `${JSON.stringify(end)}\n`);
    assert.deepEqual([listRuns(runs)[0]?.status, listRuns(runs)[0]?.lastStep], ["completed", 3]);
    assert.deepEqual(listRuns(join(runs, "nowhere")), []);
  });

  it("on a full disk says so and keeps what was recorded", function () {
    if (!existsSync("/dev/full")) assert.fail("this test needs Linux's /dev/full");
    rmSync(recordsFile(folder), { force: true });
    symlinkSync("/dev/full", recordsFile(folder));
    const writer = new RunWriter(folder, () => undefined);
    assert.throws(
      () => writer.append(runRecord),
      (error) => error instanceof ProblemError && error.problem.code === "disk-full",
    );
  });

  it("names what the operating system refuses", () => {
    const codeOf = (code: string): string => fileProblem("runs", Object.assign(new Error(code), { code })).problem.code;
    assert.deepEqual(["ENOSPC", "EDQUOT", "EACCES", "EPERM", "EROFS", "EIO"].map(codeOf), [
      "disk-full",
      "disk-full",
      "read-only",
      "read-only",
      "read-only",
      "write-failed",
    ]);
    writeFileSync(join(runs, "file"), "");
    assert.throws(
      () => createRunFolder(join(runs, "file", "runs"), digitsMlp(), new Date()),
      (error) => error instanceof ProblemError && error.problem.code === "write-failed",
    );
  });
});
