import { strict as assert } from "node:assert";
import type { FlippedCard, FlippedSamples } from "../../../engine/protocol/flippedSamples";
import { bitmapUri } from "../../../webview/marks/bitmap";
import { stretchesOf } from "../../../webview/marks/stepStrip";
import {
  becomeWords,
  headingOf,
  labelWords,
  nounOf,
  outcomeWords,
  rowValues,
  stripWords,
  surenessWords,
} from "../../../webview/state/flippedWords";
import { runRecord } from "./makeRun";

const flipped = (change: Partial<FlippedSamples> = {}): FlippedSamples => ({
  ...{ step: 400, samples: 256, flips: 71, becomeRight: 4, becomeWrong: 64, stayWrong: 3 },
  ...{ classes: ["0", "9"], classesLeftOut: 0, matrix: [], lost: [], gained: [8, 45] },
  ...{ columns: null, image: null, steps: [0, 10], cards: [] },
  ...change,
});

const card = (change: Partial<FlippedCard> = {}): FlippedCard => ({
  ...{ index: 16, label: "4", train: "4", eval: "9", becomes: "wrong", like: 18, flipsAt: [false, true] },
  ...{ image: null, row: null },
  probabilities: [
    { name: "4", train: 0.998, eval: 0 },
    { name: "9", train: 0, eval: 0.34 },
  ],
  ...change,
});

describe("samples that flip, in words", () => {
  it("are called what the run calls its samples", () => {
    const nounWith = (sample: string | null) => {
      const run = runRecord();
      return nounOf({ run: { ...run, data: run.data && { ...run.data, sample } } });
    };
    assert.deepEqual(["image", "row", "sequence", "patch", null].map(nounWith), [
      "image",
      "row",
      "sequence",
      "sample",
      "sample",
    ]);
    assert.equal(headingOf("row"), "Rows that flip");
  });

  it("say where most of them go, and what becomes of them", () => {
    assert.equal(becomeWords(flipped()), "45 of 71 become 9.");
    assert.equal(becomeWords(flipped({ gained: [1, 1] })), "", "one of each kind is no direction");
    assert.equal(outcomeWords(flipped()), "64 become wrong, 4 become right, 3 stay wrong.");
    assert.equal(outcomeWords(flipped({ becomeRight: 0, stayWrong: 0 })), "64 become wrong.");
    assert.equal(outcomeWords(flipped({ becomeRight: 0, becomeWrong: 0, stayWrong: 0 })), "");
  });

  it("say how sure each mode is of its own answer", () => {
    assert.equal(surenessWords(card()), "100 → 34\u00a0%");
    const broken = [{ name: "9", train: 0, eval: Number.NaN }];
    assert.equal(surenessWords(card({ probabilities: broken })), "unknown → unknown");
  });

  it("say what a flip does to the label, in words and not in colour alone", () => {
    assert.equal(labelWords(card()), "label 4");
    assert.equal(labelWords(card({ label: "9", becomes: "right" })), "label 9 ✓");
    assert.equal(stripWords(card()), "Flips at 1 of 2 probes");
  });

  it("name the values of a row where the data do", () => {
    const row = card({ row: [0.5, -2, Number.NaN] });
    assert.deepEqual(rowValues(row, flipped({ columns: ["width", "x", "y"] }), 2), [
      { name: "width", value: "0.50" },
      { name: "x", value: "−2.0" },
    ]);
    assert.deepEqual(rowValues(row, flipped(), 3).at(-1), { name: "value 3", value: "–" });
  });
});

describe("the strip of steps", () => {
  it("has each probe stand for the steps around it, and joins neighbours", () => {
    assert.deepEqual(stretchesOf([0, 10, 20, 100], [false, true, true, false]), [[0.05, 0.6]]);
    assert.deepEqual(stretchesOf([0, 50, 100], [true, false, true]), [
      [0, 0.25],
      [0.75, 1],
    ]);
    assert.deepEqual(stretchesOf([0, 100], [true, true]), [[0, 1]]);
    assert.deepEqual(stretchesOf([7], [true]), [[0, 1]]);
    assert.deepEqual(stretchesOf([], []), []);
  });
});

describe("a bitmap", () => {
  const bytesOf = (uri: string | null): Buffer => Buffer.from(uri?.split(",")[1] ?? "", "base64");

  it("has three bytes a pixel from the top row on, blue first, and rows of whole words", () => {
    const gray = bytesOf(bitmapUri(Buffer.from([1, 2, 3, 4]).toString("base64"), { channels: 1, height: 2, width: 2 }));
    assert.equal(gray.toString("latin1", 0, 2), "BM");
    assert.deepEqual([gray.readInt32LE(18), gray.readInt32LE(22), gray.readUInt32LE(2)], [2, -2, gray.length]);
    assert.deepEqual([...gray.subarray(54)], [1, 1, 1, 2, 2, 2, 0, 0, 3, 3, 3, 4, 4, 4, 0, 0]);
    const color = bytesOf(
      bitmapUri(Buffer.from([10, 20, 30]).toString("base64"), { channels: 3, height: 1, width: 1 }),
    );
    assert.deepEqual([...color.subarray(54)], [30, 20, 10, 0]);
  });

  it("is none where the bytes are not as many as they should be", () => {
    assert.equal(bitmapUri("AAAA", { channels: 1, height: 2, width: 2 }), null);
    assert.equal(bitmapUri("", { channels: 1, height: 0, width: 0 }), null);
  });
});
