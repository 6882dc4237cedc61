import { strict as assert } from "node:assert";
import { createHash } from "node:crypto";
import { BatchReader, sequentialBatches } from "../../../engine/data/batches";
import type { KernelChoice } from "../../../engine/nn/kernels/kernels";
import type { ModelGraph } from "../../../engine/protocol/modelGraph";
import { ProblemError } from "../../../engine/protocol/problems";
import type { NormStatistics } from "../../../engine/protocol/layerOps";
import type { AnyRecord, GapRecord } from "../../../engine/protocol/records";
import type { TrainConfig } from "../../../engine/protocol/trainConfig";
import { chooseKernels, usableKernels } from "../../../engine/training/chooseKernels";
import { RunControl } from "../../../engine/training/runControl";
import { TrainingSession } from "../../../engine/training/session";
import { stateDict } from "../../../engine/training/stateDict";
import { type LoopEnd, runTrainLoop } from "../../../engine/training/trainLoop";
import { digitsMlp } from "../support/graphs";
import { KeptNumbers } from "../support/keptNumbers";
import { lastRecord } from "../../../engine/runs/lastRecord";
import { asRead } from "../support/readRecords";
import { stripes } from "../support/smallDataset";

interface Outcome {
  readonly end: LoopEnd;
  readonly records: AnyRecord[];
  readonly numbers: KeptNumbers;
  readonly session: TrainingSession;
}

interface Settings {
  readonly graph?: ModelGraph;
  readonly steps?: number;
  readonly batchSize?: number;
  readonly learningRate?: number;
  readonly seed?: number;
  readonly more?: Partial<TrainConfig>;
  readonly onRecord?: (record: AnyRecord, control: RunControl) => void;
  readonly onStep?: (step: number, control: RunControl) => void;
  readonly numbers?: KeptNumbers;
  readonly kernels?: KernelChoice;
}

async function train({
  graph = digitsMlp(),
  steps = 60,
  batchSize = 20,
  learningRate = 0.1,
  seed = 1,
  more = {},
  onRecord,
  onStep,
  numbers = new KeptNumbers(),
  kernels = chooseKernels(),
}: Settings): Promise<Outcome> {
  const config: TrainConfig = {
    data: "stripes",
    normalize: null,
    steps,
    batchSize,
    learningRate,
    optimizer: "sgd",
    seed,
    ...more,
  };
  const session = new TrainingSession({ ...config, graph, kernels });
  const records: AnyRecord[] = [];
  const control = new RunControl();
  const end = await runTrainLoop({
    session,
    control,
    config,
    dataset: stripes(),
    numbers,
    record: (written) => {
      const record = asRead(written);
      records.push(record);
      onRecord?.(record, control);
    },
    stepped: (step) => onStep?.(step, control),
  });
  return { end, records, numbers, session };
}

const weights = ({ session }: Outcome): Buffer =>
  Buffer.concat(
    stateDict(session).map(({ values }) => Buffer.from(values.buffer, values.byteOffset, values.byteLength)),
  );

describe("contracts during a run", () => {
  const broken = async (
    contracts: NonNullable<ModelGraph["layers"][number]["contracts"]>,
    graph = digitsMlp(),
  ): Promise<string[]> => {
    const layers = graph.layers.map((layer) => (layer.op.kind === "batchNorm" ? { ...layer, contracts } : layer));
    const { records } = await train({ graph: { ...graph, layers }, steps: 5 });
    return records.flatMap((record) =>
      record.type === "finding"
        ? [`${record.step} ${record.finding.rule} ${record.finding.layer}: ${record.finding.verdict}`]
        : [],
    );
  };

  it("are said to be broken once, where they are", async () => {
    assert.deepEqual(await broken({ frozen: true }), [
      "1 contract-broken bn1: bn1 is annotated frozen, but step 1 changed its running statistics.",
    ]);
    assert.deepEqual(await broken({ minBatch: 21 }), [
      "0 contract-broken bn1: bn1 is annotated min-batch=21, but this run trains with batches of 20.",
    ]);
    assert.deepEqual(await broken({ minBatch: 8 }, digitsMlp({ statistics: { rule: "ghost", samples: 8 } })), [
      "0 contract-broken bn1: bn1 is annotated min-batch=8, but this run trains with batches of 20 in parts " +
        "of as few as 4.",
    ]);
  });

  it("are kept without a word", async () => {
    assert.deepEqual(await broken({ minBatch: 20, domain: "source" }), []);
  });
});

