import assert from "node:assert/strict";
import { PopulationSums } from "../../../engine/training/populationSums";

const vector = (value: number): Float32Array => new Float32Array([value]);
const batch = (mean: number, variance: number): { mean: Float32Array; variance: Float32Array } => ({
  mean: vector(mean),
  variance: vector(variance),
});

describe("the sums of a population pass", () => {
  it("mix the calls of a layer as the running statistics do", () => {
    const sums = new PopulationSums(1, 0, 2);
    for (const noise of [-0.1, 0.1]) {
      sums.add(0, batch(noise, 1), 1);
      sums.add(1, batch(10 + noise, 4), 1);
    }
    const whole = batch(0, 0);
    sums.writeTo(whole);
    assert.ok(Math.abs((whole.mean[0] ?? 0) - 5) < 1e-6);
    // Half of the values have mean 0, half 10: variances 1 and 4, noise 0.01, and 25 between them.
    assert.ok(Math.abs((whole.variance[0] ?? 0) - (2.5 + 0.01 + 25)) < 1e-5);
    assert.ok(Math.abs((sums.ofCall(1).mean[0] ?? 0) - 10) < 1e-6);
    assert.ok(Math.abs((sums.ofCall(1).variance[0] ?? 0) - 4.01) < 1e-5);
  });
  it("find batches apart by what they differ within a call, not between calls", () => {
    const sums = new PopulationSums(1, 0, 2);
    for (const noise of [-0.1, 0.1]) {
      sums.add(0, batch(noise, 1), 1);
      sums.add(1, batch(10 + noise, 1), 1);
    }
    assert.ok(Math.abs(sums.spreadOfMeans(0) - 0.02) < 1e-5);
    assert.ok(Math.abs(sums.batchF(50) - 1) < 1e-4);
  });
});
