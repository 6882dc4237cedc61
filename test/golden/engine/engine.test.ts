/**
 * The engine against PyTorch in float64: forward, gradients, running statistics and optimizer steps, on the cases of
 * expected.py. Errors are relative to the largest value of the tensor.
 */
import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readSamples } from "../../../engine/nn/activationBuffer";
import type { KernelChoice } from "../../../engine/nn/kernels/kernels";
import type { LayerOp } from "../../../engine/protocol/layerOps";
import type { ModelGraph } from "../../../engine/protocol/modelGraph";
import type { Shape } from "../../../engine/protocol/shape";
import type { OptimizerName } from "../../../engine/protocol/trainConfig";
import { usableKernels } from "../../../engine/training/chooseKernels";
import { TrainingSession } from "../../../engine/training/session";

interface GoldenCase {
  readonly name: string;
  readonly inputShape: Shape;
  readonly batch: number;
  readonly optimizer: OptimizerName;
  readonly learningRate: number;
  readonly layers: readonly { readonly op: LayerOp; readonly outputShape: Shape }[];
  readonly inputs: readonly string[];
  readonly labels: readonly (readonly number[])[];
  readonly initial: Readonly<Record<string, string>>;
  readonly losses: readonly number[];
  readonly first: {
    readonly outputs: readonly string[];
    readonly outputGradients: readonly string[];
    readonly gradients: Readonly<Record<string, string>>;
  };
  readonly running: Readonly<Record<string, string>>;
  readonly after: Readonly<Record<string, string>>;
  readonly evaluated: string;
}

const FORWARD_TOLERANCE = 1e-5;
const GRADIENT_TOLERANCE = 1e-5;
/** Gradients that are zero by mathematics (a bias before BN) are compared against this share of the layer's others. */
const ZERO = 1e-9;

const golden = JSON.parse(readFileSync(join(process.cwd(), "test/golden/engine/expected.json"), "utf8")) as {
  torch: string;
  cases: GoldenCase[];
};

const decode = (text: string): Float32Array => {
  const bytes = Uint8Array.from(Buffer.from(text, "base64"));
  return new Float32Array(bytes.buffer);
};

const largest = (values: Float32Array): number => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

function graphOf({ name, inputShape, layers }: GoldenCase): ModelGraph {
  const range = { path: "", startLine: 1, startColumn: 0, endLine: 1, endColumn: 0 };
  return {
    model: name,
    framework: "pytorch",
    source: { path: "", sha256: "" },
    inputs: [{ id: "input", name: "x", shape: inputShape }],
    parameters: null,
    unknowns: [],
    outputs: [{ place: "", node: String(layers.length - 1) }],
    layers: layers.map(({ op }, index) => ({
      name: String(index),
      className: op.kind,
      op,
      functional: false,
      parameters: null,
      range,
      origin: "source",
    })),
    nodes: layers.map(({ outputShape }, index) => ({
      id: String(index),
      layer: String(index),
      inputs: [index === 0 ? "input" : String(index - 1)],
      outputShape,
      range,
    })),
  };
}

function assertClose(found: Float32Array, expectedText: string, tolerance: number, what: string, floor = 0): void {
  const expected = decode(expectedText);
  assert.equal(found.length, expected.length, `${what}: length`);
  const scale = Math.max(largest(expected), floor);
  const error = found.reduce(
    (most, value, index) =>
      Math.max(most, Number.isNaN(value) ? Number.POSITIVE_INFINITY : Math.abs(value - (expected[index] ?? 0))),
    0,
  );
  assert.ok(
    error <= tolerance * scale,
    `${what}: relative error ${(error / scale).toExponential(2)} is above ${tolerance}`,
  );
}

function startSession(golden: GoldenCase, kernels: KernelChoice): TrainingSession {
  const session = new TrainingSession({
    graph: graphOf(golden),
    batchSize: golden.batch,
    optimizer: golden.optimizer,
    seed: 1,
    kernels,
    keepGradients: true,
  });
  for (const [name, values] of Object.entries(golden.initial)) session.parameters.write(name, decode(values));
  return session;
}

const batchOf = (golden: GoldenCase, step: number): { count: number; samples: Float32Array; labels: Int32Array } => ({
  count: golden.batch,
  samples: decode(golden.inputs[step] ?? ""),
  labels: Int32Array.from(golden.labels[step] ?? []),
});

function checkFirstStep(golden: GoldenCase, session: TrainingSession): void {
  golden.first.outputs.forEach((expected, index) => {
    const layer = session.network.layers[index];
    assert.ok(layer);
    assertClose(
      readSamples(session.arena, layer.output, golden.batch),
      expected,
      FORWARD_TOLERANCE,
      `output of layer ${index}`,
    );
  });
  const gradientScale = Math.max(...Object.values(golden.first.gradients).map((text) => largest(decode(text))));
  golden.first.outputGradients.forEach((expected, index) => {
    const gradient = session.network.layers[index]?.outputGradient;
    assert.ok(gradient);
    assertClose(
      readSamples(session.arena, gradient, golden.batch),
      expected,
      GRADIENT_TOLERANCE,
      `gradient of layer ${index}'s output`,
    );
  });
  for (const [name, expected] of Object.entries(golden.first.gradients)) {
    const floor = largest(decode(expected)) < ZERO * gradientScale ? gradientScale : 0;
    assertClose(session.parameters.read(name, "gradients"), expected, GRADIENT_TOLERANCE, `gradient of ${name}`, floor);
  }
}

function checkRunningStatistics(golden: GoldenCase, session: TrainingSession): void {
  for (const norm of session.norms) {
    for (const [key, address] of [
      ["running_mean", norm.state.running.mean],
      ["running_var", norm.state.running.variance],
    ] as const) {
      assertClose(
        session.channelVector(norm, address),
        golden.running[`${norm.name}.${key}`] ?? "",
        FORWARD_TOLERANCE,
        `${key} of ${norm.name}`,
      );
    }
  }
}

for (const kernels of usableKernels()) {
  describe(
    `engine against PyTorch ${golden.torch} float64, ${kernels.module} kernels, ` + `${kernels.wide ? 16 : 8} columns`,
    () => {
      for (const golden_ of golden.cases) {
        it(golden_.name, () => {
          const session = startSession(golden_, kernels);
          golden_.losses.forEach((expected, step) => {
            const loss = session.trainStep(batchOf(golden_, step), golden_.learningRate);
            assert.ok(
              Math.abs(loss - expected) <= FORWARD_TOLERANCE * Math.max(1, Math.abs(expected)),
              `loss ${step}: ${loss}, expected ${expected}`,
            );
            if (step === 0) checkFirstStep(golden_, session);
          });
          checkRunningStatistics(golden_, session);
          for (const [name, expected] of Object.entries(golden_.after)) {
            assertClose(session.parameters.read(name), expected, 1e-4, `${name} after ${golden_.losses.length} steps`);
          }
          session.forwardLoss(session.observer, "running", batchOf(golden_, 0));
          assertClose(
            readSamples(session.arena, session.observer.output, golden_.batch),
            golden_.evaluated,
            1e-4,
            "evaluation mode after training",
          );
        });
      }
    },
  );
}
