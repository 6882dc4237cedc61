import { strict as assert } from "node:assert";
import { workOf } from "../../../engine/graph/multiplyAdds";
import { describeProblem, ProblemError, type Problem } from "../../../engine/protocol/problems";
import { predictionText } from "../../../engine/protocol/numberText";
import { chooseKernels } from "../../../engine/training/chooseKernels";
import { dataBytes, plannedBytes, sessionWithin } from "../../../engine/training/memory";
import { predict } from "../../../engine/training/prediction";
import { type SessionOptions, TrainingSession } from "../../../engine/training/session";
import { graphOf, net, read } from "../source/helpers";
import { digitsMlp } from "../support/graphs";
import { stripes } from "../support/smallDataset";
import { python } from "../support/python";

const dataset = stripes(240, 80);
const options = (batchSize: number, more: Partial<SessionOptions> = {}): SessionOptions => ({
  graph: digitsMlp(),
  batchSize,
  optimizer: "adam",
  seed: 1,
  kernels: chooseKernels(),
  ...more,
});

function refusal(work: () => unknown): Extract<Problem, { code: "out-of-memory" }> {
  try {
    work();
  } catch (error) {
    if (error instanceof ProblemError && error.problem.code === "out-of-memory") return error.problem;
    throw error;
  }
  throw new Error("it was not refused");
}

describe("memory", () => {
  it("is planned to the byte without being had", () => {
    for (const batchSize of [1, 20, 77])
      assert.equal(plannedBytes(options(batchSize)), new TrainingSession(options(batchSize)).arena.bytes);
    // Four terabytes: had it been asked for, this would have failed otherwise.
    assert.ok(plannedBytes(options(1e9)) > 4e12);
  });

  it("above the limit is refused with the largest batch that fits", () => {
    const limit = plannedBytes(options(50)) + dataBytes(dataset, 50);
    const { neededBytes, limitBytes, largestBatch } = refusal(() => sessionWithin(options(200), dataset, limit));
    assert.deepEqual(
      { neededBytes, limitBytes, largestBatch },
      { neededBytes: plannedBytes(options(200)) + dataBytes(dataset, 200), limitBytes: limit, largestBatch: 50 },
    );
    assert.equal(sessionWithin(options(50), dataset, limit).arena.bytes, plannedBytes(options(50)));
    assert.equal(refusal(() => sessionWithin(options(51), dataset, limit)).largestBatch, 50);
  });

  it("that no batch fits says so, and what the engine cannot address is refused without a limit", () => {
    const none = refusal(() => sessionWithin(options(20), dataset, 1000));
    assert.equal(none.largestBatch, 0);
    assert.deepEqual(describeProblem(none).action, "Choose a smaller batch or a smaller model.");
    const whole = refusal(() => sessionWithin(options(1e7), dataset, undefined));
    const { sentence, action } = describeProblem(whole);
    assert.match(sentence, /^Training needs \d+ MB of memory, and the limit is 4295 MB\.$/);
    assert.equal(action, `Choose a batch of at most ${whole.largestBatch}.`);
    assert.ok(plannedBytes(options(whole.largestBatch ?? 0)) <= 65535 * 65536);
    assert.ok(plannedBytes(options((whole.largestBatch ?? 0) + 1)) > 65535 * 65536);
  });
});

describe("what a run will take", () => {
  it("counts multiply-adds as people do", () => {
    const graph = graphOf(
      read(
        net(
          python`
            self.c = nn.Conv2d(4, 6, 3, stride=2, padding=1, groups=2)
            self.t = nn.ConvTranspose2d(6, 5, 2)
            self.out = nn.Linear(5 * 25, 3)`,
          "return self.out(torch.flatten(self.t(self.c(x)), 1))",
        ),
        { inputs: [[4, 8, 8]] },
      ),
    );
    assert.deepEqual(workOf(graph), {
      multiplyAdds: 6 * 16 * 2 * 9 + 6 * 16 * 5 * 4 + 125 * 3,
      values: 6 * 16 + 5 * 25 + 125 + 3,
      inputValues: 256,
    });
  });

  it("is exact about memory, and grows with the batch in time", () => {
    const config = {
      data: "stripes",
      normalize: null,
      steps: 10,
      batchSize: 20,
      learningRate: 0.1,
      optimizer: "adam" as const,
      seed: 1,
    };
    const session = new TrainingSession(options(20));
    const { memoryBytes, networkBytes, dataBytes: held, stepMs } = predict(session, dataset, config);
    assert.equal(memoryBytes, networkBytes + held);
    assert.equal(networkBytes, session.arena.bytes);
    assert.equal(held, 320 * (784 + 1) + 2 * 20 * 4 * 785);
    assert.ok(stepMs > 0 && Number.isFinite(stepMs));
    assert.ok(predict(session, dataset, { ...config, accumulate: 50 }).stepMs > 5 * stepMs);
  });

  it("is reported as what it is", () => {
    assert.equal(
      predictionText({ memoryBytes: 12_345_678, stepMs: 0.42 }, 1000),
      "13 MB of memory; an estimated 0.42 ms a step, 420 ms for 1\u202f000 steps",
    );
    assert.match(predictionText({ memoryBytes: 1, stepMs: 90 }, 100_000), /an estimated 90 ms a step, 2\.5 h for/);
  });
});
