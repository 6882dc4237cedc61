import { strict as assert } from "node:assert";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RunWriter } from "../../../engine/runs/runWriter";
import { PanelFeed } from "../../../extension/panels/panelFeed";
import { Run } from "../../../extension/runs/run";
import { type Look, type PackedUpdate, type PanelUpdate, unpackUpdate } from "../../../webview/protocol";
import { runRecord } from "../judgement/makeSummary";

const look = (id: number, change: Partial<Look> = {}): Look => ({
  id,
  needs: [
    { kind: "loss", columns: ["loss"], edges: ["last"], layers: "run" },
    { kind: "norm", columns: ["mean_shift"], edges: ["last"], layers: "all" },
  ],
  selectedLayer: null,
  pinnedStep: null,
  range: null,
  points: 100,
  ...change,
});

describe("what a panel is sent", () => {
  let folder: string;
  let writer: RunWriter;
  let run: Run;
  let feed: PanelFeed;
  let steps = 0;
  let norms = 0;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "normlens-feed-"));
    writeFileSync(join(folder, "run.jsonl"), "");
    writer = new RunWriter(folder, () => undefined);
    writer.append(runRecord());
    steps = writer.declare({ name: "steps", columns: ["loss"], layers: [], values: 1, type: "float64" });
    norms = writer.declare({
      name: "norms",
      columns: ["mean_shift"],
      layers: ["bn1", "bn2"],
      values: 1,
      type: "float32",
    });
    writer.beat(0);
    train(1, 2);
    run = new Run(folder);
    run.refresh();
    feed = new PanelFeed({ runs: [run], editedLayers: () => [] });
  });
  afterEach(() => {
    writer.close();
    rmSync(folder, { recursive: true });
  });

  function train(from: number, to: number): void {
    for (let step = from; step <= to; step++) {
      writer.frame(steps, step, [1 / step]);
      writer.frame(norms, step, [step, 2 * step]);
    }
    writer.flush();
  }

  const sent = (packed: PackedUpdate | null): PanelUpdate["runs"][number] => {
    assert.ok(packed);
    const [first] = unpackUpdate(packed).runs;
    assert.ok(first);
    return first;
  };
  const curves = (packed: PackedUpdate | null) =>
    sent(packed).series.map(({ kind, start, x, values }) => [kind, start, [...x], [...values]]);

  it("is everything once, then what was added, then nothing", () => {
    const first = sent(feed.snapshot(look(1)));
    assert.deepEqual([first.changed.step, first.changed.state, first.changed.run?.name], [2, "running", "as written"]);
    assert.match(first.changed.judgement?.verdicts.overview.sentence ?? "", /^Too early to judge/);
    assert.deepEqual(curves(feed.snapshot(look(2))), [
      ["loss", 0, [1, 2], [1, 0.5]],
      ["norm", 0, [1, 2], [1, 2, 2, 4]],
    ]);
    assert.equal(feed.delta(), null);
    train(3, 3);
    run.refresh();
    const delta = feed.delta();
    assert.deepEqual(curves(delta), [
      ["loss", 2, [3], [Math.fround(1 / 3)]],
      ["norm", 2, [3], [3, 6]],
    ]);
    // The run record and what has not changed is not sent again.
    assert.deepEqual(Object.keys(sent(delta).changed).sort(), ["judgement", "sampledSteps", "step"]);
    assert.equal(feed.delta(), null);
  });

  it("is what it looks at, no more", () => {
    feed.snapshot(look(1));
    const needs: Look["needs"] = [{ kind: "norm", columns: ["mean_shift"], edges: ["last"], layers: "selected" }];
    const other = feed.lookAt(look(2, { needs, selectedLayer: "bn2" }));
    assert.deepEqual(curves(other), [["norm", 0, [1, 2], [2, 4]]]);
    assert.equal(other?.look, 2);
    train(3, 400);
    run.refresh();
    const zoomed = feed.lookAt(look(3, { needs, selectedLayer: "bn2", range: [100, 104] }));
    const [[, , x] = []] = curves(zoomed) as [unknown, unknown, number[]][];
    assert.ok(x && x.length >= 5 && x.length < 20 && x.includes(102), JSON.stringify(x));
  });

  it("counts its updates, so that a gap is noticed", () => {
    const numbers = [feed.snapshot(look(1)), feed.lookAt(look(2))].map((update) => update?.sequence);
    train(3, 3);
    run.refresh();
    assert.deepEqual([...numbers, feed.delta()?.sequence], [1, 2, 3]);
  });

  it("is everything again when the log was replaced", () => {
    feed.snapshot(look(1));
    writer.close();
    writeFileSync(join(folder, "numbers.bin"), "");
    writeFileSync(join(folder, "run.jsonl"), "");
    writer = new RunWriter(folder, () => undefined);
    writer.append(runRecord({ name: "again" }));
    steps = writer.declare({ name: "steps", columns: ["loss"], layers: [], values: 1, type: "float64" });
    writer.frame(steps, 1, [9]);
    writer.flush();
    run.refresh();
    const delta = feed.delta();
    assert.equal(sent(delta).changed.run?.name, "again");
    assert.deepEqual(curves(delta)[0], ["loss", 0, [1], [9]]);
  });

  it("judges at the step that is pinned", () => {
    train(3, 100);
    run.refresh();
    assert.equal(sent(feed.snapshot(look(1, { pinnedStep: 50 }))).changed.judgement?.at, 50);
    const { layers } = sent(feed.snapshot(look(2, { pinnedStep: 50 }))).changed.judgement ?? { layers: [] };
    assert.deepEqual(
      layers.map(({ shift }) => shift),
      [50, 100],
    );
    const unpinned = sent(feed.lookAt(look(3))).changed.judgement;
    assert.deepEqual([unpinned?.at, unpinned?.layers[0]?.shift], [null, 100]);
  });

  it("has samples that flip only while they are shown, as of the pinned step", () => {
    const flippedIn = (packed: PackedUpdate | null) => sent(packed).changed.flipped;
    writer.appendSample({ type: "batch", samples: 2, classes: 2, labels: [0, 1] });
    for (const [step, first] of [
      [0, 0],
      [2, 1],
    ] as const)
      writer.appendSample({ type: "answers", step, train: [0, 1], eval: [first, 1], shown: [] });
    train(3, 3);
    run.refresh();
    assert.equal(flippedIn(feed.snapshot(look(1))), null);
    assert.equal(flippedIn(feed.lookAt(look(2, { showsSamples: true })))?.flips, 1);
    assert.equal(flippedIn(feed.lookAt(look(3, { showsSamples: true, pinnedStep: 1 })))?.flips, 0);
    train(4, 4);
    assert.equal(flippedIn(feed.lookAt(look(4, { showsSamples: true, pinnedStep: 1 }))), undefined, "it is the same");
    assert.equal(flippedIn(feed.lookAt(look(5))), null);
  });

  it("has the variants of several runs once, and again when more than steps is new", () => {
    const both = new PanelFeed({ runs: [run, run], editedLayers: () => [] });
    assert.equal(both.snapshot(look(1)).variants?.variants.length, 2);
    writer.frame(steps, 3, [0.5]);
    writer.flush();
    run.refresh();
    const delta = both.delta();
    assert.ok(delta && !("variants" in delta));
    writer.append({ type: "eval", step: 3, running: { accuracy: 0.5 } });
    writer.flush();
    run.refresh();
    const words = both.delta()?.variants?.words ?? [];
    assert.match(words[0]?.sentence ?? "", /^A has reached 50\.0/);
    assert.ok(both.snapshot(look(2)).variants);
    assert.ok(!feed.snapshot(look(1)).variants);
  });
});