describe("the training loop", () => {
  it("learns, and records every step, every layer and three accuracies", async () => {
    const { end, records, numbers } = await train({ steps: 120, learningRate: 0.5 });
    assert.equal(end.status, "completed");
    const losses = numbers.steps("loss");
    assert.equal(losses.length, 120);
    const first = losses[0] ?? 0;
    assert.ok((end.finalLoss ?? 9) < first / 2, `loss went from ${first} to ${end.finalLoss}`);
    const evaluation = lastRecord(records, "eval");
    assert.ok((evaluation?.running?.accuracy ?? 0) > 0.9, JSON.stringify(evaluation));
    assert.ok(evaluation?.population && evaluation.batch);
    assert.equal(evaluation.step, 120);
    assert.equal(evaluation.samples, 80);
    assert.deepEqual(new Set(numbers.of("norms").flatMap(({ table }) => table.layers)), new Set(["bn1"]));
    for (const name of ["norms", "activity", "channels"]) assert.equal(numbers.of(name).at(-1)?.step, 120, name);
  });

  it("records quantiles of the vectors it records whole", async () => {
    const { numbers } = await train({ steps: 30 });
    const vectors = numbers.of("channels");
    assert.ok(vectors.length > 3, `${vectors.length} samples of vectors`);
    for (const { table, step, values } of vectors) {
      const sample = numbers.of("norms").find((frame) => frame.step === step);
      assert.ok(sample, `step ${step}`);
      table.columns.forEach((column, index) => {
        const vector = values.slice(index * table.values, (index + 1) * table.values);
        const quantile = (name: string): number =>
          sample.values[sample.table.columns.indexOf(`${column}.${name}`)] ?? Number.NaN;
        assert.deepEqual([quantile("min"), quantile("max")], [Math.min(...vector), Math.max(...vector)], column);
      });
    }
  });

  it("records the schedule's learning rates, and counts the batches of a step for BN", async () => {
    const { numbers, session } = await train({
      steps: 9,
      more: { schedule: { kind: "step", every: 2, gamma: 0.5 }, warmupSteps: 3, accumulate: 2 },
    });
    const rates = numbers.steps("learning_rate").map((rate) => Number(rate.toFixed(6)));
    assert.deepEqual(rates, [0.033333, 0.055556, 0.077778, 0.1, 0.1, 0.05, 0.05, 0.025, 0.025]);
    assert.equal(session.batchesTracked("bn1"), 18n);
  });

  it("gives bit-identical weights for the same seed and others for another", async () => {
    const [first, second, other] = [await train({}), await train({}), await train({ seed: 2 })];
    assert.ok(weights(first).equals(weights(second)));
    assert.ok(!weights(first).equals(weights(other)));
  });

  it("gives the bits it gave when they were written down here, whatever is recorded besides", async () => {
    // Without fused multiply-add, so that every machine rounds alike.
    const kernels = usableKernels().find(({ module }) => module === "plain");
    assert.ok(kernels);
    const digest = async (more: Partial<TrainConfig>): Promise<string> =>
      createHash("sha256")
        .update(weights(await train({ kernels, more })))
        .digest("hex")
        .slice(0, 16);
    assert.deepEqual(
      [await digest({}), await digest({ optimizer: "adam" }), await digest({ order: "one-class" })],
      ["2d4e1feacf4fce65", "66061175b7d46307", "0bda4ad7eafe7726"],
    );
  });

  it("gives the same bits for every tile width of a module", () => {
    const trained = usableKernels().map((kernels) => {
      const session = new TrainingSession({ graph: digitsMlp(), batchSize: 20, optimizer: "adam", seed: 1, kernels });
      const { train } = stripes();
      const reader = new BatchReader(train, [1, 28, 28], 20, null);
      for (const indices of sequentialBatches(train.count, 20)) session.trainStep(reader.read(indices), 0.01);
      return {
        module: kernels.module,
        bits: Buffer.concat(
          stateDict(session).map(({ values }) => Buffer.from(values.buffer, values.byteOffset, values.byteLength)),
        ),
      };
    });
    for (const { module, bits } of trained)
      assert.ok(bits.equals(trained.find((first) => first.module === module)?.bits ?? Buffer.alloc(0)), module);
    assert.ok(usableKernels().every(({ module }) => module !== "fma") || chooseKernels().module === "fma");
  });

  it("shows batches of one class by their F statistic, and gives the same bits twice", async () => {
    const [mixed, ofOneClass, again] = [
      await train({}),
      await train({ more: { order: "one-class" } }),
      await train({ more: { order: "one-class" } }),
    ];
    const batchF = ({ records }: Outcome): number => lastRecord(records, "population")?.layers[0]?.batchF ?? NaN;
    assert.ok(batchF(mixed) < 2 && batchF(ofOneClass) > 5, `${batchF(mixed)} and ${batchF(ofOneClass)}`);
    assert.ok(weights(ofOneClass).equals(weights(again)));
    assert.ok(!weights(ofOneClass).equals(weights(mixed)));
  });

  it("is not changed by what is recorded or by a pause", async () => {
    const plain = await train({});
    const paused = await train({
      onStep: (step, control) => {
        if (step % 10 !== 0) return;
        control.pause();
        setTimeout(() => control.resume(), 5);
      },
    });
    assert.ok(weights(plain).equals(weights(paused)));
  });

  it("stops within one step, also from a pause, and looks once more before it ends", async () => {
    const { end, records, numbers } = await train({
      steps: 10_000,
      onStep: (step, control) => {
        if (step !== 47) return;
        control.pause();
        setTimeout(() => control.stop(), 5);
      },
    });
    assert.deepEqual({ status: end.status, step: end.step }, { status: "stopped", step: 47 });
    assert.equal(lastRecord(records, "eval")?.step, 47);
    assert.equal(numbers.of("channels").at(-1)?.step, 47);
    assert.deepEqual(
      numbers.of("steps").map(({ step }) => step),
      Array.from({ length: 47 }, (_, index) => index + 1),
    );
  });

  it("answers a stop in the middle of a probe, and records no half of it", async () => {
    let probing = false;
    const { end, records } = await train({
      steps: 10_000,
      onRecord: (record, control) => {
        if (record.type !== "gap" || probing) return;
        probing = true;
        // The evaluation after this record lets it in.
        setImmediate(() => control.stop());
      },
    });
    assert.equal(end.status, "stopped");
    const gaps = records.filter((record) => record.type === "gap").map(({ step }) => step);
    const evaluations = records.filter((record) => record.type === "eval").map(({ step }) => step);
    assert.ok(
      evaluations.every((step) => gaps.includes(step)) && end.step < 2,
      JSON.stringify({ gaps, evaluations, step: end.step }),
    );
  });

  it("ends as diverged, naming the step, the layer and the tensor", async () => {
    const { end, session } = await train({ graph: digitsMlp({ normalized: false }), learningRate: 1e38, steps: 50 });
    assert.equal(end.status, "diverged");
    assert.ok(end.reason?.code === "diverged");
    assert.equal(end.reason.step, end.step);
    assert.ok(["fc1", "out"].includes(end.reason.layer), end.reason.layer);
    assert.ok(end.reason.line === 2 || end.reason.line === 4);
    assert.ok(session.findNonFinite(20));
  });

  it("lets a disk that refuses a record end it", async () => {
    const full = new ProblemError({ code: "disk-full", path: "run.jsonl" });
    class FullDisk extends KeptNumbers {
      override frame(table: number, step: number, values: ArrayLike<number>): void {
        if (step === 5) throw full;
        super.frame(table, step, values);
      }
    }
    await assert.rejects(train({ numbers: new FullDisk() }), full);
    await assert.rejects(
      train({
        onRecord: () => {
          throw full;
        },
      }),
      full,
    );
  });

  it("trains a model without BN and says so by leaving the BN accuracies out", async () => {
    const { records, numbers } = await train({ graph: digitsMlp({ normalized: false }) });
    const evaluation = lastRecord(records, "eval");
    assert.deepEqual([evaluation?.population, evaluation?.batch], [null, null]);
    assert.ok(!records.some((record) => record.type === "population" || record.type === "gap"));
    assert.deepEqual(new Set(numbers.frames.map(({ table }) => table.name)), new Set(["steps", "activity"]));
  });
});

