import { strict as assert } from "node:assert";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { ProblemError, describeProblem } from "../../../engine/protocol/problems";
import { type TrainConfig, optimizerNames } from "../../../engine/protocol/trainConfig";
import { trainingStateFile } from "../../../engine/runs/runFolder";
import { decodeSafetensors, encodeSafetensors } from "../../../engine/runs/safetensors";
import { restoreCheckpoint, writeCheckpoint } from "../../../engine/training/checkpoint";
import { chooseKernels } from "../../../engine/training/chooseKernels";
import { RunControl } from "../../../engine/training/runControl";
import { TrainingSession } from "../../../engine/training/session";
import { stateDict } from "../../../engine/training/stateDict";
import { type LoopEnd, type LoopOptions, runTrainLoop } from "../../../engine/training/trainLoop";
import { KeptNumbers } from "../support/keptNumbers";
import { digitsMlp } from "../support/graphs";
import { stripes } from "../support/smallDataset";

const SAMPLES = 95;
const dataset = stripes(SAMPLES, 20);

const configOf = (settings: Partial<TrainConfig>): TrainConfig => ({
  data: "stripes",
  normalize: null,
  steps: 20,
  batchSize: 20,
  learningRate: 0.05,
  optimizer: "sgd",
  seed: 1,
  ...settings,
});
const sessionOf = (config: TrainConfig, model: Parameters<typeof digitsMlp>[0] = {}): TrainingSession =>
  new TrainingSession({ ...config, graph: digitsMlp(model), kernels: chooseKernels() });

interface Course {
  readonly end: LoopEnd;
  /** Loss and learning rate of each step. */
  readonly steps: readonly (readonly [loss: number, lr: number])[];
}

async function train(
  session: TrainingSession,
  config: TrainConfig,
  hooks: Pick<LoopOptions, "order" | "checkpoint"> & { stopAfter?: number } = {},
): Promise<Course> {
  const numbers = new KeptNumbers();
  const control = new RunControl();
  const end = await runTrainLoop({
    ...hooks,
    session,
    config,
    dataset,
    control,
    stepped: (step) => {
      if (step === hooks.stopAfter) control.stop();
    },
    numbers,
    record: () => undefined,
  });
  const rates = numbers.steps("learning_rate");
  return { end, steps: numbers.steps("loss").map((loss, index) => [loss, rates[index] ?? Number.NaN]) };
}

