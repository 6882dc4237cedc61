import { strict as assert } from "node:assert";
import { atEqualDistances } from "../../../engine/training/populationBatches";
import { probeSize } from "../../../engine/training/probeSize";
import { digitsMlp } from "../support/graphs";

describe("what a probe looks at", () => {
  it("is the usual for a small network", () =>
    assert.deepEqual(probeSize(digitsMlp(), 64), { batches: 16, testSamples: 1000 }));

  it("is less for one whose usual probe takes long, and for the same one with large batches", () => {
    const graph = digitsMlp({ width: 700 });
    assert.deepEqual([probeSize(graph, 64).testSamples, probeSize(graph, 1024).testSamples], [1000, 250]);
  });

  it("is spread over the whole of what there is", () => {
    assert.deepEqual(atEqualDistances([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 4), [0, 3, 5, 8]);
    assert.deepEqual(atEqualDistances([0, 1, 2], 4), [0, 1, 2]);
    for (let length = 1; length < 60; length++)
      assert.equal(atEqualDistances(Array.from({ length }), 16).length, Math.min(16, length));
  });
});
