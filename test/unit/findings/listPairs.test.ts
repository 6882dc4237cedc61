/** A bias before BN in lists of layers that no graph of the file gets to. */
import { strict as assert } from "node:assert";
import { lintSource } from "../../../engine/findings/lintSource";

const HEAD = "import torch.nn as nn\nimport torch.nn.functional as F\nimport points\n";

/** What comes before the loop can't be followed. */
const net = (setup: string, loop: string, after = ""): string => `${HEAD}class Net(nn.Module):
    def __init__(self):
        super().__init__()
${setup.replaceAll(/^/gm, "        ")}
    def forward(self, x):
        for x in points.groups(x):
${loop.replaceAll(/^/gm, "            ")}
        return x
${after}`;

const LISTS = `self.convs, self.norms = nn.ModuleList(), nn.ModuleList()
for i, o in [(3, 8), (8, 8)]:
    self.convs.append(nn.Conv2d(i, o, 1))
    self.norms.append(nn.BatchNorm2d(o))`;
const LINE = 9;

const found = (text: string): number[] =>
  lintSource("net.py", text).findings.flatMap(({ rule, range }) =>
    rule === "bias-before-norm" ? [range.startLine] : [],
  );

describe("a bias before BN in lists of layers that are not followed", () => {
  const NESTED = `self.convs, self.norms = nn.ModuleList(), nn.ModuleList()
for _ in range(2):
    convs = nn.ModuleList()
    norms = nn.ModuleList()
    convs.append(nn.Conv2d(8, 8, 1))
    norms.append(nn.BatchNorm2d(8))
    self.convs.append(convs)
    self.norms.append(norms)`;
  const cases: Readonly<Record<string, readonly [setup: string, loop: string, line: number]>> = {
    "side by side": [LISTS, "for conv, norm in zip(self.convs, self.norms):\n    x = F.relu(norm(conv(x)))", LINE],
    "by number": [
      LISTS,
      "for i, conv in enumerate(self.convs):\n    norm = self.norms[i]\n    x = norm(conv(x))",
      LINE,
    ],
    "statement by statement": [LISTS, "for i in range(2):\n    x = self.convs[i](x)\n    x = self.norms[i](x)", LINE],
    "in comprehensions": [
      "self.convs = nn.ModuleList([nn.Conv2d(8, 8, 1) for _ in range(2)])\nself.norms = nn.ModuleList([nn.BatchNorm2d(8) for _ in range(2)])",
      "for conv, norm in zip(self.convs, self.norms):\n    x = norm(conv(x))",
      7,
    ],
    "in lists of lists": [
      NESTED,
      "for i in range(2):\n    conv = self.convs[i][0]\n    norm = self.norms[i][0]\n    x = norm(conv(x))",
      11,
    ],
  };
  for (const [title, [setup, loop, line]] of Object.entries(cases))
    it(`is found ${title}`, () => {
      assert.deepEqual(found(net(setup, loop)), [line]);
    });
  it("is found where a class of its own has lists of the same name", () => {
    const other = `class Other(nn.Module):
    def __init__(self, convs):
        super().__init__()
        self.convs = convs
    def forward(self, x):
        return self.convs(x)
`;
    assert.deepEqual(
      found(net(LISTS, "for conv, norm in zip(self.convs, self.norms):\n    x = norm(conv(x))", other)),
      [LINE],
    );
  });
  const LOOP = "for conv, norm in zip(self.convs, self.norms):\n    x = norm(conv(x))";
  const quiet: Readonly<Record<string, string>> = {
    "layers without a bias": net(LISTS.replace("o, 1)", "o, 1, bias=False)"), LOOP),
    "layers of several kinds": net(`${LISTS}\nself.convs.append(nn.Identity())`, LOOP),
    "a list that gets what is not known": net(`${LISTS}\nself.convs.append(points.layer())`, LOOP),
    "a list with something in between": net(
      LISTS,
      "for conv, norm in zip(self.convs, self.norms):\n    x = norm(F.relu(conv(x)))",
    ),
    "layers that are called twice": net(LISTS, `${LOOP}\nx = self.convs[0](x)`),
    "values that have a second use": net(
      LISTS,
      "for conv, norm in zip(self.convs, self.norms):\n    y = conv(x)\n    x = norm(y) + y",
    ),
    "a list that goes elsewhere": net(LISTS, LOOP, "    def more(self):\n        points.share(self.convs)\n"),
    "biases that somebody reads": net(LISTS, LOOP, "    def more(self):\n        return self.convs[0].bias\n"),
    "a list that a subclass may change": net(LISTS, LOOP, "class More(Net):\n    pass\n"),
    "other dimensions": net(LISTS.replace("BatchNorm2d", "BatchNorm1d"), LOOP),
  };
  for (const [title, text] of Object.entries(quiet))
    it(`is not said of ${title}`, () => {
      assert.deepEqual(found(text), []);
    });
});
