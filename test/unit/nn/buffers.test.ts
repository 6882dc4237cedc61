// What the layers may rely on: padding columns and halos stay zero, and the size of a buffer changes no result.
import { strict as assert } from "node:assert";
import { type ActivationBuffer, readSamples, writeSamples } from "../../../engine/nn/activationBuffer";
import { Random } from "../../../engine/nn/random";
import type { ModelGraph } from "../../../engine/protocol/modelGraph";
import { chooseKernels, usableKernels } from "../../../engine/training/chooseKernels";
import { TrainingSession } from "../../../engine/training/session";
import { chain, linear } from "../support/graphs";
import { sampleNetworks } from "../support/sampleNetworks";

function pass(
  graph: ModelGraph,
  batchSize: number,
  count: number,
  kernels = chooseKernels(),
  keepGradients = false,
): TrainingSession {
  const session = new TrainingSession({ graph, batchSize, optimizer: "sgd", seed: 4, kernels, keepGradients });
  const { network, arena } = session;
  const size = (graph.inputs[0]?.shape ?? []).reduce((product, length) => product * length, 1);
  // Twice, the first time with all samples: what an earlier pass left must not matter.
  for (const samples of [batchSize, count]) {
    const random = new Random(samples);
    writeSamples(
      arena,
      network.input,
      Float32Array.from({ length: samples * size }, () => random.normal()),
      samples,
    );
    arena.integers(network.labels, samples).forEach((_, index, labels) => (labels[index] = index % 3));
    network.forward("batch", samples);
    network.loss(samples);
    network.backward(samples);
  }
  return session;
}

/**
 * The sum of absolute values that must not be there: between the channels of a position and the next, and around
 * images.
 */
function strays({ arena }: TrainingSession, buffer: ActivationBuffer, count: number): number {
  const { base, image, row, position, halo, height, width, channels } = buffer;
  const start = base - halo.top * row - halo.left * position;
  const total = arena.floats(start, (count * image) / 4).reduce((sum, value) => sum + Math.abs(value), 0);
  let own = 0;
  for (let sample = 0; sample < count; sample++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++)
        own = arena
          .floats(base + sample * image + y * row + x * position, channels)
          .reduce((sum, value) => sum + Math.abs(value), own);
    }
  }
  return Math.abs(total - own) / Math.max(1, total);
}

describe("Buffers of activations and gradients", () => {
  for (const [name, graph] of Object.entries(sampleNetworks)) {
    it(`are zero beside their values: ${name}`, () => {
      const session = pass(graph, 5, 5);
      for (const { layer, output, outputGradient } of session.network.layers) {
        for (const buffer of [output, outputGradient])
          assert.ok(buffer === null || strays(session, buffer, 5) < 1e-9, layer.name);
      }
    });
    it(`contain the same bits for every tile width: ${name}`, () => {
      for (const module of ["fma", "plain"] as const) {
        const [first, ...others] = usableKernels()
          .filter((kernels) => kernels.module === module)
          .map((kernels) => {
            const session = pass(graph, 5, 5, kernels);
            return session.parameters.specs.map(({ name: parameter }) =>
              session.parameters.read(parameter, "gradients"),
            );
          });
        for (const other of others) assert.deepEqual(other, first, module);
      }
    });
    it(`may be larger than a batch: ${name}`, () => {
      const [large, exact] = [pass(graph, 7, 4), pass(graph, 4, 4)];
      assert.deepEqual(
        readSamples(large.arena, large.network.output, 4),
        readSamples(exact.arena, exact.network.output, 4),
      );
      for (const { name: parameter } of exact.parameters.specs)
        assert.deepEqual(
          large.parameters.read(parameter, "gradients"),
          exact.parameters.read(parameter, "gradients"),
          parameter,
        );
    });
    it(`give the same gradients where memory is used again within a step: ${name}`, () => {
      const [kept, reused] = [pass(graph, 5, 5, chooseKernels(), true), pass(graph, 5, 5)];
      for (const { name: parameter } of kept.parameters.specs)
        assert.deepEqual(
          reused.parameters.read(parameter, "gradients"),
          kept.parameters.read(parameter, "gradients"),
          parameter,
        );
    });
    it(`give the same output where values are kept and where they are not: ${name}`, () => {
      const session = pass(graph, 5, 5);
      const { network, observer, arena } = session;
      const random = new Random(9);
      const samples = Float32Array.from(
        { length: 5 * (graph.inputs[0]?.shape ?? []).reduce((product, length) => product * length, 1) },
        () => random.normal(),
      );
      for (const watched of [network, observer, observer]) {
        writeSamples(arena, watched.input, samples, 5);
        watched.forward("running", 5);
      }
      assert.deepEqual(readSamples(arena, observer.output, 5), readSamples(arena, network.output, 5));
    });
  }

  it("are fewer than the layers where these are alike", () => {
    const layers = Array.from({ length: 8 }, (_, index) => ({
      name: `fc${index}`,
      op: linear(64, 64),
      outputShape: [64],
    }));
    const bytes = (count: number, keepGradients: boolean): number =>
      pass(chain([64], layers.slice(0, count)), 128, 128, chooseKernels(), keepGradients).arena.bytes;
    const buffer = 128 * 64 * 4;
    const saved = (count: number): number => bytes(count, true) - bytes(count, false);
    assert.ok(saved(8) > 5 * buffer, `${saved(8)} bytes`);
  });
});
