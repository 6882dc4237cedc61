import { strict as assert } from "node:assert";
import { findingsFromReading } from "../../../../engine/findings/findingsFromReading";
import { lintSource } from "../../../../engine/findings/lintSource";
import { readModelFile } from "../../../../engine/source/readModel";
import type { ResolveModule } from "../../../../engine/python/resolveModule";
import { python } from "../../support/python";

const BLOCKS = python`
    import torch.nn as nn
    class Net(nn.Module):
        def __init__(self, classes):
            super().__init__()
            self.net = nn.Sequential(nn.Conv2d(3, 8, 3, bias=False), nn.BatchNorm2d(8), nn.ReLU())
  `;
const SCRIPT = `import torch
from blocks import Net
from loops import evaluate
net = Net(10)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for epoch in range(3):
    for x, y in train_loader:
        net(x).mean().backward()
        optimizer.step()
    evaluate(net, val_loader)
`;
const LOOPS = python`
    import torch
    def evaluate(model, loader):
        with torch.no_grad():
            return sum((model(x).argmax(1) == y).sum() for x, y in loader)
  `;

const files: Readonly<Record<string, string>> = { blocks: BLOCKS, loops: LOOPS };
const resolveModule: ResolveModule = ({ module }) =>
  module in files ? { path: `${module}.py`, text: files[module] ?? "" } : null;
const rules = (text: string, options = {}): string[] =>
  lintSource("train.py", text, { resolveModule, ...options }).findings.map(({ rule, line }) => `${rule} ${line ?? 0}`);

describe("normlens lint on training scripts", () => {
  it("follows a script into the files it imports, and points at the call that leads there", () => {
    assert.deepEqual(rules(SCRIPT), ["missing-eval 10"]);
    assert.deepEqual(rules(SCRIPT.replace("    evaluate(net", "    net.eval()\n    evaluate(net")), [
      "missing-train-after-eval 10",
    ]);
  });
  it("reports once what a function of another file does several times", () => {
    const solver = python`
        import torch
        from blocks import Net
        class Solver:
            def __init__(self):
                self.a = Net(10)
                self.b = Net(10)
                self.one = torch.optim.SGD(self.a.parameters(), lr=0.1, weight_decay=1e-4)
                self.two = torch.optim.SGD(self.b.parameters(), lr=0.1, weight_decay=1e-4)
      `;
    const text = python`
      import torch
      from solver import Solver
      solver = Solver()
      solver.optim = torch.optim
    `;
    const resolve: ResolveModule = ({ module }) =>
      module === "solver" ? { path: "solver.py", text: solver } : resolveModule({ module, fromPath: "", level: 0 });
    assert.deepEqual(rules(text, { resolveModule: resolve }), ["weight-decay-on-norm 3"]);
  });
  const LEARNER = `import torch
from blocks import Net
from loops import evaluate
class Learner:
    def __init__(self):
        self.net = Net(10)
        self.optimizer = torch.optim.SGD(self.net.parameters(), lr=0.1)
    def fit(self):
        for x, y in train_loader:
            self.net(x).mean().backward()
            self.optimizer.step()
        evaluate(self.net, val_loader)
`;
  const withLearner: ResolveModule = (request) =>
    ({
      learner: { path: "learner.py", text: LEARNER },
      engine: { path: "engine/__init__.py", text: "from learner import Learner\n" },
    })[request.module] ?? resolveModule(request);
  it("follows a file that only starts what other files train", () => {
    for (const [text, line] of [
      ["from learner import Learner\nLearner().fit()\n", 2],
      ["from engine import Learner\nif __name__ == '__main__':\n    Learner().fit()\n", 3],
      ["import learner\nwork = learner.Learner()\nfor seed in range(3):\n    work.fit()\n", 4],
      ["from learner import *\nLearner().fit()\n", 2],
    ] as const)
      assert.deepEqual(rules(text, { resolveModule: withLearner }), [`missing-eval ${line}`], text);
  });
  it("follows no file that starts nothing, or nothing that trains", () => {
    for (const text of [
      "from learner import Learner\ndef main():\n    Learner().fit()\n",
      "from blocks import Net\nprint(Net(10))\n",
      "from numpy import *\nprint(zeros(3))\n",
    ])
      assert.deepEqual(rules(text, { resolveModule: withLearner }), [], text);
  });
  it("knows nothing of networks whose files are not there", () => {
    assert.deepEqual(rules(SCRIPT, { resolveModule: () => null }), []);
  });
  it("is silenced and set as every rule", () => {
    assert.deepEqual(rules(SCRIPT.replace("val_loader)", "val_loader)  # normlens-ignore: missing-eval")), []);
    assert.deepEqual(rules(SCRIPT, { severities: { "missing-eval": "off" } }), []);
    assert.equal(
      lintSource("train.py", SCRIPT, { resolveModule, severities: { "missing-eval": "error" } }).findings[0]?.severity,
      "error",
    );
  });
  it("says the same in the editor", () => {
    const reading = readModelFile({ path: "train.py", text: SCRIPT, resolveModule });
    assert.deepEqual(
      findingsFromReading(reading, { resolveModule }).map(({ rule }) => rule),
      ["missing-eval"],
    );
  });
  it("survives imports in a circle, and any prefix of a script", () => {
    const circle: ResolveModule = ({ module }) => ({
      path: `${module}.py`,
      text: python`
        from loops import *
        from blocks import *
        from blocks import evaluate
      `,
    });
    assert.deepEqual(rules(SCRIPT, { resolveModule: circle }), []);
    for (let end = 0; end < SCRIPT.length; end += 11) rules(SCRIPT.slice(0, end));
  });
  it("finds the same among functions that are never called", () => {
    const long =
      SCRIPT +
      Array.from(
        { length: 150 },
        (_, index) =>
          python`
            def helper_${index}(x):
                if x > ${index}:
                    y = x + 1
                else:
                    y = x
                return y
          `,
      ).join("");
    assert.deepEqual(rules(long), rules(SCRIPT));
  });
});
