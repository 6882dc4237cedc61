// Ghost batch normalization and batch renormalization against what they are made of, instance normalization's running
// statistics, and what is refused.
import { strict as assert } from "node:assert";
import * as fc from "fast-check";
import { trainabilityProblems } from "../../../engine/graph/trainable";
import { readSamples } from "../../../engine/nn/activationBuffer";
import { limitsAfter } from "../../../engine/nn/batchRenorm";
import { Random } from "../../../engine/nn/random";
import { describeProblem } from "../../../engine/protocol/problems";
import type { LayerOp, NormStatistics } from "../../../engine/protocol/layerOps";
import { chooseKernels } from "../../../engine/training/chooseKernels";
import { dataProblem } from "../../../engine/training/dataFit";
import { TrainingSession } from "../../../engine/training/session";
import { loadStateDict, stateDict } from "../../../engine/training/stateDict";
import { batchNorm, chain, digitsMlp, linear } from "../support/graphs";
import { stripes } from "../support/smallDataset";
import { graphOf, net, read } from "../source/helpers";

const FEATURES = 5;
const kernels = chooseKernels();

function start(batchSize: number, statistics?: NormStatistics): TrainingSession {
  const op: LayerOp = { ...batchNorm(FEATURES, 0.3), ...(statistics === undefined ? {} : { statistics }) };
  const graph = chain(
    [FEATURES],
    [
      { name: "bn", op, outputShape: [FEATURES] },
      { name: "out", op: linear(FEATURES, 3), outputShape: [3] },
    ],
  );
  return new TrainingSession({ graph, batchSize, optimizer: "sgd", seed: 1, kernels });
}

const samplesOf = (count: number, seed: number): Float32Array => {
  const random = new Random(seed);
  return Float32Array.from({ length: count * FEATURES }, () => 2 + random.normal());
};

function pass(
  session: TrainingSession,
  samples: Float32Array,
  mode: "train" | "batch" | "running" = "train",
): Float32Array {
  const count = samples.length / FEATURES;
  session.forwardLoss(session.network, mode, {
    count,
    samples,
    labels: Int32Array.from({ length: count }, (_, index) => index % 3),
  });
  session.network.backward(count);
  const [norm] = session.network.layers;
  assert.ok(norm);
  return readSamples(session.arena, norm.output, count);
}

const gradientsOf = ({ parameters }: TrainingSession): Float32Array[] =>
  parameters.specs.map(({ name }) => parameters.read(name, "gradients"));

describe("Ghost batch normalization", () => {
  it("is batch normalization of each virtual batch in turn", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 6 }),
        fc.integer({ min: 2, max: 4 }),
        fc.integer({ min: 0, max: 1000 }),
        (virtual, batches, seed) => {
          const count = virtual * batches;
          const samples = samplesOf(count, seed);
          const ghost = start(count, { rule: "ghost", samples: virtual });
          const plain = start(virtual);
          const found = pass(ghost, samples);
          for (let batch = 0; batch < batches; batch++) {
            const part = [batch * virtual * FEATURES, (batch + 1) * virtual * FEATURES] as const;
            assert.deepEqual(found.slice(...part), pass(plain, samples.slice(...part)));
          }
          assert.deepEqual(stateDict(ghost), stateDict(plain));
        },
      ),
      { numRuns: 20 },
    );
  });
  it("is batch normalization bit for bit where a virtual batch is the whole batch", () => {
    const [ghost, plain] = [start(6, { rule: "ghost", samples: 6 }), start(6)];
    const samples = samplesOf(6, 1);
    assert.deepEqual(pass(ghost, samples), pass(plain, samples));
    assert.deepEqual([gradientsOf(ghost), stateDict(ghost)], [gradientsOf(plain), stateDict(plain)]);
  });
  it("reports the statistics of the whole batch", () => {
    const [ghost, plain] = [start(7, { rule: "ghost", samples: 3 }), start(7)];
    const statisticsOf = (session: TrainingSession): number[] => {
      pass(session, samplesOf(7, 3));
      const [norm] = session.norms;
      assert.ok(norm);
      return [norm.batchStatistics.mean, norm.batchStatistics.variance].flatMap((address) => [
        ...session.channelVector(norm, address),
      ]);
    };
    const expected = statisticsOf(plain);
    statisticsOf(ghost).forEach((value, index) =>
      assert.ok(Math.abs(value - (expected[index] ?? NaN)) < 1e-5, `${value}, ${expected[index]}`),
    );
  });
  it("refuses a virtual batch of one sample of features", () => {
    const graph = digitsMlp({ statistics: { rule: "ghost", samples: 8 } });
    const problem = (batchSize: number, keepLast = false): string | null => {
      const found = dataProblem(graph, stripes(90), {
        data: "stripes",
        normalize: null,
        length: { steps: 1 },
        batchSize,
        learningRate: 0.1,
        optimizer: "sgd",
        seed: 1,
        keepLast,
      });
      return found === null ? null : describeProblem(found).sentence;
    };
    assert.deepEqual([problem(16), problem(20), problem(20, true)], [null, null, null]);
    assert.match(problem(17) ?? "", /^A batch of 17 in virtual batches of 8 .*bn1 \(line 3\)/);
    assert.match(problem(73, true) ?? "", /^A batch of 73 /);
    assert.match(problem(27, true) ?? "", /^A batch of 9 in virtual batches of 8 /);
  });
});

