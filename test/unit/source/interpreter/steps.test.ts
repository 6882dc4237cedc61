/** What reading costs, in steps: no part of a file may take what the rest of it needs. */
import { strict as assert } from "node:assert";
import type { ResolveModule } from "../../../../engine/python/resolveModule";
import { parsePython } from "../../../../engine/python/parse";
import { type EveryModel, readEveryModel } from "../../../../engine/source/everyModel";
import { python } from "../../support/python";

const HEAD = "import torch.nn as nn\n";

function every(text: string, modules: Readonly<Record<string, string>> = {}): EveryModel {
  const resolveModule: ResolveModule = ({ module }) =>
    module in modules ? { path: `${module}.py`, text: modules[module] ?? "" } : null;
  return readEveryModel({ path: "model.py", text: HEAD + text, resolveModule }, parsePython("model.py", HEAD + text));
}

const modelsOf = ({ readings }: EveryModel): number => readings.filter(({ graph }) => graph !== null).length;

const LONG =
  "count = 0\nfor _ in range(100):\n    for _ in range(100):\n        for _ in range(100):\n            count += 1\n";

const NET = python`
  class Net(nn.Module):
      def __init__(self):
          super().__init__()
          self.body = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8))
      def forward(self, x):
          return self.body(x)
`;

describe("The steps of a file", () => {
  it("grow with its branches, and not with what each of them makes once more for every other", () => {
    const chain = (branches: number): number =>
      every(
        [
          "def choose(name):",
          ...Array.from({ length: branches }, (_, index) => [
            `    ${index === 0 ? "if" : "elif"} name == unknown[${index}]:`,
            "        made = [nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU()) for _ in range(4)]",
          ]).flat(),
          "    return nn.Sequential(*made)",
          "model = choose(other)",
        ].join("\n"),
      ).steps;
    assert.ok(chain(40) < 6 * chain(10), `${chain(10)} for 10, ${chain(40)} for 40`);
  });

  it("are not used up by a module that is imported", () => {
    const read = every(`from table import entry\n${NET}print(entry)\n`, { table: `${LONG}entry = 1\n` });
    assert.equal(modelsOf(read), 1);
    assert.ok(read.steps < 150_000, String(read.steps));
  });

  it("are not used up by a long table of numbers that the model does not need", () => {
    const table = "import random\ncolors = [(random.randint(0, 9), random.randint(0, 9)) for _ in range(60_000)]\n";
    const read = every(`from table import colors\n${NET}`, { table });
    assert.equal(modelsOf(read), 1);
    assert.ok(read.steps < 150_000, String(read.steps));
    const pairs = table.replace("[(", "{i: (").replace("for _ in range(60_000)]", "for i in range(60_000)}");
    assert.ok(every(`${pairs}${NET}`).steps < 150_000);
  });

  it("may be spent on a long list of layers", () => {
    const many =
      "class Many(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.all = nn.ModuleList([nn.BatchNorm2d(8) for _ in range(400)])\n    def forward(self, x):\n        return self.all[3](x)\n";
    const [reading] = every(many).readings;
    assert.equal(reading?.graph?.layers.length, 400);
  });

  it("are not used up by a decorator, and what it gives is not known", () => {
    const slow = python`
      def spin(n):
          return 1 if n > 60 else spin(n + 1) + spin(n + 1)
      def documented(cls):
          spin(0)
          return cls
    `;
    const read = every(`${slow}\n@documented\n${NET}\n${NET.replace("Net", "Plain")}`);
    assert.deepEqual(
      read.readings.map(({ model }) => model),
      ["Plain()"],
    );
    assert.ok(read.steps < 100_000, String(read.steps));
  });

  it("count what a comparison looks through", () => {
    const search = (size: number): number =>
      every(`names = [str(i) for i in range(${size})]\nfound = ["x" in names for _ in range(100)]\n`).steps;
    assert.ok(search(1_000) - search(100) > 100 * 40);
  });

  it("end, whatever the models of a file take together", () => {
    const heavy = (index: number): string =>
      NET.replace("Net", `Net${index}`).replace(
        "super().__init__()",
        `super().__init__()\n        for _ in range(300):\n            for _ in range(300):\n                self.count = _ + 1`,
      );
    const read = every(Array.from({ length: 20 }, (_, index) => heavy(index)).join("\n"));
    assert.ok(read.left > 0);
    assert.ok(read.steps < 2_100_000, String(read.steps));
  });
});
