import { strict as assert } from "node:assert";
import { Random } from "../../../engine/nn/random";

const draw = <T>(count: number, next: () => T): T[] => Array.from({ length: count }, next);

describe("seeded random numbers", () => {
  it("repeat for the same seed and label, and differ for another seed or label", () => {
    const numbers = (seed: number, label: string): number[] => {
      const random = new Random(seed, label);
      return draw(5, () => random.nextUint32());
    };
    assert.deepEqual(numbers(1, "a"), numbers(1, "a"));
    assert.notDeepEqual(numbers(1, "a"), numbers(2, "a"));
    assert.notDeepEqual(numbers(1, "a"), numbers(1, "b"));
    assert.notDeepEqual(numbers(1, "a"), numbers(1 + 2 ** 32, "a"), "seeds above 32 bits count in full");
  });

  it("are the values of xoshiro128**", () => {
    // First outputs of the reference implementation for the state 1, 2, 3, 4.
    const random = new Random(0);
    (random as unknown as { state: Uint32Array }).state.set([1, 2, 3, 4]);
    assert.deepEqual(
      draw(3, () => random.nextUint32()),
      [11520, 0, 5927040],
    );
  });

  it("have the mean and variance of their distributions", () => {
    const random = new Random(7);
    const moments = (values: readonly number[]): [number, number] => {
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      return [mean, values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length];
    };
    const [uniformMean, uniformVariance] = moments(draw(20_000, () => random.uniform(-1, 3)));
    assert.ok(Math.abs(uniformMean - 1) < 0.05 && Math.abs(uniformVariance - 16 / 12) < 0.05);
    const [normalMean, normalVariance] = moments(draw(20_000, () => random.normal()));
    assert.ok(Math.abs(normalMean) < 0.03 && Math.abs(normalVariance - 1) < 0.05);
  });

  it("shuffle without losing anything", () => {
    const values = Uint32Array.from({ length: 100 }, (_, index) => index);
    new Random(3).shuffle(values);
    assert.notDeepEqual([...values.slice(0, 10)], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    assert.deepEqual(
      [...values].sort((a, b) => a - b),
      [...Array(100).keys()],
    );
  });
});
