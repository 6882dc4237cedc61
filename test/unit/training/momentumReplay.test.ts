import { strict as assert } from "node:assert";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BatchReader, sequentialBatches } from "../../../engine/data/batches";
import type { BatchNormOp } from "../../../engine/protocol/layerOps";
import type { ModelGraph } from "../../../engine/protocol/modelGraph";
import type { EvalRecord, PopulationRecord } from "../../../engine/protocol/records";
import type { TrainConfig } from "../../../engine/protocol/trainConfig";
import { trainingStateFile } from "../../../engine/runs/runFolder";
import { decodeSafetensors, encodeSafetensors } from "../../../engine/runs/safetensors";
import { readModelFile } from "../../../engine/source/readModel";
import { restoreCheckpoint, writeCheckpoint } from "../../../engine/training/checkpoint";
import { chooseKernels, usableKernels } from "../../../engine/training/chooseKernels";
import { REPLAYED_WEIGHTS } from "../../../engine/training/momentumReplay";
import { RunControl } from "../../../engine/training/runControl";
import { TrainingSession } from "../../../engine/training/session";
import { stateDict } from "../../../engine/training/stateDict";
import { runTrainLoop } from "../../../engine/training/trainLoop";
import { digitsMlp } from "../support/graphs";
import { KeptNumbers } from "../support/keptNumbers";
import { asRead } from "../support/readRecords";
import { stripes } from "../support/smallDataset";

const dataset = stripes(95, 40);
const WEIGHTS = [0.0003, 0.03, 0.1, 0.5, 1];

const configOf = (settings: Partial<TrainConfig> = {}): TrainConfig => ({
  data: "stripes",
  normalize: null,
  steps: 12,
  batchSize: 20,
  learningRate: 0.1,
  optimizer: "sgd",
  seed: 1,
  ...settings,
});

const withNorms = (graph: ModelGraph, changed: Partial<BatchNormOp>): ModelGraph => ({
  ...graph,
  layers: graph.layers.map((layer) =>
    layer.op.kind === "batchNorm" ? { ...layer, op: { ...layer.op, ...changed } } : layer,
  ),
});

interface Outcome {
  readonly session: TrainingSession;
  readonly populations: PopulationRecord[];
  readonly evals: EvalRecord[];
}

async function train(graph: ModelGraph, config = configOf(), kernels = chooseKernels()): Promise<Outcome> {
  const session = new TrainingSession({ ...config, graph, kernels, withReplay: true });
  const outcome: Outcome = { session, populations: [], evals: [] };
  await runTrainLoop({
    session,
    config,
    dataset,
    control: new RunControl(),
    stepped: () => undefined,
    numbers: new KeptNumbers(),
    record: (written) => {
      const record = asRead(written);
      if (record.type === "population") outcome.populations.push(record);
      if (record.type === "eval") outcome.evals.push(record);
    },
  });
  return outcome;
}

/** Running statistics by layer: the layer's own, or those that a weight would have made. */
function statisticsOf(session: TrainingSession, weight: number | null): number[][] {
  return session.norms.flatMap((norm) => {
    const index = REPLAYED_WEIGHTS.indexOf(weight ?? Number.NaN);
    const found = weight === null ? norm.state.running : session.replay?.of(norm.state.replays)[index];
    assert.ok(found, `${norm.name} has no replay of ${weight}`);
    return [found.mean, found.variance].map((address) => Array.from(session.channelVector(norm, address)));
  });
}

const sameWeights = (first: TrainingSession, second: TrainingSession): void => {
  const trained = (session: TrainingSession): unknown =>
    stateDict(session).filter(({ name }) => !/running_|num_batches/.test(name));
  assert.deepEqual(trained(first), trained(second));
};

