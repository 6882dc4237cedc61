import { strict as assert } from "node:assert";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { ProblemError } from "../../../engine/protocol/problems";
import { encodeDeclaration, HEADER } from "../../../engine/runs/numbers/numbersFormat";
import { numbersFile, recordsFile } from "../../../engine/runs/runFolder";
import { RunReader, deafSink } from "../../../engine/runs/runReader";
import { RunWriter } from "../../../engine/runs/runWriter";
import { frameBlock, normsTable, stepsTable } from "./smallNumbers";
import { ToldRun } from "./told";

const run = { type: "run", schema: 2, producer: "test" } as const;
const end = { type: "end", step: 3, status: "completed" } as const;
const evalAt = (step: number): object => ({ type: "eval", step });
const lines = (...records: readonly unknown[]): string =>
  records.map((record) => `${JSON.stringify(record)}\n`).join("");
const loss = { ...stepsTable, columns: ["seconds", "loss"] };
const stepFrame = (step: number): Buffer => frameBlock(0, loss, step, [0.5, 1 / step]);
const normFrame = (step: number): Buffer => frameBlock(1, normsTable, step, [step, 0, 0, 0]);
const declarations = Buffer.concat([HEADER, encodeDeclaration(0, loss), encodeDeclaration(1, normsTable)]);

