import assert from "node:assert/strict";
import type { Arena } from "../../../engine/nn/arena";
import type { MeasuredNorm } from "../../../engine/nn/batchNorm";
import { measuredNorms } from "../../../engine/nn/sharedNorm";

const memory = new Map<number, Float32Array>();
let last = 0;
const arena = {
  allocateFloats: (count: number): number => {
    last += 100;
    memory.set(last, new Float32Array(count));
    return last;
  },
  floats: (address: number): Float32Array => memory.get(address) ?? new Float32Array(0),
} as unknown as Arena;

function call(name: string, mean: number, variance: number, positions: number): MeasuredNorm {
  const [at, squares] = [arena.allocateFloats(2), arena.allocateFloats(2)];
  arena.floats(at, 2).fill(mean);
  arena.floats(squares, 2).fill(variance);
  const own = { mean: at, variance: squares };
  const input = { channels: 2, columns: 2, height: 1, width: positions } as MeasuredNorm["input"];
  return {
    name,
    input,
    batchStatistics: own,
    calls: 1,
    parts: (count: number) => [{ first: 0, count, input, own, used: own }],
  } as unknown as MeasuredNorm;
}

describe("BN layers that are called more than once", () => {
  it("stand once among the measured layers, in the order of their first calls", () => {
    const { norms, shared } = measuredNorms([call("b", 0, 1, 1), call("a", 0, 1, 1), call("b", 0, 1, 1)], arena);
    assert.deepEqual(
      norms.map(({ name, calls }) => [name, calls]),
      [
        ["b", 2],
        ["a", 1],
      ],
    );
    assert.deepEqual(shared, [norms[0]]);
  });
  it("have the statistics of all values of their calls", () => {
    // 1 and 3 positions: means 0 and 4, variances 1 and 2.
    const { norms, shared } = measuredNorms([call("bn", 0, 1, 1), call("bn", 4, 2, 3)], arena);
    shared[0]?.pool(5);
    const { mean, variance } = norms[0]?.batchStatistics ?? { mean: 0, variance: 0 };
    assert.deepEqual([...arena.floats(mean, 2)], [3, 3]);
    assert.deepEqual([...arena.floats(variance, 2)], [0.25 + 1.5 + 3, 4.75]);
  });
  it("have the parts of each call", () => {
    const { norms } = measuredNorms([call("bn", 0, 1, 1), call("bn", 4, 2, 3)], arena);
    assert.deepEqual(
      norms[0]?.parts(5).map(({ input, count }) => [input.width, count]),
      [
        [1, 5],
        [3, 5],
      ],
    );
  });
});