describe("Batch renormalization", () => {
  const limits = { rMax: 3, dMax: 5, plainUpdates: 0 };
  it("computes what evaluation does where nothing is clipped", () => {
    const session = start(8, { rule: "renorm", rMax: 100, dMax: 100, plainUpdates: 0 });
    for (let step = 0; step < 4; step++) pass(session, samplesOf(8, step));
    const trained = pass(session, samplesOf(8, 9), "batch");
    pass(session, samplesOf(8, 9), "running").forEach((value, index) =>
      assert.ok(Math.abs(value - (trained[index] ?? NaN)) < 1e-5),
    );
  });
  it("is batch normalization bit for bit until its limits open", () => {
    const [renorm, plain] = [start(8, { rule: "renorm", ...limits, plainUpdates: 3 }), start(8)];
    for (let step = 0; step < 4; step++) {
      const samples = samplesOf(8, step);
      assert.deepEqual(pass(renorm, samples), pass(plain, samples), `step ${step}`);
      assert.deepEqual([gradientsOf(renorm), stateDict(renorm)], [gradientsOf(plain), stateDict(plain)]);
    }
    assert.notDeepEqual(pass(renorm, samplesOf(8, 4)), pass(plain, samplesOf(8, 4)));
  });
  it("opens its limits as the paper does", () => {
    const paper = { rMax: 3, dMax: 5, plainUpdates: 5000 };
    const at = (updates: number): number[] => Object.values(limitsAfter(paper, updates));
    assert.deepEqual(
      [at(0), at(5000), at(15_000), at(25_000), at(40_000), at(90_000)],
      [
        [1, 0],
        [1, 0],
        [1 + 4 / 7, 2.5],
        [1 + 8 / 7, 5],
        [3, 5],
        [3, 5],
      ],
    );
    assert.deepEqual(limitsAfter(limits, 0), { rMax: 3, dMax: 5 });
  });
});

describe("Instance normalization", () => {
  const INIT = "self.n = nn.InstanceNorm1d(4, affine=True, track_running_stats=True)\nself.z = nn.Linear(4, 3)";
  const trained = (seed: number): TrainingSession =>
    new TrainingSession({
      graph: graphOf(
        read(net(INIT, "return self.z(self.n(x).max(2)[0] if False else self.n(x).mean(2))"), { inputs: [[4, 6]] }),
      ),
      batchSize: 2,
      optimizer: "sgd",
      seed,
      kernels,
    });

  it("keeps its running statistics in the state_dict, and takes them from one", () => {
    const session = trained(1);
    const batch = {
      count: 2,
      samples: Float32Array.from({ length: 48 }, (_, index) => index % 7),
      labels: Int32Array.of(0, 1),
    };
    session.trainStep(batch, 0.1);
    const state = stateDict(session);
    assert.deepEqual(
      state.map(({ name }) => name),
      ["n.weight", "n.bias", "n.running_mean", "n.running_var", "n.num_batches_tracked", "z.weight", "z.bias"],
    );
    assert.ok(state.find(({ name }) => name === "n.running_mean")?.values.some((value) => Number(value) !== 0));
    const other = trained(2);
    assert.equal(loadStateDict(other, state), null);
    assert.deepEqual(stateDict(other), state);
    const outputs = [session, other].map((each) => {
      each.forwardLoss(each.observer, "running", batch);
      return readSamples(each.arena, each.observer.output, 2);
    });
    assert.deepEqual(outputs[0], outputs[1]);
    assert.deepEqual(session.norms, [], "no batch normalization");
  });
  it("refuses what PyTorch does", () => {
    const details = (norm: string, input: number[]): string[] =>
      trainabilityProblems(
        graphOf(read(net(`self.n = ${norm}`, "return self.n(x).flatten(1)"), { inputs: [input] })),
      ).map((problem) =>
        "detail" in problem ? problem.detail : "expected" in problem ? problem.expected : problem.code,
      );
    assert.deepEqual(details("nn.InstanceNorm2d(4)", [4, 1, 1]), [
      "it normalizes over a single position, which PyTorch refuses",
    ]);
    assert.deepEqual(details("nn.InstanceNorm2d(3)", [4, 2, 2]), []);
    assert.deepEqual(details("nn.InstanceNorm2d(3, affine=True)", [4, 2, 2]), ["3 channels × height × width"]);
    assert.deepEqual(details("nn.InstanceNorm1d(3, track_running_stats=True)", [4, 2]), ["3 channels × length"]);
    assert.deepEqual(details("nn.InstanceNorm1d(4, track_running_stats=True, momentum=None)", [4, 2]), [
      "PyTorch keeps no running statistics for it without a momentum",
    ]);
    assert.deepEqual(details("nn.InstanceNorm1d(4, momentum=None)", [4, 2]), []);
    assert.deepEqual(details("nn.InstanceNorm1d(4)", [4, 2, 2]), ["4 channels × length"]);
    assert.deepEqual(details("nn.LayerNorm([3, 2])", [4, 2, 2]), ["last axes of 3×2"]);
    assert.deepEqual(details("nn.LayerNorm([2, 2])", [4, 2, 2]), []);
    assert.deepEqual(details("nn.LayerNorm(2, bias=False)", [4, 2]), ["LayerNorm is not supported yet"]);
  });
});
