import { strict as assert } from "node:assert";
import { readSamples } from "../../../engine/nn/activationBuffer";
import { Random } from "../../../engine/nn/random";
import { inputShapeOf } from "../../../engine/protocol/modelGraph";
import { elementCount } from "../../../engine/protocol/shape";
import { chooseKernels } from "../../../engine/training/chooseKernels";
import { layersActivity } from "../../../engine/training/layerActivity";
import { TrainingSession } from "../../../engine/training/session";
import { graphOf, net, read } from "../source/helpers";
import { python } from "../support/python";

const BATCH = 6;

/** A session after one step on noise. */
function stepped(layers: string, forward: string, input: readonly number[]): TrainingSession {
  const graph = graphOf(read(net(layers, forward), { inputs: [[...input]] }));
  const session = new TrainingSession({ graph, batchSize: BATCH, optimizer: "sgd", seed: 1, kernels: chooseKernels() });
  const random = new Random(1);
  const samples = Float32Array.from(
    { length: BATCH * elementCount(inputShapeOf(graph) ?? []) },
    () => 4 * random.normal(),
  );
  session.trainStep(
    { count: BATCH, samples, labels: Int32Array.from({ length: BATCH }, (_, index) => index % 3) },
    0.1,
  );
  return session;
}

const naiveNorm = (...tensors: readonly Float32Array[]): number =>
  Math.sqrt(tensors.flatMap((tensor) => [...tensor]).reduce((sum, value) => sum + value * value, 0));

function assertNear(found: number | null | undefined, expected: number, what: string): void {
  assert.ok(
    typeof found === "number" && expected > 0 && Math.abs(found - expected) < 1e-3 * expected,
    `${what}: ${found}, not ${expected}`,
  );
}

/** `[sample, channel, position]` of what a layer gave. */
function outputOf(
  session: TrainingSession,
  name: string,
): { readonly values: Float32Array; readonly channels: number } {
  const call = session.network.layers.find(({ layer }) => layer.name === name);
  assert.ok(call, name);
  return { values: readSamples(session.arena, call.output, BATCH), channels: call.output.channels };
}

function naiveDeadShare(session: TrainingSession, name: string): number {
  const { values, channels } = outputOf(session, name);
  const positions = values.length / BATCH / channels;
  const alive = new Set<number>();
  values.forEach((value, index) => {
    if (value !== 0) alive.add(Math.floor(index / positions) % channels);
  });
  return 1 - alive.size / channels;
}

const naiveShare = (values: Float32Array, isLimit: (value: number) => boolean): number =>
  values.filter(isLimit).length / values.length;

describe("what a step did to each layer", () => {
  it(
    "is the gradient norms that naive sums give, of weights and of what BN gives, halos and odd " + "sizes included",
    () => {
      const session = stepped(
        python`
        self.c1 = nn.Conv2d(3, 5, 3, padding=1)
        self.b1 = nn.BatchNorm2d(5)
        self.c2 = nn.Conv2d(5, 9, 3, padding=1, bias=False)
        self.b2 = nn.BatchNorm2d(9)
        self.out = nn.Linear(9 * 25, 3)`,
        "return self.out(torch.flatten(self.b2(self.c2(torch.relu(self.b1(self.c1(x))))), 1))",
        [3, 5, 5],
      );
      const layers = layersActivity(session);
      const entry = (name: string): (typeof layers)[number] | undefined => layers.find(({ layer }) => layer === name);
      for (const [layer, ...names] of [
        ["c1", "c1.weight", "c1.bias"],
        ["c2", "c2.weight"],
        ["b1", "b1.weight", "b1.bias"],
        ["out", "out.weight", "out.bias"],
      ] as const) {
        assertNear(
          entry(layer)?.gradientNorm,
          naiveNorm(...names.map((name) => session.parameters.read(name, "gradients"))),
          layer,
        );
      }
      for (const name of ["b1", "b2"]) {
        const gradient = session.network.layers.find(({ layer }) => layer.name === name)?.outputGradient;
        assert.ok(gradient);
        assertNear(entry(name)?.activationGradientNorm, naiveNorm(readSamples(session.arena, gradient, BATCH)), name);
      }
      assert.deepEqual(Object.keys(entry("c1") ?? {}), ["layer", "gradientNorm"]);
    },
  );

  it("is the share of channels that a ReLU leaves dead for the whole batch", () => {
    const session = stepped(
      python`
        self.c = nn.Conv2d(1, 203, 3)
        self.relu = nn.ReLU()
        self.out = nn.Linear(203, 3)`,
      "return self.out(self.relu(self.c(x)).mean((2, 3)))",
      [1, 3, 3],
    );
    const dead = naiveDeadShare(session, "relu");
    assert.ok(dead > 0 && dead < 1, `the test needs some dead channels, not ${dead}`);
    const found = layersActivity(session).find(({ layer }) => layer === "relu");
    assertNear(found?.deadShare, dead, "relu");
    assert.equal(found?.saturatedShare, undefined);
  });

  const limits: Readonly<Record<string, (value: number) => boolean>> = {
    "nn.Sigmoid()": (value) => value <= 0.01 || value >= 0.99,
    "nn.Tanh()": (value) => Math.abs(value) >= 0.98,
    "nn.ReLU6()": (value) => value === 0 || value === 6,
    "nn.Hardsigmoid()": (value) => value === 0 || value === 1,
    "nn.Hardtanh(-0.5, 2.0)": (value) => value === -0.5 || value === 2,
    "nn.Hardtanh(0.5, 2.0)": (value) => value === 0.5 || value === 2,
  };
  for (const [activation, isLimit] of Object.entries(limits)) {
    it(`is the share of values at a limit: ${activation}`, () => {
      const session = stepped(
        python`
          self.fc = nn.Linear(5, 13)
          self.act = ${activation}
          self.out = nn.Linear(13, 3)`,
        "return self.out(self.act(self.fc(x)))",
        [5],
      );
      const found = layersActivity(session).find(({ layer }) => layer === "act");
      const expected = naiveShare(outputOf(session, "act").values, isLimit);
      assert.ok(expected < 1);
      assertNear(found?.saturatedShare, expected, activation);
      assert.equal(found?.deadShare !== undefined, activation === "nn.ReLU6()");
    });
  }

  it("is nothing for functions without a limit, and for layers without weights", () => {
    const session = stepped(
      python`
        self.fc = nn.Linear(5, 13)
        self.act = nn.GELU()
        self.out = nn.Linear(13, 3)`,
      "return self.out(self.act(self.fc(x)))",
      [5],
    );
    assert.deepEqual(
      layersActivity(session).map(({ layer }) => layer),
      ["fc", "out"],
    );
  });

  it("takes the calls of a layer together", () => {
    const session = stepped(
      python`
        self.a = nn.Linear(5, 7)
        self.b = nn.Linear(7, 7)
        self.relu = nn.ReLU()
        self.act = nn.Sigmoid()
        self.out = nn.Linear(7, 3)`,
      "return self.out(self.act(self.b(self.act(self.a(x)))))",
      [5],
    );
    const calls = session.network.layers.filter(({ layer }) => layer.name === "act");
    assert.equal(calls.length, 2);
    const all = Float32Array.from(calls.flatMap(({ output }) => [...readSamples(session.arena, output, BATCH)]));
    const found = layersActivity(session).filter(({ layer }) => layer === "act");
    assert.equal(found.length, 1);
    assertNear(
      found[0]?.saturatedShare,
      naiveShare(all, (value) => value <= 0.01 || value >= 0.99),
      "act",
    );
  });
});
