import { strict as assert } from "node:assert";
import type { Dataset, SampleSet } from "../../../engine/data/dataset";
import { predictedLabels } from "../../../engine/nn/outputLoss";
import { Random } from "../../../engine/nn/random";
import type { LayerOp } from "../../../engine/protocol/layerOps";
import type { ModelGraph } from "../../../engine/protocol/modelGraph";
import type { AnyRecord, EvalRecord, GapRecord } from "../../../engine/protocol/records";
import { type LossName, type TrainRequest, defaultTrainRequest } from "../../../engine/protocol/trainConfig";
import { KeptNumbers } from "../support/keptNumbers";
import { lastRecord } from "../../../engine/runs/lastRecord";
import { asRead } from "../support/readRecords";
import { chooseKernels } from "../../../engine/training/chooseKernels";
import { dataProblem } from "../../../engine/training/dataFit";
import { RunControl } from "../../../engine/training/runControl";
import { TrainingSession } from "../../../engine/training/session";
import { runTrainLoop } from "../../../engine/training/trainLoop";
import { batchNorm, chain, relu } from "../support/graphs";

const SIZE = 6;

const conv = (inChannels: number, outChannels: number): LayerOp => ({
  kind: "conv2d",
  inChannels,
  outChannels,
  kernelSize: [3, 3],
  stride: [1, 1],
  padding: [1, 1],
  dilation: [1, 1],
  groups: 1,
  bias: true,
});

/** An image network: one value per output and position, or their mean over the image. */
function imageNetwork(outputs: number, pooled: boolean): ModelGraph {
  return chain(
    [1, SIZE, SIZE],
    [
      { name: "conv1", op: conv(1, 6), outputShape: [6, SIZE, SIZE] },
      { name: "bn1", op: { ...batchNorm(6), spatialDims: 2 }, outputShape: [6, SIZE, SIZE] },
      { name: "act1", op: relu, outputShape: [6, SIZE, SIZE] },
      { name: "conv2", op: conv(6, outputs), outputShape: [outputs, SIZE, SIZE] },
      ...(pooled
        ? [
            {
              name: "pool",
              op: { kind: "adaptiveAvgPool2d", outputSize: [1, 1] } as LayerOp,
              outputShape: [outputs, 1, 1],
            },
          ]
        : []),
    ],
  );
}

/** Noise of two brightnesses: half of the pixels with a label each, or whole images with one. */
function brightness(perPosition: boolean, classes = 2): Dataset {
  const draw = (count: number, seed: number): SampleSet => {
    const random = new Random(seed, "brightness");
    const pixels = SIZE * SIZE;
    const labels = Uint8Array.from({ length: perPosition ? count * pixels : count }, () => random.integer(classes));
    const images = Uint8Array.from(
      { length: count * pixels },
      (_, pixel) =>
        (labels[perPosition ? pixel : Math.floor(pixel / pixels)] ?? 0) * Math.floor(180 / (classes - 1)) +
        random.integer(60),
    );
    return { count, values: images, labels };
  };
  return {
    name: "brightness",
    shape: [1, SIZE, SIZE],
    classes,
    ...(perPosition ? { labelShape: [SIZE, SIZE] as const } : {}),
    train: draw(200, 1),
    test: draw(50, 2),
  };
}

const requestOf = (loss: LossName): TrainRequest => ({ ...defaultTrainRequest, batchSize: 20, loss });

async function train(
  graph: ModelGraph,
  dataset: Dataset,
  loss: LossName,
  learningRate: number,
): Promise<{ evaluation: EvalRecord; gap: GapRecord }> {
  assert.equal(dataProblem(graph, dataset, requestOf(loss)), null);
  const config = {
    data: "",
    normalize: null,
    steps: 150,
    batchSize: 20,
    learningRate,
    optimizer: "momentum",
    seed: 1,
    loss,
  } as const;
  const session = new TrainingSession({ ...config, graph, kernels: chooseKernels() });
  const records: AnyRecord[] = [];
  await runTrainLoop({
    session,
    config,
    dataset,
    control: new RunControl(),
    numbers: new KeptNumbers(),
    record: (record) => records.push(asRead(record)),
    stepped: () => undefined,
  });
  const evaluation = lastRecord(records, "eval");
  const gap = lastRecord(records, "gap");
  assert.ok(evaluation && gap);
  return { evaluation, gap };
}

const assertLearned = ({ running }: EvalRecord): void =>
  assert.ok((running?.accuracy ?? 0) > 0.95, JSON.stringify(running));

describe("losses in a run", () => {
  for (const loss of ["cross-entropy", "bce", "mse"] as const) {
    it(`${loss} learns a label for each position`, async () => {
      const { evaluation, gap } = await train(imageNetwork(2, false), brightness(true), loss, 0.05);
      assertLearned(evaluation);
      assert.equal(gap.samples, 20 * SIZE * SIZE);
      assert.equal(gap.output?.probabilityShift === null, loss === "mse");
    });
    it(`${loss} learns a label for each sample from [classes, 1, 1]`, async () =>
      assertLearned((await train(imageNetwork(3, true), brightness(false, 3), loss, 0.05)).evaluation));
  }

  it("bce and mse learn labels 0 and 1 from one output, of a sample and of a position", async () => {
    for (const loss of ["bce", "mse"] as const) {
      assertLearned((await train(imageNetwork(1, true), brightness(false), loss, 0.05)).evaluation);
      const { evaluation, gap } = await train(imageNetwork(1, false), brightness(true), loss, 0.05);
      assertLearned(evaluation);
      assert.ok(
        loss === "mse" || ((gap.output?.probabilityShift ?? 9) >= 0 && (gap.output?.probabilityShift ?? 9) < 1),
      );
    }
  });

  it("are refused where there is nothing to compare the output with", () => {
    const refused = (graph: ModelGraph, dataset: Dataset, loss: LossName): string | undefined =>
      dataProblem(graph, dataset, requestOf(loss))?.code;
    assert.equal(refused(imageNetwork(2, false), brightness(false), "cross-entropy"), "labels-not-per-output");
    assert.equal(refused(imageNetwork(2, true), brightness(true), "bce"), "labels-not-per-output");
    assert.equal(refused(imageNetwork(1, true), brightness(false), "cross-entropy"), "data-classes-mismatch");
    assert.equal(refused(imageNetwork(1, true), brightness(false, 3), "bce"), "data-classes-mismatch");
    assert.equal(refused(imageNetwork(2, true), brightness(false, 3), "mse"), "data-classes-mismatch");
    assert.equal(refused(imageNetwork(1, true), brightness(false, 3), "mse"), undefined);
  });

  it("say which label an output stands for", () => {
    assert.deepEqual([...predictedLabels("cross-entropy", Float32Array.of(0.1, 0.7, 0.2, 0.4, 0.3, 0.3), 3)], [1, 0]);
    assert.deepEqual([...predictedLabels("bce", Float32Array.of(0.4, 0.6), 1)], [0, 1]);
    assert.deepEqual([...predictedLabels("mse", Float32Array.of(-0.2, 2.6), 1)].map(Math.abs), [0, 3]);
  });
});