describe("the replay of other momenta", () => {
  const graphs: Readonly<Record<string, ModelGraph>> = {
    "as written": digitsMlp({ width: 15 }),
    "that averages over all batches": withNorms(digitsMlp(), { runningStatsUpdateWeight: null }),
    "with the biased variance": withNorms(digitsMlp(), { runningVarianceEstimator: "population" }),
    "of ghost batches": digitsMlp({ statistics: { rule: "ghost", samples: 8 } }),
  };
  for (const [name, graph] of Object.entries(graphs)) {
    it(`is bit for bit what training a layer ${name} with them gives`, async () => {
      const { session, populations, evals } = await train(graph);
      for (const weight of WEIGHTS) {
        const again = await train(withNorms(graph, { runningStatsUpdateWeight: weight }));
        sameWeights(session, again.session);
        assert.deepEqual(statisticsOf(session, weight), statisticsOf(again.session, null), `${weight}`);
        const index = REPLAYED_WEIGHTS.indexOf(weight);
        assert.deepEqual(
          populations.map(({ step, layers }) => [step, layers[0]?.replayedDistance?.[index]]),
          again.populations.map(({ step, layers }) => [step, Number(layers[0]?.meanDistance?.toPrecision(4))]),
        );
        const score = evals.at(-1)?.replayed?.scores.find(({ updateWeight }) => updateWeight === weight);
        if (score) assert.deepEqual({ ...again.evals.at(-1)?.running, updateWeight: weight }, score);
      }
    });
  }

  it("is the layer's own where the momentum is its own, with every set of kernels", async () => {
    for (const kernels of usableKernels()) {
      const { session } = await train(digitsMlp(), configOf(), kernels);
      assert.deepEqual(statisticsOf(session, 0.1), statisticsOf(session, null));
    }
  });

  it("counts each batch that a step accumulates, and each call of a layer", () => {
    const path = join(process.cwd(), "test/golden/networks/models/shared_norms.py");
    const { graph } = readModelFile({ path, text: readFileSync(path, "utf8") });
    assert.ok(graph);
    const trained = (changed: Partial<BatchNormOp>): TrainingSession => {
      const kernels = chooseKernels();
      const session = new TrainingSession({
        ...{ graph: withNorms(graph, changed), batchSize: 4, optimizer: "sgd", seed: 1, kernels },
        ...{ withReplay: true, accumulate: 3 },
      });
      let drawn = 0;
      const next = () => ({
        samples: Float32Array.from({ length: 4 * 72 }, () => Math.sin(++drawn * drawn)),
        labels: new Int32Array(4),
        count: 4,
      });
      for (let step = 0; step < 3; step++) session.trainStepOver(next, 0.05);
      return session;
    };
    const session = trained({});
    for (const weight of WEIGHTS)
      assert.deepEqual(
        statisticsOf(session, weight),
        statisticsOf(trained({ runningStatsUpdateWeight: weight }), null),
      );
  });

  it("changes nothing else", async () => {
    const { session } = await train(digitsMlp());
    const config = configOf();
    const plain = new TrainingSession({ ...config, graph: digitsMlp(), kernels: chooseKernels() });
    assert.equal(plain.replay, null);
    await runTrainLoop({
      ...{ session: plain, config, dataset, control: new RunControl(), numbers: new KeptNumbers() },
      ...{ stepped: () => undefined, record: () => undefined },
    });
    assert.deepEqual(stateDict(session), stateDict(plain));
  });

  it("leaves batch renormalization out, which trains with its running statistics", async () => {
    const { populations, evals } = await train(
      digitsMlp({ statistics: { rule: "renorm", rMax: 3, dMax: 5, plainUpdates: 0 } }),
    );
    assert.deepEqual([populations.at(-1)?.layers[0]?.replayedDistance, evals.at(-1)?.replayed], [null, null]);
  });

  describe("of a resumed run", () => {
    const folder = mkdtempSync(join(tmpdir(), "normlens-replay-"));
    after(() => rmSync(folder, { recursive: true }));
    const path = join(folder, "checkpoint-5.safetensors");
    const config = configOf({ steps: 5 });
    const reader = new BatchReader(dataset.train, dataset.shape, 20, null);
    const batches = [...sequentialBatches(80, 20)];
    const steps = (session: TrainingSession, from: number, to: number): void => {
      for (let step = from; step < to; step++)
        session.trainStep(reader.read(batches[step % batches.length] ?? new Uint32Array()), 0.1);
    };
    const fresh = (): TrainingSession =>
      new TrainingSession({ ...config, graph: digitsMlp(), kernels: chooseKernels(), withReplay: true });
    const order = { order: Uint32Array.from({ length: 95 }, (_, index) => index), next: 0 };
    const random = { words: [1, 2, 3, 4] as const, spareNormal: null };

    it("continues from its checkpoint", () => {
      const whole = fresh();
      steps(whole, 0, 5);
      writeCheckpoint(path, whole, { ...order, random });
      steps(whole, 5, 9);
      const resumed = fresh();
      restoreCheckpoint(path, resumed, 95);
      steps(resumed, 5, 9);
      for (const weight of WEIGHTS) assert.deepEqual(statisticsOf(resumed, weight), statisticsOf(whole, weight));
    });

    it("is unknown after a checkpoint that has none", () => {
      const state = decodeSafetensors(readFileSync(trainingStateFile(path)));
      assert.ok(!("malformed" in state));
      const others = state.tensors.filter(({ name }) => !name.endsWith(".replayed"));
      assert.equal(others.length, state.tensors.length - 1);
      writeFileSync(trainingStateFile(path), encodeSafetensors(others, state.metadata));
      const resumed = fresh();
      restoreCheckpoint(path, resumed, 95);
      assert.equal(resumed.replay, null);
      steps(resumed, 5, 9);
    });
  });
});
