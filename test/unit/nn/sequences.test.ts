// Layers of sequences: their weights keep PyTorch's shape, and what takes something else is refused.
import { strict as assert } from "node:assert";
import { trainabilityProblems } from "../../../engine/graph/trainable";
import { describeProblem } from "../../../engine/protocol/problems";
import { chooseKernels } from "../../../engine/training/chooseKernels";
import { TrainingSession } from "../../../engine/training/session";
import { stateDict } from "../../../engine/training/stateDict";
import { calls, graphOf, net, read, variantOf } from "../source/helpers";
import { python } from "../support/python";

const details = (init: string, forward: string, input: number[]): string[] =>
  trainabilityProblems(graphOf(read(net(init, forward), { inputs: [input] }))).map((problem) =>
    "detail" in problem ? problem.detail : describeProblem(problem).sentence,
  );

describe("Layers of sequences", () => {
  it("keep the shapes of PyTorch's state_dict", () => {
    const init = python`
        self.a = nn.Conv1d(4, 6, 5, groups=2)
        self.b = nn.Conv1d(6, 6, 3, groups=6)
        self.c = nn.ConvTranspose1d(6, 8, 2, groups=2, bias=False)
        self.n = nn.BatchNorm1d(8)
        self.z = nn.Linear(8, 3)`;
    const graph = graphOf(
      read(net(init, "return self.z(self.n(self.c(self.b(self.a(x)))).mean(2))"), { inputs: [[4, 12]] }),
    );
    assert.deepEqual(trainabilityProblems(graph), []);
    const session = new TrainingSession({ graph, batchSize: 2, optimizer: "sgd", seed: 1, kernels: chooseKernels() });
    assert.deepEqual(
      stateDict(session).map(({ name, shape }) => `${name} ${shape.join("x")}`),
      [
        "a.weight 6x2x5",
        "a.bias 6",
        "b.weight 6x1x3",
        "b.bias 6",
        "c.weight 6x4x2",
        "n.weight 8",
        "n.bias 8",
        "n.running_mean 8",
        "n.running_var 8",
        "n.num_batches_tracked ",
        "z.weight 3x8",
        "z.bias 3",
      ],
    );
    const bound = 1 / Math.sqrt(2 * 5);
    assert.ok(
      session.parameters.read("a.weight").every((value) => Math.abs(value) <= bound) &&
        session.parameters.read("a.weight").some((value) => Math.abs(value) > bound / 2),
      "fan in of two channels and five taps",
    );
  });
  it("get BatchNorm1d after them by an annotation", () => {
    const graph = variantOf(
      read(
        net(
          "self.a = nn.Conv1d(2, 4, 3)  # normlens: add bn\nself.z = nn.Linear(4, 3)",
          "return self.z(self.a(x).mean(2))",
        ),
        { inputs: [[2, 9]] },
      ),
    );
    assert.deepEqual(calls(graph), ["a Conv1d 4x7", "a_bn BatchNorm1d 4x7", "mean Tensor.mean 4", "z Linear 3"]);
    assert.deepEqual(trainabilityProblems(graph), []);
  });
  it("say what does not fit them", () => {
    const pooled = (layer: string, input: number[]): string[] =>
      details(`self.p = ${layer}`, "return self.p(x).flatten(1)", input);
    assert.deepEqual(pooled("nn.AdaptiveAvgPool1d(2)", [3, 4, 4]), ["its input is not a sequence"]);
    assert.deepEqual(pooled("nn.AdaptiveMaxPool2d(2)", [3, 4]), ["its input is not an image"]);
    assert.deepEqual(pooled("nn.Upsample(scale_factor=2, mode='linear')", [3, 4, 4]), ["its input is not a sequence"]);
    assert.deepEqual(pooled("nn.Upsample(scale_factor=2.5, mode='linear')", [3, 4]), []);
    assert.deepEqual(pooled("nn.MaxPool1d(4)", [1, 70000]), ["an axis of its input is longer than 65535"]);
    assert.deepEqual(pooled("nn.AvgPool1d(4)", [1, 70000]), []);
    assert.deepEqual(pooled("nn.MaxPool1d(2, 4, 1, dilation=9)", [2, 8]), ["one of its windows contains no pixel"]);
    assert.deepEqual(pooled("nn.Dropout1d(0.5)", [2, 8, 8]), ["its input is not a sequence"]);
    assert.deepEqual(pooled("nn.Dropout2d(0.5)", [2, 8]), ["its input is not an image"]);
    assert.deepEqual(pooled("nn.Dropout1d(0.5)", [2, 8]), []);
    assert.deepEqual(pooled("nn.Conv1d(2, 4, 3)", [2, 8, 8]), [
      "The input of p (line 7) is 2×8×8, but it needs 2 channels × length.",
    ]);
  });
});