describe("the BN instruments", () => {
  it(
    "find running statistics near the population's after enough updates, and far from it with a tiny " +
      "update weight",
    async () => {
      const settled = lastRecord((await train({ steps: 200 })).records, "population")?.layers[0];
      const stale = lastRecord(
        (await train({ steps: 200, graph: digitsMlp({ updateWeight: 0.001 }) })).records,
        "population",
      )?.layers[0];
      assert.ok(settled && stale);
      assert.ok((settled.meanDistance ?? 9) < 3 * (settled.noiseFloor ?? 0), JSON.stringify(settled));
      assert.ok((stale.meanDistance ?? 0) > 0.3, JSON.stringify(stale));
    },
  );

  it("see no gap where batch renormalization closes it, and one that virtual batches open", async () => {
    const gapOf = async (statistics: NormStatistics | undefined): Promise<GapRecord> => {
      const { records } = await train({
        steps: 200,
        graph: digitsMlp({ updateWeight: 0.01, ...(statistics === undefined ? {} : { statistics }) }),
      });
      const gap = lastRecord(records, "gap");
      assert.ok(gap);
      return gap;
    };
    const plain = await gapOf(undefined);
    const renormalized = await gapOf({ rule: "renorm", rMax: 100, dMax: 100, plainUpdates: 0 });
    const parts = await gapOf({ rule: "ghost", samples: 4 });
    const [layer] = renormalized.layers;
    assert.ok((layer?.gap ?? 9) < 1e-4 && (layer?.alone ?? 9) < 1e-4, JSON.stringify(layer));
    assert.ok((renormalized.output?.probabilityShift ?? 9) < 1e-5, JSON.stringify(renormalized.output));
    assert.ok(
      (parts.layers[0]?.gap ?? 0) > 1.5 * (plain.layers[0]?.gap ?? 9),
      JSON.stringify([parts.layers, plain.layers]),
    );
    assert.ok(
      Math.abs((parts.layers[0]?.gap ?? 0) / (parts.layers[0]?.alone ?? 9) - 1) < 1e-4,
      JSON.stringify(parts.layers),
    );
  });

  it("measure a gap that population statistics close", async () => {
    const { records } = await train({
      steps: 200,
      graph: digitsMlp({ updateWeight: 0.001 }),
      learningRate: 0.5,
      batchSize: 80,
    });
    const gap = lastRecord(records, "gap");
    const [layer] = gap?.layers ?? [];
    assert.ok(gap && layer);
    assert.ok((layer.gap ?? 0) > 3 * (layer.noiseFloor ?? 9), JSON.stringify(layer));
    assert.ok(
      (gap.output?.probabilityShift ?? 0) > (gap.output?.probabilityShiftWithPopulation ?? 9),
      JSON.stringify(gap.output),
    );
    // The only BN layer has nothing upstream that differs, so the gap is its own.
    assert.ok(Math.abs((layer.gap ?? 0) - (layer.alone ?? 9)) < 1e-4 * (layer.gap ?? 0), JSON.stringify(layer));
  });
});
