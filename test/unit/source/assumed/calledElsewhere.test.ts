import { strict as assert } from "node:assert";
import { readEveryModel, readLikelyModel } from "../../../../engine/source/everyModel";
import type { ModelReading } from "../../../../engine/source/modelReading";
import { parsePython } from "../../../../engine/python/parse";
import { python } from "../../support/python";

const TOWER = python`
  import torch.nn as nn
  class Tower(nn.Module):
      def __init__(self, opt, classes=4):
          super().__init__()
          self.fc = nn.Linear(3, opt.hidden)
          self.bn = nn.BatchNorm1d(opt.hidden)
          self.out = nn.Linear(opt.hidden, classes)
      def forward(self, x):
          return self.out(self.bn(self.fc(x)))
`;

function likely(script: string): ModelReading | null {
  const input = {
    path: "tower.py",
    text: TOWER,
    callers: () => [{ path: "train.py", text: script }],
    resolveModule: ({ module }: { module: string }) => (module === "tower" ? { path: "tower.py", text: TOWER } : null),
  };
  return readLikelyModel(input, parsePython("tower.py", TOWER));
}

const OPTIONS =
  "import argparse\nfrom tower import Tower\np = argparse.ArgumentParser()\np.add_argument('--hidden', type=int, default=8)\n";

describe("a model whose arguments a script beside it gives", () => {
  it("is as the script makes it, at the top or in main()", () => {
    for (const script of [
      `${OPTIONS}net = Tower(p.parse_args(), classes=2)\n`,
      `${OPTIONS}def main():\n    opt = p.parse_args()\n    net = Tower(opt, classes=2)\nif __name__ == "__main__":\n    main()\n`,
      `${OPTIONS}def main():\n    net = Tower(p.parse_args(), classes=2)\n`,
    ]) {
      const reading = likely(script);
      assert.equal(reading?.graph?.parameters, 32 + 16 + 18, script);
      assert.match(reading?.model ?? "", /^Tower\(.*classes=2\)$/);
      assert.deepEqual(reading?.assumed, []);
    }
  });
  it("is read with likely arguments where no script makes it", () => {
    assert.deepEqual(likely("from tower import Tower\nprint(Tower)\n")?.assumed, ["opt"]);
  });
  for (const [title, maker] of [
    ["a class", "class Trainer:\n    def __init__(self, game):\n        self.net = Tower(opt, game.size())\n"],
    ["a method of a class", "class Trainer:\n    def build(self, size):\n        self.net = Tower(opt, size)\n"],
    ["a function", "def build(size):\n    return Tower(opt, size)\n"],
    ["another name", "from tower import Tower as Net\ndef build(size):\n    return Net(opt, size)\n"],
  ] as const)
    it(`is as ${title} of the script makes it, with likely values for what that needs`, () => {
      const text = TOWER;
      const { readings, assumed } = readEveryModel(
        {
          path: "tower.py",
          text,
          callers: () => [{ path: "train.py", text: `${OPTIONS}opt = p.parse_args()\n${maker}` }],
          resolveModule: ({ module }) => (module === "tower" ? { path: "tower.py", text } : null),
        },
        parsePython("tower.py", text),
      );
      assert.deepEqual([readings.length, assumed.length], [1, 1]);
      const [[reading] = []] = assumed;
      assert.match(reading?.model ?? "", /^(Trainer\((…|)\)(\.build\(…\))?|build\(…\))$/);
      const [layer] = reading?.graph?.layers ?? [];
      assert.deepEqual(layer?.op.kind === "linear" ? layer.op.outFeatures : null, 8);
      assert.equal(reading?.assumed.length, 1);
    });
  it("is followed where the script's training takes more steps than there are", () => {
    const loops = Array.from(
      { length: 17 },
      (_, depth) => `${"    ".repeat(depth + 1)}for i${depth} in range(len(x)):`,
    );
    const script = `${OPTIONS}def count(x):
    total = 0
${loops.join("\n")}
${"    ".repeat(18)}total = total + max(i1, i2) * i3 - i4
    return total
def train(data, **options):
    net = Tower(p.parse_args(), classes=2)
    for x in data:
        net(x).backward(count(x))
`;
    const reading = likely(script);
    assert.deepEqual(
      reading?.graph?.nodes.map(({ layer }) => layer),
      ["fc", "bn", "out"],
    );
    assert.ok(reading?.unknowns.some(({ reason }) => reason.includes("too many steps")));
  });
  it("is among all models of the file", () => {
    const text = TOWER;
    const { readings, assumed } = readEveryModel(
      {
        path: "tower.py",
        text,
        callers: () => [{ path: "train.py", text: `${OPTIONS}net = Tower(p.parse_args())\n` }],
        resolveModule: ({ module }) => (module === "tower" ? { path: "tower.py", text } : null),
      },
      parsePython("tower.py", text),
    );
    assert.deepEqual([readings.length, assumed.length], [2, 0]);
  });
});
