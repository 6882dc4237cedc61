import { strict as assert } from "node:assert";
import { type Problem, describeProblem, problemSchema } from "../../../engine/protocol/problems";
import { momentumInFramework, updatesToSettle } from "../../../engine/protocol/normalization";
import type { BatchNormOp } from "../../../engine/protocol/layerOps";

/** A value that fits each field a problem can have. */
const samples: Readonly<Record<string, unknown>> = {
  line: 7,
  found: ["A", "B"],
  outputShape: [3, 4],
  dataShape: [1, 28, 28],
  inputShape: [784],
  arrays: [{ name: "", shape: [784] }],
  inputs: [
    { name: "x", shape: [1, 28, 28] },
    { name: "z", shape: [10] },
  ],
  expected: "100",
  foundText: "x",
};
const sampleOf = (name: string, type: string): unknown =>
  name === "found" && type === "string"
    ? "64"
    : type === "number" && name === "inputs"
      ? 2
      : (samples[name] ?? (type === "number" ? 42 : type === "array" ? [1] : "here"));

const problems = problemSchema.options.map((option) =>
  Object.fromEntries(
    Object.entries(option.entries).map(([name, schema]) => [
      name,
      schema.type === "literal" ? schema.literal : sampleOf(name, String(schema.type)),
    ]),
  ),
) as unknown as Problem[];

describe("problems", () => {
  for (const problem of problems) {
    it(`${problem.code} has one sentence with its facts and one action`, () => {
      const { sentence, action } = describeProblem(problem);
      for (const text of [sentence, action]) {
        assert.match(text, /^\S.*[.\w]$/s, text);
        assert.doesNotMatch(text, /undefined|null|\[object/, text);
      }
      if ("line" in problem) assert.match(sentence, /7/);
    });
  }
});

describe("the two momentum conventions", () => {
  const norm: BatchNormOp = {
    kind: "batchNorm",
    spatialDims: 2,
    numFeatures: 1,
    epsilon: 1e-3,
    runningStatsUpdateWeight: 0.01,
    affine: true,
    trackRunningStats: true,
    runningVarianceEstimator: "population",
  };
  it("are each other's complement, without floating-point dust", () => {
    assert.equal(momentumInFramework(norm, "keras"), 0.99);
    assert.equal(momentumInFramework(norm, "pytorch"), 0.01);
    assert.equal(momentumInFramework({ ...norm, runningStatsUpdateWeight: null }, "keras"), null);
  });
  it("need 44 updates at PyTorch's default and 459 at Keras's", () =>
    assert.deepEqual([updatesToSettle(0.1), updatesToSettle(0.01), updatesToSettle(1)], [44, 459, 1]));
});
