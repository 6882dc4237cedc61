import assert from "node:assert/strict";
import { layerInputs } from "../../../engine/graph/layerInputs";
import { graphOf, net, read } from "../source/helpers";
import { python } from "../support/python";

describe("what layers take", () => {
  const check = (layers: string, forward: string, expected: Readonly<Record<string, readonly string[]>>): void => {
    const graph = graphOf(read(`${net(layers, forward)}# normlens: model Net() input=4\n`));
    assert.deepEqual(Object.fromEntries(layerInputs(graph)), expected);
  };

  it("is the layer before, and the model's input", () =>
    check(
      python`
      self.fc = nn.Linear(4, 4)
      self.bn = nn.BatchNorm1d(4)`,
      "return self.bn(self.fc(x))",
      { fc: ["input"], bn: ["fc"] },
    ));

  it("is both sides of a residual connection", () =>
    check(
      python`
      self.fc = nn.Linear(4, 4)
      self.bn = nn.BatchNorm1d(4)
      self.out = nn.Linear(4, 2)`,
      "return self.out(self.bn(self.fc(x)) + x)",
      { fc: ["input"], bn: ["fc"], add: ["bn", "input"], out: ["add"] },
    ));

  it("is what a layer takes at first, and further calls are passed through", () =>
    check(
      python`
      self.fc = nn.Linear(4, 4)
      self.act = nn.ReLU()
      self.bn = nn.BatchNorm1d(4)
      self.out = nn.Linear(4, 2)`,
      "return self.out(self.act(self.bn(self.act(self.fc(x))) + x))",
      { fc: ["input"], act: ["fc"], bn: ["act"], add: ["bn", "input"], out: ["add"] },
    ));

  it("is all that a join takes that is called again", () =>
    check(
      python`
      self.join = nn.Bilinear(4, 4, 4)
      self.a = nn.Linear(4, 4)
      self.out = nn.Linear(4, 2)`,
      "y = self.join(x, x)\nreturn self.out(self.join(self.a(y), y))",
      { join: ["input"], a: ["join"], out: ["a", "join"] },
    ));
});
