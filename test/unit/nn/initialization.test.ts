import { strict as assert } from "node:assert";
import type { Initialization } from "../../../engine/protocol/trainConfig";
import { chooseKernels } from "../../../engine/training/chooseKernels";
import { TrainingSession } from "../../../engine/training/session";
import { batchNorm, chain, flatten, linear } from "../support/graphs";

const IN = 6 * 5 * 5;
const OUT = 40;

/** A convolution of 6 → 40 channels with 5×5 kernels, BN, and a linear layer of 40 → 10. */
const graph = chain(
  [6, 5, 5],
  [
    {
      name: "conv",
      op: {
        kind: "conv2d",
        inChannels: 6,
        outChannels: OUT,
        kernelSize: [5, 5],
        stride: [1, 1],
        padding: [0, 0],
        dilation: [1, 1],
        groups: 1,
        bias: true,
      },
      outputShape: [OUT, 1, 1],
    },
    { name: "flat", op: flatten, outputShape: [OUT] },
    { name: "bn", op: batchNorm(OUT), outputShape: [OUT] },
    { name: "out", op: linear(OUT, 10), outputShape: [10] },
  ],
);

function drawn(initialize: Initialization | undefined, seed = 1): (name: string) => Float32Array {
  const session = new TrainingSession({
    graph,
    batchSize: 2,
    optimizer: "sgd",
    seed,
    kernels: chooseKernels(),
    ...(initialize ? { initialize } : {}),
  });
  return (name) => session.parameters.read(name);
}

const mean = (values: Float32Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const deviation = (values: Float32Array): number =>
  Math.sqrt(mean(values.map((value) => value ** 2)) - mean(values) ** 2);

/** 6000 values: their mean errs by σ/√6000, their deviation by about σ/√12000; four times that is allowed. */
function assertDistributed(values: Float32Array, expected: number): void {
  assert.equal(values.length, IN * OUT);
  assert.ok(Math.abs(mean(values)) < (4 * expected) / Math.sqrt(values.length), `mean ${mean(values)}`);
  assert.ok(
    Math.abs(deviation(values) - expected) < (4 * expected) / Math.sqrt(2 * values.length),
    `deviation ${deviation(values)}, expected ${expected}`,
  );
}

describe("initialisations", () => {
  it("he: normal with σ = √(2/fanIn)", () => {
    const weight = drawn({ kind: "he" })("conv.weight");
    assertDistributed(weight, Math.sqrt(2 / IN));
    const beyond = weight.filter((value) => Math.abs(value) > 2 * Math.sqrt(2 / IN)).length / weight.length;
    assert.ok(Math.abs(beyond - 0.0455) < 0.012, `${beyond} lie beyond 2σ`);
  });

  it("xavier: uniform with the bound √(6/(fanIn + fanOut))", () => {
    const weight = drawn({ kind: "xavier" })("conv.weight");
    const bound = Math.sqrt(6 / (IN + OUT * 25));
    assertDistributed(weight, bound / Math.sqrt(3));
    assert.ok(
      weight.every((value) => Math.abs(value) <= bound) && weight.some((value) => Math.abs(value) > 0.99 * bound),
    );
  });

  it("normal: with the deviation asked for", () =>
    assertDistributed(drawn({ kind: "normal", deviation: 0.02 })("conv.weight"), 0.02));

  it("pytorch: uniform with the bound 1/√fanIn, and what is drawn when nothing is asked for", () => {
    assertDistributed(drawn({ kind: "pytorch" })("conv.weight"), 1 / Math.sqrt(3 * IN));
    assert.deepEqual(drawn({ kind: "pytorch" })("out.bias"), drawn(undefined)("out.bias"));
  });

  for (const [name, rows, columns] of [
    ["conv.weight", OUT, IN],
    ["out.weight", 10, OUT],
  ] as const) {
    it(`orthogonal: rows of ${name} are orthonormal`, () => {
      const weight = drawn({ kind: "orthogonal" })(name);
      for (let a = 0; a < rows; a++) {
        for (let b = 0; b <= a; b++) {
          const product = weight
            .subarray(a * columns, (a + 1) * columns)
            .reduce((sum, value, index) => sum + value * (weight[b * columns + index] ?? NaN), 0);
          assert.ok(Math.abs(product - Number(a === b)) < 1e-6, `row ${a} · row ${b} = ${product}`);
        }
      }
    });
  }

  it("start biases at 0 and γ, β at 1, 0; each layer draws from its own stream", () => {
    for (const initialize of [{ kind: "he" }, { kind: "orthogonal" }] as const) {
      const read = drawn(initialize);
      assert.ok([...read("conv.bias"), ...read("out.bias"), ...read("bn.bias")].every((value) => value === 0));
      assert.ok(read("bn.weight").every((value) => value === 1));
      assert.deepEqual(read("out.weight"), drawn(initialize)("out.weight"));
      assert.notDeepEqual(read("out.weight"), drawn(initialize, 2)("out.weight"));
    }
  });
});
