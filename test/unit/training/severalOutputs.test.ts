// A model that returns several values is trained by the first one, and the run says so.
import { strict as assert } from "node:assert";
import type { ModelGraph } from "../../../engine/protocol/modelGraph";
import { describeProblem } from "../../../engine/protocol/problems";
import { optimizerNames } from "../../../engine/protocol/trainConfig";
import { untrainedLayers } from "../../../engine/graph/trainedOutput";
import { chooseKernels } from "../../../engine/training/chooseKernels";
import { dataProblem } from "../../../engine/training/dataFit";
import { TrainingSession } from "../../../engine/training/session";
import { untrainedOutputs } from "../../../engine/training/untrainedOutputs";
import { stripes } from "../support/smallDataset";
import { graphOf, net, read } from "../source/helpers";
import { python } from "../support/python";

const INIT = python`
    self.body = nn.Linear(784, 6)
    self.head = nn.Linear(6, 10)
    self.aux = nn.Linear(6, 4)
    self.norm = nn.BatchNorm1d(4)`;

function model(returned: string): ModelGraph {
  return graphOf(
    read(
      net(
        INIT,
        python`
          x = torch.sigmoid(self.body(x.flatten(1)))
          y = self.head(x)
          aux = self.norm(self.aux(x))
          return ${returned}`,
      ),
      { inputs: [[1, 28, 28]] },
    ),
  );
}

describe("A model with several outputs", () => {
  it("trains what leads to the first one, by every optimizer with weight decay, and nothing else", () => {
    const graph = model("y, aux, x");
    assert.deepEqual(
      untrainedLayers(graph).map(({ name }) => name),
      ["aux", "norm"],
    );
    for (const optimizer of optimizerNames) {
      const session = new TrainingSession({
        graph,
        batchSize: 4,
        optimizer,
        weightDecay: 0.1,
        seed: 1,
        kernels: chooseKernels(),
      });
      const read_ = (): Map<string, Float32Array> =>
        new Map(session.parameters.specs.map(({ name }) => [name, session.parameters.read(name)]));
      const before = read_();
      for (let step = 0; step < 3; step++)
        session.trainStep(
          {
            count: 4,
            samples: Float32Array.from({ length: 4 * 784 }, (_, index) => Math.sin(index + step)),
            labels: Int32Array.of(0, 1, 2, 3),
          },
          0.1,
        );
      const changed = [...read_()]
        .filter(([name, values]) => values.some((value, index) => value !== before.get(name)?.[index]))
        .map(([name]) => name);
      assert.deepEqual(changed, ["body.weight", "body.bias", "head.weight", "head.bias"], optimizer);
      assert.equal(session.batchesTracked("norm"), 3n);
    }
  });

  it("says which one is trained, and what stays as it is", () => {
    assert.deepEqual(untrainedOutputs(model("aux.mean(1, keepdim=True) * 0 + y")), []);
    const [finding, ...others] = untrainedOutputs(model("{'out': y, 'aux': aux, 'features': x}"));
    assert.deepEqual(others, []);
    assert.deepEqual(
      [finding?.rule, finding?.severity, finding?.layer, finding?.line],
      ["output-not-trained", "information", "norm", 10],
    );
    assert.equal(finding?.verdict, "Net() returns 3 outputs, but this run trains only the first one (head).");
    assert.equal(
      finding.evidence,
      "norm (aux), sigmoid (features) have no loss; 36 parameters that only they depend on are not trained. " +
        "Running statistics are updated as in any forward pass.",
    );
    assert.match(untrainedOutputs(model("y, x"))[0]?.evidence ?? "", /^sigmoid \(1\) has no loss; /);
  });

  it("is refused where not the first output has the data's classes", () => {
    const problem = (returned: string): string | null => {
      const found = dataProblem(model(returned), stripes(), {
        data: "stripes",
        normalize: null,
        length: { steps: 1 },
        batchSize: 20,
        learningRate: 0.1,
        optimizer: "sgd",
        seed: 1,
      });
      return found === null ? null : describeProblem(found).sentence;
    };
    assert.equal(problem("y, x"), null);
    assert.equal(
      problem("x, y"),
      "Net() returns the scores of the 10 classes at 1, but NormLens trains the first output, which has 6 values.",
    );
    assert.match(problem("x, aux") ?? "", /10 classes/);
  });
});
