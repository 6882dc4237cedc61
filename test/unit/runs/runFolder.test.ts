import { strict as assert } from "node:assert";
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { ProblemError } from "../../../engine/protocol/problems";
import type { WrittenRecord } from "../../../engine/protocol/records";
import { fileProblem } from "../../../engine/runs/fileProblem";
import { listRuns } from "../../../engine/runs/listRuns";
import { isEdited, readTrainedLayers } from "../../../engine/runs/readTrainedLayers";
import { readResumed } from "../../../engine/runs/readResumed";
import { readRunGraph } from "../../../engine/runs/readRunGraph";
import { recoverRun } from "../../../engine/runs/recoverRun";
import { createRunFolder, graphFile, heartbeatFile, numbersFile, recordsFile } from "../../../engine/runs/runFolder";
import { RunReader } from "../../../engine/runs/runReader";
import { RunWriter } from "../../../engine/runs/runWriter";
import { digitsMlp } from "../support/graphs";
import { ToldRun } from "./told";

const codeOf = (error: unknown): string => (error instanceof ProblemError ? error.problem.code : String(error));

const config = {
  data: "digits",
  normalize: null,
  steps: 10,
  batchSize: 2,
  learningRate: 0.1,
  optimizer: "sgd" as const,
  seed: 1,
};
const runRecord: WrittenRecord = { type: "run", schema: 2, producer: "test", plannedSteps: 10, config };
const evaluation: WrittenRecord = { type: "eval", step: 2, running: { accuracy: 0.5 } };
const end: WrittenRecord = { type: "end", step: 3, status: "completed", elapsedMs: 12 };
const loss = { name: "steps", columns: ["loss", "seconds"], layers: [], values: 1, type: "float64" as const };

