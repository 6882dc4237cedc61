import { strict as assert } from "node:assert";
import { readSamples } from "../../../engine/nn/activationBuffer";
import { Random } from "../../../engine/nn/random";
import { chooseKernels } from "../../../engine/training/chooseKernels";
import { TrainingSession } from "../../../engine/training/session";
import { stateDict } from "../../../engine/training/stateDict";
import { graphOf, net, read } from "../source/helpers";

function start(norm: string): TrainingSession {
  const graph = graphOf(
    read(net(`self.norm = ${norm}\nself.out = nn.Linear(4, 3)`, "return self.out(self.norm(x))"), { inputs: [[4]] }),
  );
  return new TrainingSession({ graph, batchSize: 6, optimizer: "sgd", seed: 1, kernels: chooseKernels() });
}

function forward(session: TrainingSession, mode: "train" | "batch" | "running" | "population", seed = 1): Float32Array {
  const random = new Random(seed);
  const samples = Float32Array.from({ length: 24 }, () => 3 + random.normal());
  session.forwardLoss(session.network, mode, { count: 6, samples, labels: new Int32Array(6) });
  return readSamples(session.arena, session.network.output, 6);
}

describe("Batch normalization without running statistics", () => {
  it("uses its batch in every mode, and keeps nothing", () => {
    const session = start("nn.BatchNorm1d(4, track_running_stats=False)");
    const trained = forward(session, "train");
    for (const mode of ["batch", "running", "population"] as const)
      assert.deepEqual(forward(session, mode), trained, mode);
    assert.deepEqual(
      stateDict(session).map(({ name }) => name),
      ["norm.weight", "norm.bias", "out.weight", "out.bias"],
    );
    assert.deepEqual(session.norms, []);
  });
});

describe("Batch normalization without momentum", () => {
  it("averages over all batches", () => {
    const session = start("nn.BatchNorm1d(4, momentum=None)");
    const [norm] = session.norms;
    assert.ok(norm);
    const means: Float32Array[] = [];
    for (const seed of [1, 2, 3]) {
      forward(session, "train", seed);
      means.push(session.channelVector(norm, norm.batchStatistics.mean).slice());
    }
    const running = session.channelVector(norm, norm.state.running.mean);
    running.forEach((value, channel) =>
      assert.ok(Math.abs(value - means.reduce((sum, mean) => sum + (mean[channel] ?? NaN), 0) / 3) < 1e-6),
    );
    assert.equal(session.batchesTracked("norm"), 3n);
  });
  it("continues from a count that was loaded", () => {
    const session = start("nn.BatchNorm1d(4, momentum=None)");
    const [norm] = session.norms;
    assert.ok(norm);
    session.setBatchesTracked("norm", 999n);
    forward(session, "train");
    assert.ok(session.channelVector(norm, norm.state.running.mean).every((value) => Math.abs(value) < 0.01));
    assert.equal(session.batchesTracked("norm"), 1000n);
  });
});
