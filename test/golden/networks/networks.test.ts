/**
 * Whole networks, read from their source with its annotations, against PyTorch in float64: residual, dense and
 * branching graphs. Weights and data are worked out on both sides; expected.json contains what expected.py printed.
 */
import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { trainabilityProblems } from "../../../engine/graph/trainable";
import { readSamples } from "../../../engine/nn/activationBuffer";
import type { KernelChoice } from "../../../engine/nn/kernels/kernels";
import { inputShapeOf, type ModelGraph } from "../../../engine/protocol/modelGraph";
import { readModelFile } from "../../../engine/source/readModel";
import { usableKernels } from "../../../engine/training/chooseKernels";
import { TrainingSession } from "../../../engine/training/session";
import { stateDict } from "../../../engine/training/stateDict";

interface Network {
  readonly losses: readonly number[];
  readonly gradients: Readonly<Record<string, string>>;
  readonly counters: Readonly<Record<string, number>>;
  readonly state: Readonly<Record<string, string>>;
  readonly evaluated: string;
}

interface Golden {
  readonly torch: string;
  readonly batch: number;
  readonly steps: number;
  readonly rate: number;
  readonly networks: Readonly<Record<string, Network>>;
}

const folder = join(process.cwd(), "test/golden/networks");
const golden = JSON.parse(readFileSync(join(folder, "expected.json"), "utf8")) as Golden;

/** Uniform in [−1, 1), as in expected.py. */
function numbers(count: number, seed: number): Float64Array {
  let state = BigInt(seed) % 16777216n;
  return Float64Array.from({ length: count }, () => {
    state = (state * 1140671485n + 12820163n) % 16777216n;
    return Number(state) / 8388608 - 1;
  });
}

const filled = (count: number, seed: number, scale: number, offset = 0): Float32Array =>
  Float32Array.from(numbers(count, seed), (value) => Math.fround(value * scale) + offset);

const decode = (text: string): Float32Array => new Float32Array(Uint8Array.from(Buffer.from(text, "base64")).buffer);

function graphOf(name: string): ModelGraph {
  const { variant: graph } = readModelFile({
    path: `${name}.py`,
    text: readFileSync(join(folder, "models", `${name}.py`), "utf8"),
  });
  assert.ok(graph);
  assert.deepEqual(trainabilityProblems(graph), []);
  return graph;
}

/** Relative to the largest value; what is zero by mathematics is compared with the scale of its kind. */
function assertClose(found: Float32Array, expected: Float32Array, tolerance: number, what: string, floor = 0): void {
  assert.equal(found.length, expected.length, `${what}: length`);
  const scale = Math.max(floor, ...expected.map(Math.abs));
  const error = found.reduce(
    (most, value, index) => Math.max(most, Number.isNaN(value) ? Infinity : Math.abs(value - (expected[index] ?? NaN))),
    0,
  );
  assert.ok(
    error <= tolerance * scale,
    `${what}: relative error ${(error / scale).toExponential(2)} is above ${tolerance}`,
  );
}

function start(graph: ModelGraph, kernels: KernelChoice): TrainingSession {
  const session = new TrainingSession({ graph, batchSize: golden.batch, optimizer: "sgd", seed: 1, kernels });
  session.parameters.specs.forEach(({ name, shape }, index) => {
    const isScale = name.endsWith("weight") && shape.length === 1;
    const count = shape.reduce((product, size) => product * size, 1);
    session.parameters.write(name, filled(count, index + 1, 0.3, isScale ? 1 : 0));
  });
  return session;
}

describe("Networks as PyTorch trains them", () => {
  for (const kernels of usableKernels()) {
    for (const [name, expected] of Object.entries(golden.networks)) {
      it(`${name}, ${kernels.module} ${kernels.wide ? 16 : 8} columns`, () => {
        const graph = graphOf(name);
        const session = start(graph, kernels);
        const size = (inputShapeOf(session.graph) ?? []).reduce((product, length) => product * length, 1);
        const samples = (seed: number): Float32Array => filled(golden.batch * size, seed, 1);
        for (let step = 0; step < golden.steps; step++) {
          const labels = Int32Array.from({ length: golden.batch }, (_, sample) => (3 * sample + step) % 3);
          const loss = session.trainStep({ count: golden.batch, samples: samples(1000 + step), labels }, golden.rate);
          assertClose(
            Float32Array.of(loss),
            Float32Array.of(expected.losses[step] ?? NaN),
            step === 0 ? 1e-5 : 1e-4,
            `loss of step ${step}`,
          );
          if (step === 0) checkGradients(session, expected);
        }
        const state = stateDict(session);
        assert.deepEqual(
          state.map(({ name: key }) => key).filter((key) => !key.endsWith("num_batches_tracked")),
          Object.keys(expected.state),
        );
        for (const { name: key, values } of state) {
          if (values instanceof Float32Array) assertClose(values, decode(expected.state[key] ?? ""), 1e-4, key);
          else assert.deepEqual([...values], [BigInt(expected.counters[key] ?? -1)], key);
        }
        session.forwardLoss(session.observer, "running", {
          count: golden.batch,
          samples: samples(2000),
          labels: new Int32Array(golden.batch),
        });
        assertClose(
          readSamples(session.arena, session.observer.output, golden.batch),
          decode(expected.evaluated),
          1e-4,
          "evaluation mode after training",
        );
      });
    }
  }
});

function checkGradients(session: TrainingSession, { gradients }: Network): void {
  assert.deepEqual(
    session.parameters.specs.map(({ name }) => name),
    Object.keys(gradients),
  );
  const largest = Math.max(...Object.values(gradients).map((text) => Math.max(...decode(text).map(Math.abs))));
  for (const [name, text] of Object.entries(gradients))
    assertClose(session.parameters.read(name, "gradients"), decode(text), 1e-4, `gradient of ${name}`, largest * 1e-2);
}
