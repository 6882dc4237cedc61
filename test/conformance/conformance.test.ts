/** Runs written by hand, by code that knows the format from its document alone, against what reads and checks them. */
import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkText } from "../../engine/cli/checkText";
import { ProblemError } from "../../engine/protocol/problems";
import type { AnyRecord } from "../../engine/protocol/records";
import { checkRun } from "../../engine/runs/checkRun";
import { RunReader, deafSink } from "../../engine/runs/runReader";

const root = join(process.cwd(), "test", "conformance");
const casesOf = (kind: string): string[] => readdirSync(join(root, kind)).map((name) => join(root, kind, name));
const expectedOf = (folder: string): string[] =>
  JSON.parse(readFileSync(join(folder, "expected.json"), "utf8")) as string[];

/** What a run says, in order. */
function told(folder: string): { records: AnyRecord[]; steps: number[][]; reader: RunReader } {
  const records: AnyRecord[] = [];
  const steps: number[][] = [];
  const reader = new RunReader(folder);
  reader.readNew({
    ...deafSink,
    record: (record) => records.push(record),
    step: (...numbers) => steps.push(numbers),
  });
  return { records, steps, reader };
}

describe("a run as anybody may write it", () => {
  for (const folder of [...casesOf("good"), ...casesOf("bad")]) {
    it(`is checked: ${folder.slice(root.length + 1)}`, () => {
      const { faults } = checkRun(folder);
      assert.deepEqual(
        faults.map(({ code }) => code),
        expectedOf(folder),
        faults.map(({ file, line, sentence }) => `${file}:${line} ${sentence}`).join("\n"),
      );
      for (const { sentence } of faults) assert.doesNotMatch(sentence, /undefined|NaN|null|\[object/);
    });
  }

  it("is read where it is right, and of one that is wrong everything that is right", () => {
    for (const folder of casesOf("good")) {
      const { records, reader } = told(folder);
      assert.deepEqual([records[0]?.type, reader.badLines], ["run", []]);
    }
    const opened = casesOf("bad").filter((folder) => !/(future|no-run-record)$/.test(folder));
    for (const folder of opened) told(folder);
    const stepsIn = (name: string): unknown[] => told(join(root, "bad", name)).steps.map(([step]) => step);
    assert.deepEqual(stepsIn("damaged-middle"), [1, 3]);
    assert.deepEqual(stepsIn("torn-tail"), [1, 2]);
    assert.deepEqual(stepsIn("truncated-header"), [1, 2, 3]);
    assert.deepEqual(stepsIn("doubled-and-disordered"), [1, 3, 2]);
    assert.deepEqual(
      told(join(root, "bad", "bad-line")).reader.badLines.map(({ line }) => line),
      [2, 3],
    );
  });

  it("gives back every table and record of a rich one", () => {
    const { records, steps, reader } = told(join(root, "good", "rich"));
    assert.deepEqual(
      records.map(({ type }) => type),
      ["run", "population", "gap", "eval", "segment", "checkpoint", "finding", "end"],
    );
    assert.deepEqual(steps[1], [2, 0.5, 0.1, 0.01]);
    const numbers = reader.ranks.get(0);
    assert.ok(numbers);
    assert.deepEqual(
      numbers.tables.map(({ declaration, count }) => [declaration.name, count]),
      [
        ["steps", 3],
        ["norms", 3],
        ["activity", 3],
        ["channels", 1],
        ["own", 1],
      ],
    );
    const [, , activity, channels] = numbers.tables;
    assert.ok(activity && channels);
    assert.deepEqual([...numbers.frame(activity, 2).values], [0.5, 0.25, Number.NaN, 1]);
    assert.deepEqual([...numbers.frame(channels, 0).values], [-1, 1, 0.5, 2]);
    assert.equal(records[0]?.type === "run" && records[0].layers[1]?.source?.path, "net.py");
  });

  it("of a newer version is not opened, and says so", () => {
    assert.throws(
      () => told(join(root, "bad", "from-the-future")),
      (error) => error instanceof ProblemError && error.message.includes("newer version of NormLens (run format 3)"),
    );
  });

  it("has its faults printed line by line, with what it contains", () => {
    const text = checkText(checkRun(join(root, "bad", "damaged-middle")));
    assert.match(
      text,
      /^numbers\.bin at byte 127: 28 bytes are damaged: they contain no block with a valid checksum\n/,
    );
    assert.match(text, /\nRecords: 1 run, 1 end\.\n/);
    assert.match(text, /\nnumbers\.bin +steps +0 +1 +1 +2 +1–3\n1 fault\.\n$/);
    assert.match(
      checkText(checkRun(join(root, "bad", "bad-line"))),
      /^run\.jsonl:2: it is not valid JSON\nrun\.jsonl:3: step: /,
    );
    assert.match(checkText(checkRun(join(root, "good", "minimal"))), /\nNo faults\.\n$/);
    assert.match(checkText(checkRun(join(root, "nowhere"))), /^run\.jsonl: it can't be read: ENOENT\n1 fault\.\n$/);
  });

  it("has ranks of which all are read", () => {
    assert.deepEqual([...told(join(root, "good", "ranks")).reader.ranks.keys()], [0, 1, 2]);
  });
});

describe("fifty lines of Python", () => {
  let folder: string;
  before(() => {
    folder = join(mkdtempSync(join(tmpdir(), "normlens-producer-")), "run");
    execFileSync("python3", [join(root, "producer.py"), folder]);
  });
  after(() => rmSync(join(folder, ".."), { recursive: true, force: true }));

  it("are enough for a producer", () => {
    const lines = readFileSync(join(root, "producer.py"), "utf8").trimEnd().split("\n");
    assert.ok(lines.length <= 50);
    assert.deepEqual(checkRun(folder).faults, []);
  });

  it("write numbers that come back exactly", () => {
    const { records, steps, reader } = told(folder);
    assert.deepEqual(
      records.map(({ type }) => type),
      ["run", "eval", "end"],
    );
    assert.equal(steps.length, 200);
    steps.forEach(([step, loss, rate, seconds], index) => {
      assert.deepEqual([step, rate, seconds], [index + 1, 0.1, Number.NaN]);
      assert.ok(Math.abs((loss ?? 0) - 2.5 * Math.exp(-(index + 1) / 50)) < 1e-15);
    });
    const norms = reader.ranks.get(0)?.tables[1];
    assert.ok(norms);
    assert.deepEqual(norms.declaration.layers, ["features.bn1", "features.bn2", "head.bn"]);
    assert.equal(norms.count, 20);
    reader.ranks.get(0)?.read(norms, 0, 20, (frame, values) => {
      const expected = [0, 1, 2].flatMap((place) => {
        const end = (place + 1) / 8 + (10 * (frame + 1)) / 256;
        const quantiles = [-end, -end / 2, 0, end / 2, end];
        return [...quantiles, ...quantiles, end / 4];
      });
      assert.deepEqual([...values], expected);
    });
  });
});