describe("a checkpoint", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "normlens-checkpoint-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const place = (name: string): string => join(folder, `checkpoint-${name}.safetensors`);
  const bytesOf = (name: string): Buffer =>
    Buffer.concat([readFileSync(place(name)), readFileSync(trainingStateFile(place(name)))]);

  /**
   * Trains in one go and with a stop after ten steps; asserts that every step and both files at the end are the same.
   */
  async function assertSame(settings: Partial<TrainConfig>): Promise<void> {
    const config = configOf({ ...settings, checkpointEvery: 10 });
    const session = sessionOf(config);
    const whole = await train(session, config, {
      checkpoint: (step, order) => writeCheckpoint(place(String(step)), session, order),
    });
    writeCheckpoint(place("whole"), session, whole.end.order);
    // Of another seed, so that any fresh weight that remains is seen.
    const later = sessionOf({ ...config, seed: 99 });
    const order = restoreCheckpoint(place("10"), later, SAMPLES);
    const rest = await train(later, config, { order });
    writeCheckpoint(place("resumed"), later, rest.end.order);
    assert.deepEqual(rest.steps, whole.steps.slice(10));
    assert.ok(bytesOf("resumed").equals(bytesOf("whole")));
  }

  const full: Partial<TrainConfig> = {
    order: "sequential",
    keepLast: true,
    clipNorm: 0.05,
    weightDecay: 0.01,
    schedule: { kind: "cosine", lowest: 0 },
    warmupSteps: 12,
  };
  for (const optimizer of optimizerNames) {
    it(`is gone on from bit for bit: ${optimizer}, shuffled`, () => assertSame({ optimizer }));
    it(
      `is gone on from bit for bit: ${optimizer}, sequential, clipped, with decay, a schedule and the ` + "last batch",
      () => assertSame({ ...full, optimizer }),
    );
  }
  for (const order of ["sorted", "one-class"] as const) {
    it(`is gone on from bit for bit: ${order}`, () => assertSame({ optimizer: "adam", order, batchSize: 4 }));
    it(`is gone on from bit for bit: ${order}, with the last batches`, () =>
      assertSame({ optimizer: "momentum", order, batchSize: 7, keepLast: true }));
  }
  it("is gone on from bit for bit: several batches a step, one-cycle, RMSprop with momentum", () =>
    assertSame({
      optimizer: "rmsprop",
      momentum: 0.9,
      accumulate: 3,
      clipNorm: 0.5,
      schedule: { kind: "one-cycle", rise: 0.3 },
      learningRate: 0.001,
    }));

  const models: Readonly<Record<string, Parameters<typeof digitsMlp>[0]>> = {
    "what dropout leaves out": { dropout: 0.4 },
    "the limits of batch renormalization": { statistics: { rule: "renorm", rMax: 3, dMax: 5, plainUpdates: 2 } },
    "virtual batches": { statistics: { rule: "ghost", samples: 6 } },
  };
  for (const [what, model] of Object.entries(models)) {
    it(`is gone on from bit for bit: ${what}`, async () => {
      const config = configOf({ optimizer: "adam" });
      const whole = sessionOf(config, model);
      await train(whole, config, { checkpoint: (step, order) => writeCheckpoint(place(String(step)), whole, order) });
      const stopped = sessionOf(config, model);
      const { end } = await train(stopped, config, { stopAfter: 7 });
      writeCheckpoint(place("stopped"), stopped, end.order);
      const resumed = sessionOf(config, model);
      await train(resumed, config, { order: restoreCheckpoint(place("stopped"), resumed, SAMPLES) });
      assert.deepEqual(stateDict(resumed), stateDict(whole));
    });
  }
  it("of a run that was stopped leads to where the whole run ends", async () => {
    const config = configOf({ optimizer: "adam" });
    const whole = sessionOf(config);
    await train(whole, config);
    const stopped = sessionOf(config);
    const { end } = await train(stopped, config, { stopAfter: 7 });
    assert.deepEqual([end.status, end.step], ["stopped", 7]);
    writeCheckpoint(place("final"), stopped, end.order);
    const resumed = sessionOf(config);
    await train(resumed, config, { order: restoreCheckpoint(place("final"), resumed, SAMPLES) });
    assert.deepEqual(stateDict(resumed), stateDict(whole));
  });

  async function written(config = configOf({ optimizer: "adam", steps: 3 })): Promise<TrainConfig> {
    const session = sessionOf(config);
    const { end } = await train(session, config);
    writeCheckpoint(place("3"), session, end.order);
    return config;
  }

  it(
    "contains the optimizer's state under PyTorch's names, in its order and shapes, and leaves no " + "partial file",
    async () => {
      await written();
      const state = decodeSafetensors(readFileSync(trainingStateFile(place("3"))));
      assert.ok("tensors" in state);
      const names = ["fc1.weight", "fc1.bias", "bn1.weight", "bn1.bias", "out.weight", "out.bias"];
      assert.deepEqual(
        state.tensors.map(({ name }) => name),
        [...names.flatMap((name) => [`${name}.exp_avg`, `${name}.exp_avg_sq`]), "order"],
      );
      assert.deepEqual(state.tensors[0]?.shape, [16, 784]);
      assert.equal((JSON.parse(state.metadata["normlens"] ?? "") as { step: number }).step, 3);
      assert.deepEqual(readdirSync(folder).sort(), ["checkpoint-3.safetensors", "checkpoint-3.training.safetensors"]);
    },
  );

  const refusal = (session: TrainingSession, samples = SAMPLES): string => {
    try {
      restoreCheckpoint(place("3"), session, samples);
    } catch (error) {
      assert.ok(error instanceof ProblemError, String(error));
      const { sentence, action } = describeProblem(error.problem);
      assert.ok(action.length > 0);
      return `${error.problem.code}: ${sentence.replaceAll(folder, "")}`;
    }
    return "restored";
  };

  it("names what makes it unusable", async () => {
    const config = await written();
    assert.equal(refusal(sessionOf(config)), "restored");
    assert.match(refusal(sessionOf(config), 96), /^checkpoint-unusable: .*trained on 95 samples, but the data has 96/);
    assert.match(
      refusal(sessionOf(config, { width: 17 })),
      /^weights-mismatch: .*fc1\.weight has the shape 16×784, but the model needs 17×784/,
    );
    assert.match(
      refusal(sessionOf({ ...config, optimizer: "momentum" })),
      /^checkpoint-unusable: .*no momentum_buffer of fc1\.weight/,
    );
    const state = trainingStateFile(place("3"));
    const bytes = readFileSync(state);
    writeFileSync(state, bytes.subarray(0, bytes.length - 100));
    assert.match(refusal(sessionOf(config)), /^checkpoint-unusable: .*training\.safetensors: .*outside the file/);
    writeFileSync(state, encodeSafetensors([]));
    assert.match(refusal(sessionOf(config)), /does not say at which step training was/);
    writeFileSync(state, bytes);
    writeFileSync(place("3"), encodeSafetensors(stateDict(sessionOf(config))));
    assert.match(refusal(sessionOf(config)), /weights do not belong/);
    rmSync(state);
    assert.match(
      refusal(sessionOf(config)),
      /^checkpoint-unusable: .*checkpoint-3\.training\.safetensors is missing in its folder/,
    );
    rmSync(place("3"));
    assert.match(refusal(sessionOf(config)), /^file-unreadable: .*ENOENT/);
  });

  it("is refused by a named problem or read, whatever its bytes are", async () => {
    const config = await written(configOf({ steps: 2 }));
    const session = sessionOf(config);
    const state = trainingStateFile(place("3"));
    const bytes = readFileSync(state);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { maxLength: 4 }),
        fc.nat(bytes.length),
        (changes, length) => {
          const changed = Buffer.from(bytes.subarray(0, length));
          for (const [at, value] of changes) if (at < length) changed[at] = value;
          writeFileSync(state, changed);
          refusal(session);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("that the disk refuses leaves the one before as it was", async () => {
    const config = await written();
    const before = bytesOf("3");
    const session = sessionOf(config);
    const { end } = await train(session, config);
    mkdirSync(`${trainingStateFile(place("3"))}.partial`);
    assert.throws(
      () => writeCheckpoint(place("3"), session, end.order),
      (error) => error instanceof ProblemError && error.problem.code === "write-failed",
    );
    assert.ok(bytesOf("3").equals(before));
  });
});
