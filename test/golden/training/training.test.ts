/**
 * Settings of a run against PyTorch in float64: optimizers with their options, clipping, accumulation, losses, and
 * learning rates, on the cases of expected.py. Errors are relative to the largest value of the tensor.
 */
import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Batch } from "../../../engine/data/batches";
import type { LayerOp } from "../../../engine/protocol/layerOps";
import type { Shape } from "../../../engine/protocol/shape";
import type { TrainConfig } from "../../../engine/protocol/trainConfig";
import { usableKernels } from "../../../engine/training/chooseKernels";
import { type LearningRateSettings, learningRateAt } from "../../../engine/training/learningRate";
import { TrainingSession } from "../../../engine/training/session";
import { chain } from "../../unit/support/graphs";

interface GoldenCase {
  readonly name: string;
  readonly inputShape: Shape;
  readonly batch: number;
  readonly settings: Pick<TrainConfig, "optimizer" | "accumulate">;
  readonly learningRate: number;
  readonly layers: readonly { readonly op: LayerOp; readonly outputShape: Shape }[];
  readonly inputs: readonly string[];
  readonly labels: readonly (readonly number[])[];
  readonly initial: Readonly<Record<string, string>>;
  readonly losses: readonly number[];
  readonly gradients: Readonly<Record<string, string>>;
  readonly after: Readonly<Record<string, string>>;
  readonly state: Readonly<Record<string, string>>;
  readonly running: Readonly<Record<string, string>>;
}

interface Golden {
  readonly torch: string;
  readonly cases: readonly GoldenCase[];
  readonly schedules: readonly { readonly settings: LearningRateSettings; readonly rates: readonly number[] }[];
}

const LOSS_TOLERANCE = 1e-5;
const GRADIENT_TOLERANCE = 1e-5;
const AFTER_TOLERANCE = 1e-5;

const golden = JSON.parse(readFileSync(join(process.cwd(), "test/golden/training/expected.json"), "utf8")) as Golden;

const decode = (text: string): Float32Array => new Float32Array(Uint8Array.from(Buffer.from(text, "base64")).buffer);
const largest = (values: Float32Array): number => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

function assertClose(found: Float32Array, expected: Float32Array, tolerance: number, what: string): void {
  assert.equal(found.length, expected.length, `${what}: length`);
  const scale = largest(expected);
  const error = found.reduce(
    (most, value, index) => Math.max(most, Number.isNaN(value) ? Infinity : Math.abs(value - (expected[index] ?? NaN))),
    0,
  );
  assert.ok(
    error <= tolerance * scale,
    `${what}: relative error ${(error / scale).toExponential(2)} is above ${tolerance}`,
  );
}

function check(golden: GoldenCase, session: TrainingSession): void {
  const batches = golden.inputs
    .map((input, index) => ({
      count: golden.batch,
      samples: decode(input),
      labels: Int32Array.from(golden.labels[index] ?? []),
    }))
    .values();
  const nextBatch = (): Batch => {
    const { value } = batches.next();
    if (value === undefined) throw new Error("the case has fewer batches than its steps take");
    return value;
  };
  golden.losses.forEach((expected, step) => {
    const loss = session.trainStepOver(nextBatch, golden.learningRate);
    assert.ok(
      Math.abs(loss - expected) <= LOSS_TOLERANCE * Math.max(1, Math.abs(expected)),
      `loss ${step}: ${loss}, expected ${expected}`,
    );
    if (step > 0) return;
    for (const [name, text] of Object.entries(golden.gradients))
      assertClose(session.parameters.read(name, "gradients"), decode(text), GRADIENT_TOLERANCE, `gradient of ${name}`);
  });
  for (const name of Object.keys(golden.initial)) {
    assertClose(session.parameters.read(name), decode(golden.after[name] ?? ""), AFTER_TOLERANCE, `${name} afterwards`);
    session.optimizer.stateNames.forEach((what, block) => {
      assertClose(
        session.parameters.read(name, block),
        decode(golden.state[`${name}.${what}`] ?? ""),
        AFTER_TOLERANCE,
        `${what} of ${name}`,
      );
    });
  }
  assert.equal(
    Object.keys(golden.state).length,
    Object.keys(golden.initial).length * session.optimizer.stateNames.length,
  );
  for (const norm of session.norms) {
    for (const [key, address] of [
      ["running_mean", norm.state.running.mean],
      ["running_var", norm.state.running.variance],
    ] as const) {
      assertClose(
        session.channelVector(norm, address),
        decode(golden.running[`${norm.name}.${key}`] ?? ""),
        AFTER_TOLERANCE,
        `${key} of ${norm.name}`,
      );
    }
  }
}

for (const kernels of usableKernels()) {
  describe(
    `runs' settings against PyTorch ${golden.torch} float64, ${kernels.module} kernels, ` +
      `${kernels.wide ? 16 : 8} columns`,
    () => {
      for (const golden_ of golden.cases) {
        it(golden_.name, () => {
          const { inputShape, layers, batch, settings, initial } = golden_;
          const graph = chain(
            inputShape,
            layers.map((layer, index) => ({ name: String(index), ...layer })),
          );
          const session = new TrainingSession({ ...settings, graph, batchSize: batch, seed: 1, kernels });
          for (const [name, values] of Object.entries(initial)) session.parameters.write(name, decode(values));
          check(golden_, session);
        });
      }
    },
  );
}

describe(`learning rates against PyTorch ${golden.torch}`, () => {
  for (const { settings, rates } of golden.schedules) {
    const { schedule, warmupSteps } = settings;
    it(JSON.stringify({ schedule, warmupSteps }), () => {
      rates.forEach((expected, index) => {
        const found = learningRateAt(settings, index + 1);
        assert.ok(Math.abs(found - expected) <= 1e-12, `step ${index + 1}: ${found}, expected ${expected}`);
      });
    });
  }
});
