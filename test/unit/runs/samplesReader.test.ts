import { strict as assert } from "node:assert";
import { appendFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { WrittenSampleLine } from "../../../engine/protocol/probedSamples";
import { RunWriter } from "../../../engine/runs/runWriter";
import { SamplesReader } from "../../../engine/runs/samplesReader";
import { samplesFile } from "../../../engine/runs/runFolder";
import { runRecord } from "../judgement/makeSummary";

describe("the file of samples", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "normlens-samples-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const batch: WrittenSampleLine = { type: "batch", samples: 2, classes: 2, labels: [0, 1] };
  const answers = (step: number): WrittenSampleLine => ({
    ...{ type: "answers", step, train: [0, 1], eval: [0, 0], shown: [] },
  });
  const steps = (reader: SamplesReader): number[] | undefined => reader.read()?.answers.map(({ step }) => step);
  const append = (...lines: readonly object[]): void =>
    appendFileSync(samplesFile(folder), lines.map((line) => `${JSON.stringify(line)}\n`).join(""));

  it("is not there where nobody wrote a line, and then nothing is known", () => {
    const writer = new RunWriter(folder, () => undefined);
    writer.append(runRecord());
    writer.close();
    assert.equal(existsSync(samplesFile(folder)), false);
    assert.equal(new SamplesReader(folder).read(), null);
  });

  it("is written before the record that comes after its lines", () => {
    const writer = new RunWriter(folder, () => undefined);
    writer.appendSample(batch);
    writer.appendSample(answers(0));
    writer.append(runRecord());
    writer.close();
    assert.deepEqual(steps(new SamplesReader(folder)), [0]);
  });

  it("is read on as it grows, and is the same until it does", () => {
    const reader = new SamplesReader(folder);
    assert.equal(reader.read(), null);
    append(batch, answers(0));
    const first = reader.read();
    assert.equal(reader.read(), first);
    append(answers(10));
    assert.notEqual(reader.read(), first);
    assert.deepEqual(steps(reader), [0, 10]);
  });

  it("is read again when it was written again", () => {
    const reader = new SamplesReader(folder);
    append(batch, answers(0), answers(10));
    assert.deepEqual(steps(reader), [0, 10]);
    writeFileSync(samplesFile(folder), `${JSON.stringify(batch)}\n${JSON.stringify(answers(3))}\n`);
    assert.deepEqual(steps(reader), [3]);
  });

  it("has lines that do not fit skipped", () => {
    append(answers(0), { ...batch, labels: [0] }, batch, { ...answers(1), eval: [0] }, { type: "own" }, answers(2));
    appendFileSync(samplesFile(folder), "no json\n");
    append({ type: "sample", index: 2 }, answers(1));
    const found = new SamplesReader(folder).read();
    assert.deepEqual(
      found?.answers.map(({ step }) => step),
      [2],
    );
    assert.equal(found.samples.size, 0);
  });
});