describe("a run reader", () => {
  let folder: string;
  let log: string;
  let numbers: string;
  let told: ToldRun;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "normlens-run-"));
    log = recordsFile(folder);
    numbers = numbersFile(folder);
    told = new ToldRun();
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const types = (): string[] => told.records.map(({ type }) => type);

  it("passes on the run first, then its numbers, then what happened", () => {
    writeFileSync(log, lines(run, evalAt(2), end));
    writeFileSync(numbers, Buffer.concat([declarations, stepFrame(1), normFrame(1), stepFrame(2), normFrame(2)]));
    const reader = new RunReader(folder);
    assert.deepEqual(reader.readNew(told), { changed: true, replaced: false });
    assert.deepEqual(told.order, ["run", "step", "step", "sample", "eval", "end"]);
    assert.deepEqual(told.steps, [
      [1, 1, NaN, 0.5],
      [2, 0.5, NaN, 0.5],
    ]);
    assert.deepEqual(
      told.samples.map(({ table, step, values }) => [table.name, step, ...values]),
      [["norms", 2, 2, 0, 0, 0]],
    );
    assert.deepEqual(reader.readNew(told), { changed: false, replaced: false });
  });

  it("follows a run that grows, and passes on a sample once", () => {
    writeFileSync(log, lines(run));
    const reader = new RunReader(folder);
    reader.readNew(told);
    assert.equal(reader.ranks.size, 0);
    writeFileSync(numbers, Buffer.concat([declarations, normFrame(4)]));
    reader.readNew(told);
    appendFileSync(numbers, Buffer.concat([normFrame(2), stepFrame(4)]));
    reader.readNew(told);
    assert.deepEqual(told.order, ["run", "sample", "step"]);
    assert.deepEqual(
      [0, 2, 3, 9].map((step) => reader.samplesAt(step).map((sample) => sample.step)),
      [[], [2], [2], [4]],
    );
    assert.deepEqual(
      reader.firstSamples().map(({ step }) => step),
      [2],
    );
  });

  it("waits for the rest of a torn line, and reports lines that do not fit", () => {
    writeFileSync(log, `${lines(run)}{"type":"eval","st`);
    const reader = new RunReader(folder);
    reader.readNew(told);
    assert.deepEqual(types(), ["run"]);
    appendFileSync(log, `ep":1}\nnot json\n\n{"type":"eval","step":-1}\n{"type":"of-its-own"}\n${lines(run, end)}`);
    reader.readNew(told);
    assert.deepEqual(types(), ["run", "eval", "end"]);
    assert.deepEqual(
      reader.badLines.map(({ line }) => line),
      [3, 5, 7],
    );
    assert.match(reader.badLines[1]?.reason ?? "", /^step: /);
  });

  it("reads what others leave out as unknown, and a record with every layer of a thousand", () => {
    const layers = Array.from({ length: 1000 }, (_, index) => ({ id: `bn${index}`, norm: {}, own: "x".repeat(2000) }));
    writeFileSync(log, lines({ ...run, layers, config: { steps: "many" } }, end));
    new RunReader(folder).readNew(told);
    const [record] = told.records;
    assert.ok(record?.type === "run");
    assert.deepEqual(
      [record.layers.length, record.layers[999]?.name, record.config, record.plannedSteps],
      [1000, "bn999", null, null],
    );
  });

  it("survives being cut anywhere: whole lines are read, nothing throws", () => {
    const bytes = Buffer.from(lines(run, evalAt(1), evalAt(2), end));
    const first = lines(run).length;
    fc.assert(
      fc.property(fc.nat(bytes.length), (length) => {
        writeFileSync(log, bytes.subarray(0, length));
        told = new ToldRun();
        new RunReader(folder).readNew(told);
        assert.equal(told.records.length, bytes.subarray(0, length).toString().split("\n").length - 1);
        if (length < first) assert.equal(told.records.length, 0);
      }),
      { numRuns: 100 },
    );
  });

  it("read byte by byte says what it says in one go", () => {
    const bytes = Buffer.from(lines(run, evalAt(1), { type: "eval" }, end));
    writeFileSync(log, "");
    const reader = new RunReader(folder);
    for (const byte of bytes) {
      appendFileSync(log, Buffer.of(byte));
      reader.readNew(told);
    }
    const whole = new ToldRun();
    const second = new RunReader(folder);
    second.readNew(whole);
    assert.deepEqual(told.records, whole.records);
    assert.deepEqual(reader.badLines, second.badLines);
  });

  it("opens no run that has no log, or begins with something else", () => {
    const detail = (): string => {
      try {
        new RunReader(folder).readNew(deafSink);
        return "read";
      } catch (error) {
        return error instanceof ProblemError && error.problem.code === "run-unreadable"
          ? error.problem.detail
          : String(error);
      }
    };
    assert.equal(detail(), "ENOENT");
    writeFileSync(log, lines({ ...run, schema: 7 }));
    assert.equal(detail(), "it was written by a newer version of NormLens (run format 7)");
    writeFileSync(log, lines(evalAt(1), run));
    assert.equal(detail(), "it does not begin with a run record");
    writeFileSync(log, lines({ type: "run", schema: 2 }));
    assert.match(detail(), /^its first line is not a valid run record \(producer: /);
    writeFileSync(log, "");
    assert.equal(detail(), "read");
  });

  it("passes on everything again when the run was written again", () => {
    writeFileSync(log, lines(run, evalAt(1)));
    writeFileSync(numbers, Buffer.concat([declarations, stepFrame(1), stepFrame(2)]));
    const reader = new RunReader(folder);
    reader.readNew(told);
    writeFileSync(log, lines({ ...run, producer: "another" }, evalAt(7)));
    writeFileSync(numbers, Buffer.concat([declarations, stepFrame(1)]));
    assert.deepEqual(reader.readNew(told), { changed: true, replaced: true });
    assert.deepEqual([types(), told.steps.length, reader.run?.producer], [["run", "eval"], 1, "another"]);
    writeFileSync(numbers, declarations);
    assert.deepEqual(reader.readNew(told), { changed: true, replaced: true });
    assert.deepEqual([types(), told.steps.length], [["run", "eval"], 0]);
  });

  it("takes a torn line that was cut off for nothing lost", () => {
    writeFileSync(log, `${lines(run)}{"type":"ev`);
    const reader = new RunReader(folder);
    reader.readNew(told);
    truncateSync(log, lines(run).length);
    appendFileSync(log, lines(end));
    assert.deepEqual(reader.readNew(told), { changed: true, replaced: false });
    assert.deepEqual(types(), ["run", "end"]);
  });

  it("keeps what it read of a run that is deleted, and says so", () => {
    writeFileSync(log, lines(run));
    const reader = new RunReader(folder);
    reader.readNew(told);
    rmSync(log);
    assert.deepEqual(reader.readNew(told), { changed: true, replaced: false });
    assert.deepEqual([reader.isGone, reader.readNew(told).changed, types()], [true, false, ["run"]]);
  });

  it("reports a torn block once the run has ended, and takes that back when the rest comes after all", () => {
    writeFileSync(log, lines(run));
    writeFileSync(numbers, Buffer.concat([declarations, stepFrame(1).subarray(0, 30)]));
    const reader = new RunReader(folder);
    reader.readNew(told);
    assert.deepEqual(reader.damage, []);
    appendFileSync(log, lines(end));
    reader.readNew(told);
    assert.deepEqual(
      reader.damage.map(({ kind, rank }) => [kind, rank]),
      [["torn", 0]],
    );
    appendFileSync(numbers, stepFrame(1).subarray(30));
    assert.equal(reader.readNew(told).changed, true);
    assert.deepEqual([reader.damage, told.steps.length], [[], 1]);
  });

  it("reports a torn block of a run without an end", () => {
    writeFileSync(log, lines(run));
    writeFileSync(numbers, Buffer.concat([declarations, stepFrame(1).subarray(0, 30)]));
    const reader = new RunReader(folder);
    reader.readNew(told);
    reader.finish();
    assert.deepEqual(
      reader.damage.map(({ kind }) => kind),
      ["torn"],
    );
  });

  it("reads what a writer writes while it writes", () => {
    let flushes = 0;
    const writer = new RunWriter(folder, () => (flushes += 1));
    writer.append(run);
    const table = writer.declare({ name: "steps", columns: ["loss"], layers: [], values: 1, type: "float64" });
    const reader = new RunReader(folder);
    for (let step = 1; step <= 100; step++) {
      writer.frame(table, step, [1 / step]);
      writer.beat(step);
      if (step % 10 === 0) writer.flush();
      reader.readNew(told);
      assert.equal(told.steps.length >= 10 * Math.floor(step / 10), true);
    }
    writer.append({ ...end, step: 100 });
    writer.close();
    reader.readNew(told);
    assert.deepEqual([types(), told.steps.length, reader.damage], [["run", "end"], 100, []]);
    assert.ok(flushes > 0);
    assert.equal(readFileSync(log, "utf8"), lines(run, { ...end, step: 100 }));
  });
});
