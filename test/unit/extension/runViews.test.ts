import { strict as assert } from "node:assert";
import { mkdtempSync, rmSync, writeFileSync, appendFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Run } from "../../../extension/runs/run";
import { type SentSeries, unsentSlices } from "../../../extension/runs/runViews";

const step = (number: number): string =>
  `${JSON.stringify({ type: "step", step: number, loss: 1 / number, lr: 0.1, ms: 1 })}\n`;

describe("what a panel is sent of a run", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "normlens-view-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it("is everything once, then what was added, then nothing", () => {
    writeFileSync(join(folder, "run.jsonl"), step(1) + step(2));
    const run = new Run(folder);
    const sent: SentSeries = new Map();
    const next = (): (readonly [string, number, number[]])[] =>
      unsentSlices(run, sent).map(({ key, start, x }) => [key, start, [...x]]);
    run.refresh();
    assert.deepEqual(next(), [["loss", 0, [1, 2]]]);
    assert.deepEqual(next(), []);
    appendFileSync(join(folder, "run.jsonl"), step(3));
    run.refresh();
    assert.deepEqual(next(), [["loss", 2, [3]]]);
    sent.clear();
    assert.deepEqual(next(), [["loss", 0, [1, 2, 3]]]);
  });

  it("stays small for a long run: a thinned series sends its last point again, not itself", () => {
    writeFileSync(join(folder, "run.jsonl"), Array.from({ length: 10_000 }, (_, index) => step(index + 1)).join(""));
    const run = new Run(folder);
    const sent: SentSeries = new Map();
    run.refresh();
    const [whole] = unsentSlices(run, sent);
    assert.ok(whole && whole.x.length <= 4096 && whole.version > 0);
    appendFileSync(join(folder, "run.jsonl"), step(10_001));
    run.refresh();
    const [delta] = unsentSlices(run, sent);
    assert.ok(delta && delta.x.length <= 2, `${delta?.x.length} points`);
    assert.equal(delta.x.at(-1), 10_001);
    assert.equal(delta.version, whole.version);
  });
});
