// Central differences on whole small networks: an independent check of forward beside backward, on every kernel.
import { strict as assert } from "node:assert";
import { writeSamples } from "../../../engine/nn/activationBuffer";
import { Random } from "../../../engine/nn/random";
import type { LayerOp } from "../../../engine/protocol/layerOps";
import { usableKernels } from "../../../engine/training/chooseKernels";
import { TrainingSession } from "../../../engine/training/session";
import { batchNorm, chain, flatten, linear, relu, sigmoid } from "../support/graphs";
import { sampleNetworks } from "../support/sampleNetworks";

const conv = (inChannels: number, outChannels: number, stride: number): LayerOp => ({
  kind: "conv2d",
  inChannels,
  outChannels,
  kernelSize: [3, 3],
  stride: [stride, stride],
  padding: [1, 1],
  dilation: [1, 1],
  groups: 1,
  bias: true,
});
// Maxima have kinks that no central difference sees past: max pooling is checked against PyTorch only.
const averagePool = (size: number): LayerOp => ({ kind: "adaptiveAvgPool2d", outputSize: [size, size] });

const networks = {
  ...sampleNetworks,
  "linear, BN, sigmoid": chain(
    [6],
    [
      { name: "fc1", op: linear(6, 9), outputShape: [9] },
      { name: "bn", op: batchNorm(9), outputShape: [9] },
      { name: "act", op: sigmoid, outputShape: [9] },
      { name: "out", op: linear(9, 4), outputShape: [4] },
    ],
  ),
  "conv, BN, average pools": chain(
    [2, 8, 8],
    [
      { name: "conv1", op: conv(2, 5, 1), outputShape: [5, 8, 8] },
      { name: "bn", op: { ...batchNorm(5), kind: "batchNorm", spatialDims: 2 }, outputShape: [5, 8, 8] },
      { name: "pool", op: averagePool(4), outputShape: [5, 4, 4] },
      { name: "conv2", op: conv(5, 6, 2), outputShape: [6, 2, 2] },
      { name: "act", op: sigmoid, outputShape: [6, 2, 2] },
      { name: "average", op: averagePool(2), outputShape: [6, 2, 2] },
      { name: "flat", op: flatten, outputShape: [24] },
      { name: "out", op: linear(24, 3), outputShape: [3] },
    ],
  ),
  // From so many outputs on the weight gradient goes another way.
  "wide linear, sigmoid": chain(
    [13],
    [
      { name: "fc1", op: linear(13, 260), outputShape: [260] },
      { name: "act", op: sigmoid, outputShape: [260] },
      { name: "out", op: linear(260, 3), outputShape: [3] },
    ],
  ),
  "linear, ReLU": chain(
    [5],
    [
      { name: "fc1", op: linear(5, 7), outputShape: [7] },
      { name: "act", op: relu, outputShape: [7] },
      { name: "out", op: linear(7, 3), outputShape: [3] },
    ],
  ),
};

const BATCH = 6;
const STEP = 1e-2;

for (const kernels of usableKernels()) {
  describe(`gradients against central differences, ${kernels.module} ${kernels.wide ? 16 : 8}`, () => {
    for (const [name, graph] of Object.entries(networks)) {
      it(name, () => {
        const session = new TrainingSession({ graph, batchSize: BATCH, optimizer: "sgd", seed: 4, kernels });
        const { network, parameters, arena } = session;
        const random = new Random(11, name);
        const size = (graph.inputs[0]?.shape ?? []).reduce((product, length) => product * length, 1);
        writeSamples(
          arena,
          network.input,
          Float32Array.from({ length: BATCH * size }, () => random.normal()),
          BATCH,
        );
        arena.integers(network.labels, BATCH).forEach((_, index, labels) => (labels[index] = index % 3));
        const loss = (): number => {
          network.forward("batch", BATCH);
          return network.loss(BATCH);
        };
        loss();
        network.backward(BATCH);
        for (const { name: parameter } of parameters.specs) {
          const gradient = parameters.read(parameter, "gradients");
          const values = parameters.read(parameter);
          // A random direction checks all elements of a tensor at once, and f32 noise averages out.
          const direction = Float32Array.from(values, () => (random.uniform() < 0.5 ? -1 : 1));
          const moved = (sign: number): number => {
            parameters.write(
              parameter,
              values.map((value, index) => value + (sign * STEP * (direction[index] ?? 0)) / Math.sqrt(values.length)),
            );
            return loss();
          };
          const measured = (moved(1) - moved(-1)) / (2 * STEP);
          parameters.write(parameter, values);
          const expected =
            gradient.reduce((sum, value, index) => sum + value * (direction[index] ?? 0), 0) / Math.sqrt(values.length);
          assert.ok(
            Math.abs(measured - expected) < 2e-3 * Math.max(0.05, Math.abs(expected)) + 2e-4,
            `${parameter}: measured ${measured}, computed ${expected}`,
          );
        }
      });
    }
  });
}
