import { strict as assert } from "node:assert";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BatchReader } from "../../../engine/data/batches";
import { openDataset } from "../../../engine/data/openDataset";
import { ProblemError } from "../../../engine/protocol/problems";
import type { TrainConfig } from "../../../engine/protocol/trainConfig";
import { decodeSafetensors } from "../../../engine/runs/safetensors";
import { writeWeights } from "../../../engine/training/checkpoint";
import { chooseKernels } from "../../../engine/training/chooseKernels";
import { recalibrate } from "../../../engine/training/recalibrate";
import { TrainingSession } from "../../../engine/training/session";
import { stateDict } from "../../../engine/training/stateDict";
import { digitsMlp } from "../support/graphs";

const config: TrainConfig = {
  data: "digits",
  normalize: null,
  steps: 1,
  batchSize: 100,
  learningRate: 0.1,
  optimizer: "sgd",
  seed: 1,
};

describe("recalibration", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "normlens-recalibrate-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it("sets running statistics to those of the whole training set, and nothing else", async () => {
    const graph = digitsMlp({ width: 4 });
    const session = new TrainingSession({ ...config, graph, kernels: chooseKernels() });
    const [checkpoint, target] = [join(folder, "a.safetensors"), join(folder, "b.safetensors")];
    writeWeights(checkpoint, session);
    const { samples } = await recalibrate({ graph, config, checkpoint, target, samples: 6050 }, chooseKernels());
    assert.equal(samples, 6000);
    const decoded = decodeSafetensors(readFileSync(target));
    assert.ok("tensors" in decoded);
    const isRunning = (name: string): boolean => name.includes("running");
    assert.deepEqual(
      decoded.tensors.filter(({ name }) => !isRunning(name)),
      stateDict(session).filter(({ name }) => !isRunning(name)),
    );
    // The first layer's outputs over all samples at once: their mean, and their mean square minus its square.
    const { train, shape } = openDataset("digits");
    const { samples: pixels } = new BatchReader(train, shape, 6000, null).read(
      Uint32Array.from({ length: 6000 }, (_, index) => index),
    );
    const [weight, bias] = [session.parameters.read("fc1.weight"), session.parameters.read("fc1.bias")];
    for (let unit = 0; unit < 4; unit++) {
      const outputs = Float64Array.from({ length: 6000 }, (_, sample) =>
        pixels
          .subarray(sample * 784, (sample + 1) * 784)
          .reduce((sum, pixel, index) => sum + pixel * (weight[unit * 784 + index] ?? NaN), bias[unit] ?? NaN),
      );
      const mean = outputs.reduce((sum, value) => sum + value, 0) / 6000;
      const variance = outputs.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 6000;
      const found = (key: string): number =>
        Number(decoded.tensors.find(({ name }) => name === `bn1.${key}`)?.values[unit]);
      assert.ok(Math.abs(found("running_mean") - mean) < 1e-5, `${found("running_mean")} ${mean}`);
      assert.ok(Math.abs(found("running_var") - variance) < 1e-5 * variance, `${found("running_var")} ${variance}`);
    }
  });

  it("has nothing to do for a model without BN", async () => {
    const options = {
      graph: digitsMlp({ normalized: false }),
      config,
      checkpoint: "none",
      target: "none",
      samples: 100,
    };
    await assert.rejects(
      recalibrate(options, chooseKernels()),
      (error) => error instanceof ProblemError && error.problem.code === "no-running-statistics",
    );
  });
});
