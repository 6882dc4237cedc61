import { strict as assert } from "node:assert";
import { readSamples, writeSamples } from "../../../engine/nn/activationBuffer";
import type { KernelChoice } from "../../../engine/nn/kernels/kernels";
import { Random } from "../../../engine/nn/random";
import type { LayerOp } from "../../../engine/protocol/layerOps";
import { chooseKernels, usableKernels } from "../../../engine/training/chooseKernels";
import { TrainingSession } from "../../../engine/training/session";
import { chain, flatten, linear } from "../support/graphs";

const SHAPE = [6, 9, 7];
const SIZE = 6 * 9 * 7;
const BATCH = 8;

interface Options {
  /** The same values as images or as sequences. */
  readonly isSequence?: boolean;
  readonly rate: number;
  readonly isPerChannel?: boolean;
  readonly seed?: number;
  readonly kernels?: KernelChoice;
}

/**
 * A convolution that adds 1 and changes nothing else before dropout, so that every value that is kept differs from
 * zero.
 */
function start({
  rate,
  isPerChannel = false,
  isSequence = false,
  seed = 1,
  kernels = chooseKernels(),
}: Options): TrainingSession {
  const shape = isSequence ? [6, 63] : SHAPE;
  const dropout: LayerOp = { kind: "dropout", rate, isPerChannel, followsMode: true };
  const conv: LayerOp = {
    kind: "conv2d",
    ...(isSequence ? { spatialDims: 1 } : {}),
    inChannels: 6,
    outChannels: 6,
    kernelSize: [1, 1],
    stride: [1, 1],
    padding: [0, 0],
    dilation: [1, 1],
    groups: 1,
    bias: true,
  };
  const graph = chain(shape, [
    { name: "first", op: conv, outputShape: shape },
    { name: "drop", op: dropout, outputShape: shape },
    { name: "flat", op: flatten, outputShape: [SIZE] },
    { name: "out", op: linear(SIZE, 3), outputShape: [3] },
  ]);
  const session = new TrainingSession({ graph, batchSize: BATCH, optimizer: "sgd", seed, kernels });
  session.parameters.write("first.weight", new Float32Array(36));
  session.parameters.write("first.bias", new Float32Array(6).fill(1));
  writeSamples(
    session.arena,
    session.network.input,
    Float32Array.from({ length: BATCH * SIZE }, (_, index) => index % 5),
    BATCH,
  );
  return session;
}

/** What dropout makes of ones in the pass of this number. */
function dropped(session: TrainingSession, pass = 1, mode: "train" | "batch" | "running" = "train"): Float32Array {
  session.passes.count = pass;
  session.network.forward(mode, BATCH);
  const output = session.network.layers.find(({ layer }) => layer.name === "drop")?.output;
  assert.ok(output);
  return readSamples(session.arena, output, BATCH);
}

describe("Dropout", () => {
  for (const rate of [0.1, 0.5, 0.8]) {
    it(`drops a share of ${rate} and scales the rest`, () => {
      const values = [1, 2, 3, 4, 5, 6, 7, 8].flatMap((pass) => [...dropped(start({ rate }), pass)]);
      const kept = values.filter((value) => value !== 0);
      const deviation = Math.sqrt((rate * (1 - rate)) / values.length);
      assert.ok(
        Math.abs(kept.length / values.length - (1 - rate)) < 4 * deviation,
        `kept ${kept.length} of ${values.length}`,
      );
      assert.ok(kept.every((value) => value === Math.fround(1 / (1 - rate))));
    });
  }
  it("keeps all at rate 0 and nothing at rate 1", () => {
    assert.ok(dropped(start({ rate: 0 })).every((value) => value === 1));
    assert.ok(dropped(start({ rate: 1 })).every((value) => value === 0));
  });
  it("does nothing but in training", () => {
    const session = start({ rate: 0.5 });
    for (const mode of ["batch", "running"] as const)
      assert.ok(
        dropped(session, 1, mode).every((value) => value === 1),
        mode,
      );
  });
  it("draws differently in every pass, for every seed and every sample, and reproducibly", () => {
    const session = start({ rate: 0.5 });
    const first = dropped(session, 1);
    assert.deepEqual(dropped(session, 1), first);
    assert.deepEqual(dropped(start({ rate: 0.5 }), 1), first);
    assert.notDeepEqual(dropped(session, 2), first);
    assert.notDeepEqual(dropped(start({ rate: 0.5, seed: 2 }), 1), first);
    assert.notDeepEqual(first.slice(0, SIZE), first.slice(SIZE, 2 * SIZE));
    // Neighbours agree as often as they would by chance.
    const agreeing = first.filter((value, index) => value === first[index + 1]).length;
    assert.ok(Math.abs(agreeing / first.length - 0.5) < 0.03, `${agreeing} of ${first.length}`);
  });
  it("is the same on every kernel", () => {
    const [first, ...others] = usableKernels().map((kernels) => dropped(start({ rate: 0.3, kernels })));
    for (const other of others) assert.deepEqual(other, first);
  });
  it("drops whole channels of a sample", () => {
    const values = dropped(start({ rate: 0.5, isPerChannel: true }));
    const channels = Array.from(
      { length: BATCH * 6 },
      (_, channel) => new Set(values.slice(channel * 63, (channel + 1) * 63)),
    );
    assert.ok(channels.every((kinds) => kinds.size === 1));
    assert.deepEqual(new Set(channels.flatMap((kinds) => [...kinds])), new Set([0, 2]));
  });
  it("drops of a sequence what it drops of an image, whole channels too", () => {
    for (const isPerChannel of [false, true])
      assert.deepEqual(
        dropped(start({ rate: 0.5, isPerChannel, isSequence: true })),
        dropped(start({ rate: 0.5, isPerChannel })),
      );
  });
  for (const isPerChannel of [false, true]) {
    it(`lets the gradient through where it lets the value through${isPerChannel ? ", by channel" : ""}`, () => {
      const session = start({ rate: 0.4, isPerChannel });
      const { network, parameters, arena } = session;
      const random = new Random(3);
      parameters.write(
        "first.weight",
        Float32Array.from({ length: 36 }, () => random.normal()),
      );
      arena.integers(network.labels, BATCH).forEach((_, index, labels) => (labels[index] = index % 3));
      const loss = (): number => {
        network.forward("train", BATCH);
        return network.loss(BATCH);
      };
      loss();
      network.backward(BATCH);
      const gradient = parameters.read("first.bias", "gradients");
      const bias = parameters.read("first.bias");
      for (const [channel, value] of bias.entries()) {
        const moved = (by: number): number => {
          parameters.write(
            "first.bias",
            bias.map((before, index) => (index === channel ? value + by : before)),
          );
          return loss();
        };
        const measured = (moved(0.02) - moved(-0.02)) / 0.04;
        assert.ok(
          Math.abs(measured - (gradient[channel] ?? NaN)) < 2e-3,
          `channel ${channel}: measured ${measured}, computed ${gradient[channel] ?? NaN}`,
        );
      }
    });
  }
});
