import { strict as assert } from "node:assert";
import { generateNoise } from "../../../engine/data/generatedNoise";
import type { Dataset } from "../../../engine/data/dataset";
import { joinInputs } from "../../../engine/graph/joinInputs";
import { trainabilityProblems } from "../../../engine/graph/trainable";
import { describeProblem } from "../../../engine/protocol/problems";
import { dataProblem } from "../../../engine/training/dataFit";
import { graphOf, net, read } from "../source/helpers";
import { python } from "../support/python";

const twoInputs = (
  input = "3,2",
  forward = "return self.out(torch.cat((self.a(left), self.b(right)), 1))",
): ReturnType<typeof graphOf> =>
  graphOf(
    read(
      `${net(
        python`
        self.a = nn.Linear(3, 4)
        self.b = nn.Linear(2, 4)
        self.out = nn.Linear(8, 10)`,
        forward,
      ).replace("self, x", "self, left, right")}# normlens: model Net() input=${input}\n`,
    ),
  );

const refusal = (data: Dataset, graph = twoInputs()): string | null => {
  const problem = dataProblem(graph, data, {
    data: data.name,
    normalize: null,
    length: { steps: 1 },
    batchSize: 8,
    learningRate: 0.1,
    optimizer: "sgd",
    seed: 1,
  });
  return problem === null ? null : `${describeProblem(problem).sentence} ${describeProblem(problem).action}`;
};

/** Noise whose arrays have names. */
const named = (names: readonly string[], shapes: readonly number[][]): Dataset => {
  const data = generateNoise(shapes);
  return {
    ...data,
    name: "pairs.npz",
    parts: (data.parts ?? []).map((part, index) => ({ ...part, name: names[index] ?? "" })),
  };
};

describe("a model with several inputs", () => {
  it("is one with a single input that contains them one after another", () => {
    const graph = twoInputs();
    assert.deepEqual(trainabilityProblems(graph), []);
    const joined = joinInputs(graph);
    assert.deepEqual(joined.inputs, [{ id: "input", name: "", shape: [5] }]);
    assert.deepEqual(trainabilityProblems(joined), []);
    const taken = joined.layers.flatMap(({ op }) =>
      op.kind === "rearrange" && op.rearrangement.rule === "slice" ? op.rearrangement.cuts : [],
    );
    assert.deepEqual(
      taken.map(({ start, size }) => [start, size]),
      [
        [0, 3],
        [3, 2],
      ],
    );
    assert.equal(joinInputs(joined), joined);
  });

  it("needs the shapes of all", () =>
    assert.deepEqual(
      trainabilityProblems(twoInputs("3"))
        .map(({ code }) => code)
        .slice(0, 1),
      ["input-shape-unknown"],
    ));

  it("takes data with an array for each, by name where they have names", () => {
    assert.equal(refusal(generateNoise([[3], [2]])), null);
    assert.equal(refusal(named(["left", "right"], [[3], [2]])), null);
    assert.equal(
      refusal(generateNoise([[2], [3]])),
      "The samples of noise:2,3 are 2 and 3, but the model takes left 3 and right 2. Choose data with one " +
        "array per input under the input's name, or the generated set noise:3,2.",
    );
    assert.match(
      refusal(generateNoise([[5]])) ?? "",
      /^The samples of noise:5 are 5, but the model takes left 3 and right 2\./,
    );
  });

  it("does not guess which of two arrays alike is which", () => {
    const alike = twoInputs("3,3", "return self.out(torch.cat((self.a(left), self.a(right)), 1))");
    assert.match(
      refusal(named(["first", "second"], [[3], [3]]), alike) ?? "",
      /^The samples of pairs\.npz are first 3 and second 3, but the model takes left 3 and right 3\./,
    );
  });

  it("is not fed to a model with one", () => {
    const one = graphOf(
      read(`${net("self.out = nn.Linear(5, 10)", "return self.out(x)")}# normlens: model Net() input=5\n`),
    );
    assert.match(
      refusal(generateNoise([[3], [2]]), one) ?? "",
      /^The samples of noise:3,2 are 3 and 2, but the model takes x 5\./,
    );
  });
});