describe("a run folder", () => {
  let runs: string;
  let folder: string;
  beforeEach(() => {
    runs = join(mkdtempSync(join(tmpdir(), "normlens-runs-")), ".normlens", "runs");
    folder = createRunFolder(runs, digitsMlp(), new Date("2026-11-20T08:00:00Z"));
  });
  afterEach(() => rmSync(join(runs, "..", ".."), { recursive: true, force: true }));

  function write(records: readonly WrittenRecord[], steps: readonly number[] = []): void {
    const writer = new RunWriter(folder, () => undefined);
    for (const record of records) writer.append(record);
    const table = steps.length > 0 ? writer.declare(loss) : 0;
    for (const step of steps) writer.frame(table, step, [1 / step, 0.25]);
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

  it("returns what was written, and leaves no heartbeat", () => {
    const told = new ToldRun();
    write([runRecord, evaluation, end], [1, 2, 3]);
    new RunReader(folder).readNew(told);
    assert.deepEqual(told.order, ["run", "step", "step", "step", "eval", "end"]);
    assert.equal(told.records[0]?.type === "run" && told.records[0].config?.steps, 10);
    assert.ok(!existsSync(heartbeatFile(folder)));
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

  it("is no model where its graph is malformed, and never trusted", () => {
    const graph: Record<string, unknown> = { ...digitsMlp(), parameters: 0 };
    writeFileSync(graphFile(folder), JSON.stringify(graph));
    assert.equal(readRunGraph(folder).model, graph["model"]);
    const [layer] = graph["layers"] as object[];
    const [node] = graph["nodes"] as object[];
    const malformed: unknown[] = [
      null,
      [],
      { ...graph, layers: null },
      { ...graph, layers: [{ ...layer, name: 1 }] },
      { ...graph, layers: [{ ...layer, op: null }] },
      { ...graph, layers: [{ ...layer, op: { kind: 7 } }] },
      { ...graph, nodes: undefined },
      { ...graph, nodes: [{ ...node, inputs: "input" }] },
      { ...graph, nodes: [{ ...node, outputShape: ["wide"] }] },
      { ...graph, inputs: [{ id: "input", shape: "1x28x28" }] },
    ];
    for (const value of malformed) {
      writeFileSync(graphFile(folder), JSON.stringify(value));
      assert.throws(
        () => readRunGraph(folder),
        (error) => codeOf(error) === "run-unreadable",
        JSON.stringify(value),
      );
    }
    writeFileSync(graphFile(folder), '{"layers');
    assert.throws(
      () => readRunGraph(folder),
      (error) => codeOf(error) === "run-unreadable",
    );
    rmSync(graphFile(folder));
    assert.throws(
      () => readRunGraph(folder),
      (error) => codeOf(error) === "run-unreadable",
    );
  });

  it("of another producer contains nothing to resume from", () => {
    write([{ type: "run", schema: 2, producer: "a script" }, end]);
    assert.throws(
      () => readResumed(folder, runs),
      (error) => codeOf(error) === "checkpoint-missing",
    );
    for (const name of ["checkpoint-3.safetensors", "checkpoint-3.training.safetensors"])
      writeFileSync(join(folder, name), "");
    assert.throws(
      () => readResumed(folder, runs),
      (error) => codeOf(error) === "settings-unknown",
    );
  });

  it("of a killed process gets its end, without the torn line and with everything before it", () => {
    write([runRecord], [1, 2, 3, 4]);
    appendFileSync(recordsFile(folder), '{"type":"ev');
    const reason = { code: "process-ended" as const, detail: "it was killed by SIGKILL" };
    const recovered = { type: "end", status: "failed", reason, step: 4, elapsedMs: 1000 };
    assert.deepEqual(recoverRun(folder, reason), recovered);
    const told = new ToldRun();
    const reader = new RunReader(folder);
    reader.readNew(told);
    assert.deepEqual(reader.badLines, []);
    assert.deepEqual([told.records.length, told.records[1]], [2, recovered]);
    assert.equal(recoverRun(folder, reason), null);
  });

  it("without times gets an end without times", () => {
    writeFileSync(recordsFile(folder), `${JSON.stringify(runRecord)}\n`);
    writeFileSync(heartbeatFile(folder), '{"beat":1,"everySeconds":5,"step":7}');
    assert.deepEqual(recoverRun(folder, { code: "process-ended", detail: "" })?.step, 7);
    assert.equal(listRuns(runs)[0]?.end?.elapsedMs, null);
    assert.ok(!existsSync(heartbeatFile(folder)));
  });

  it("is listed with its status: by its end, by its heartbeat, or as interrupted", () => {
    const listed = (): unknown[] => {
      const [summary] = listRuns(runs);
      return [summary?.status, summary?.lastStep, summary?.lastEval?.running?.accuracy];
    };
    write([runRecord, evaluation], [1, 2, 3, 4]);
    assert.deepEqual(listed(), ["interrupted", 4, 0.5]);
    const beat = { beat: 1, everySeconds: 5, step: 6 };
    writeFileSync(heartbeatFile(folder), JSON.stringify({ ...beat, at: new Date().toISOString() }));
    assert.deepEqual(listed(), ["running", 6, 0.5]);
    writeFileSync(heartbeatFile(folder), JSON.stringify(beat));
    assert.deepEqual(listed(), ["unsure", 6, 0.5]);
    appendFileSync(recordsFile(folder), `${JSON.stringify(end)}\n`);
    assert.deepEqual(listed(), ["completed", 3, 0.5]);
    assert.deepEqual(listRuns(join(runs, "nowhere")), []);
    writeFileSync(recordsFile(folder), '{"type":"run","schema":9}\n');
    assert.deepEqual(listRuns(runs), []);
  });

  it("is listed with an evaluation before a long record, and with a run record of many layers", () => {
    const layers = Array.from({ length: 3000 }, (_, index) => ({ id: `features.${index}.bn`, norm: { channels: 8 } }));
    const gaps = layers.map(({ id }) => ({ layer: id, gap: 0.1 }));
    write([{ ...runRecord, layers }, evaluation, { type: "gap", step: 2, layers: gaps }, end]);
    assert.ok(statSync(recordsFile(folder)).size > 1 << 17);
    const [summary] = listRuns(runs);
    assert.deepEqual([summary?.run.layers.length, summary?.lastEval?.step], [3000, 2]);
  });

  it("on a full disk says so and keeps what was recorded", function () {
    if (!existsSync("/dev/full")) assert.fail("this test needs Linux's /dev/full");
    rmSync(recordsFile(folder), { force: true });
    symlinkSync("/dev/full", recordsFile(folder));
    const writer = new RunWriter(folder, () => undefined);
    assert.throws(
      () => writer.append(runRecord),
      (error) => codeOf(error) === "disk-full",
    );
    writer.close();
  });

  it("on a disk that is full only for numbers says so too", () => {
    symlinkSync("/dev/full", numbersFile(folder));
    const writer = new RunWriter(folder, () => undefined);
    writer.append(runRecord);
    const table = writer.declare(loss);
    writer.frame(table, 1, [1, 1]);
    assert.throws(
      () => writer.flush(),
      (error) => codeOf(error) === "disk-full",
    );
    writer.close();
  });

  it("names what the operating system refuses", () => {
    const problemOf = (code: string): string =>
      fileProblem("runs", Object.assign(new Error(code), { code })).problem.code;
    assert.deepEqual(["ENOSPC", "EDQUOT", "EACCES", "EPERM", "EROFS", "EIO"].map(problemOf), [
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
