/** Where the tracer has to agree with Python itself: which class has a method, and what a branch changes. */
import { strict as assert } from "node:assert";
import { parsePython } from "../../../engine/python/parse";
import { readModelFile } from "../../../engine/source/readModel";
import type { Forward } from "../../../engine/script/tracedValues";
import { traceScript } from "../../../engine/script/traceScript";
import { python } from "../support/python";

const IMPORTS = `import argparse
import torch
import torch.nn as nn
import torchvision
args = argparse.ArgumentParser().parse_args()
`;

function forwardsOf(script: string): readonly Forward[] {
  const file = parsePython("train.py", IMPORTS + script);
  assert.deepEqual(file.syntaxErrors, []);
  return traceScript(file, null).forwards;
}

/** The modes that BN may be in at the last forward pass. */
const lastModes = (script: string): string[] =>
  (forwardsOf(script).at(-1)?.modes ?? []).map(({ mode, guards }) => (guards.length > 0 ? `${mode}?` : mode)).sort();

const DIAMOND = `
class Root(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = self.make()

    def make(self):
        return nn.Linear(4, 4)

    def forward(self, x):
        return self.layer(x)

class Left(Root):
    pass

class Right(Root):
    def make(self):
        return nn.BatchNorm1d(4)

# normlens: model Net() input=4
class Net(Left, Right):
    pass
`;

describe("the tracer", () => {
  it("finds a method of a diamond where Python and the reader find it", () => {
    const [forward] = forwardsOf(python`
      ${DIAMOND}
      net = Net()
      net(torch.randn(8, 4))
    `);
    assert.equal(forward?.hasNorm, true);
    const read = readModelFile({ path: "train.py", text: IMPORTS + DIAMOND, model: "Net()" });
    assert.deepEqual(
      read.graph?.layers.map(({ className }) => className),
      ["BatchNorm1d"],
    );
  });

  it("continues with the next class of the instance for super(), not with the next base", () => {
    const [forward] = forwardsOf(`
class Root(nn.Module):
    def make(self):
        return nn.Linear(4, 4)

class Left(Root):
    def make(self):
        return super().make()

class Right(Root):
    def make(self):
        return nn.BatchNorm1d(4)

class Net(Left, Right):
    def __init__(self):
        super().__init__()
        self.layer = self.make()

net = Net()
net(torch.randn(8, 4))
`);
    assert.equal(forward?.hasNorm, true);
  });

  const FROZEN = `
model = torchvision.models.resnet18()
BEFORE
if args.freeze:
    model.layer4.eval()
model.layer4(torch.randn(8, 256, 14, 14))
`;

  for (const [title, before] of Object.entries({
    "touched before": "model.layer4.requires_grad_(True)",
    "first touched in the branch": "",
  })) {
    it(`keeps the condition of a part's mode: ${title}`, () => {
      assert.deepEqual(lastModes(FROZEN.replace("BEFORE", before)), ["eval?", "train?"]);
    });
  }

  it("keeps the condition of a part's mode when each branch touches it first", () => {
    assert.deepEqual(
      lastModes(`
model = torchvision.models.resnet18()
if args.freeze:
    model.layer4.eval()
else:
    model.layer4.train()
model.layer4(torch.randn(8, 256, 14, 14))
`),
      ["eval?", "train?"],
    );
  });
});
