import assert from "node:assert/strict";
import { spineEntries } from "../../../webview/panels/spineEntries";
import { lanesWidth, rowLanes } from "../../../webview/panels/spineLanes";
import type { Branch } from "../../../webview/state/branches";
import { reading } from "./makeRun";

const skip = (first: number, last: number, change: Partial<Branch> = {}): Branch => ({
  ...{ lane: 1, parentLane: 0, first, last, leaves: true, isSkip: true, after: "stem" },
  ...change,
});

const entriesOf = (...names: string[]) =>
  spineEntries(
    names.map((name) => reading(name)),
    new Set(),
  );

/** `x` of the main line and of the first lane, where there is one lane beside it. */
const MAIN = lanesWidth(2) - 4;
const SIDE = MAIN - 7;

describe("the network beside the rows", () => {
  it("is a straight line from the first dot to the last where nothing branches", () => {
    const rows = rowLanes(entriesOf("a", "b", "c"), { branches: [], laneOf: [0, 0, 0], lanes: 1 });
    assert.deepEqual(
      rows.map(({ lines, dot }) => [lines, dot]),
      [
        ["M4 50V100", "M4 50h0"],
        ["M4 0V100", "M4 50h0"],
        ["M4 0V50", "M4 50h0"],
      ],
    );
  });

  it("has a line that leaves above its first row and joins below its last", () => {
    const rows = rowLanes(entriesOf("stem", "a", "b", "c"), { branches: [skip(1, 2)], laneOf: [0, 0, 0, 0], lanes: 2 });
    assert.equal(rows[0]?.lines, `M${MAIN} 50V100`);
    assert.match(rows[1]?.lines ?? "", new RegExp(`M${MAIN} 0C.* ${SIDE} 50V100$`));
    assert.match(rows[2]?.lines ?? "", new RegExp(`M${SIDE} 0V50C.* ${MAIN} 100$`));
    assert.equal(rows[3]?.lines, `M${MAIN} 0V50`);
    assert.deepEqual(
      rows.map(({ words }) => words),
      ["", "", "joined by a branch of stem", ""],
    );
  });

  it("has the dot of a layer in the lane of its branch, and says so", () => {
    const branch = skip(1, 2, { isSkip: false });
    const rows = rowLanes(entriesOf("stem", "a", "down"), { branches: [branch], laneOf: [0, 0, 1], lanes: 2 });
    assert.deepEqual(
      rows.map(({ dot }) => dot),
      [`M${MAIN} 50h0`, `M${MAIN} 50h0`, `M${SIDE} 50h0`],
    );
    assert.equal(rows[2]?.words, "branch of stem");
    assert.match(rows[2]?.lines ?? "", new RegExp(`^M${MAIN} 0V100`), "the main line goes on to where it is joined");
  });

  it("begins at its own layer where it comes from another input", () => {
    const branch = skip(1, 1, { isSkip: false, leaves: false, after: null });
    const rows = rowLanes(entriesOf("image", "depth", "head"), { branches: [branch], laneOf: [0, 1, 0], lanes: 2 });
    assert.match(rows[1]?.lines ?? "", new RegExp(`M${SIDE} 50C`));
    assert.equal(rows[1]?.words, "branch of another input");
  });

  it("folds with its stage: what is inside disappears, what passes it stays", () => {
    const names = ["stem.bn", ...Array.from({ length: 50 }, (_, index) => `layer1.${index}.bn`), "head.bn"];
    const readings = names.map((name) => reading(name));
    const network = {
      branches: [skip(3, 4), skip(1, 50, { lane: 2 }), skip(40, 51)],
      laneOf: names.map(() => 0),
      lanes: 3,
    };
    const rowsOf = (...folded: string[]) => rowLanes(spineEntries(readings, new Set(folded)), network);
    const folded = rowsOf("layer1");
    assert.equal(folded.length, 3);
    assert.equal(folded[1]?.words, "joined by a branch of stem");
    assert.equal((folded[1]?.lines.match(/M/g) ?? []).length, 2, "the main line and what passes");
    assert.equal((folded[2]?.lines.match(/M/g) ?? []).length, 2, "what leaves inside of the stage joins below it");
    const heading = rowsOf()[1];
    assert.deepEqual([heading?.dot, heading?.words], ["", ""]);
    assert.equal(heading?.lines, `M${lanesWidth(3) - 4} 0V100`);
  });
});
