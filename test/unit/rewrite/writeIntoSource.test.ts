import { strict as assert } from "node:assert";
import { writeIntoSource, type WriteOptions } from "../../../engine/rewrite/writeIntoSource";
import { python } from "../support/python";

const IMPORTS = python`
  import torch.nn as nn
  import torch.nn.functional as F
`;

/** The text after the annotation in it was written, without the imports. */
function written(text: string, options: WriteOptions = {}, head = IMPORTS): string {
  const line = (head + text).split("\n").findIndex((content) => /#\s*normlens: (?!model)/.test(content)) + 1;
  const result = writeIntoSource({ path: "model.py", text: head + text }, line, options);
  assert.ok("text" in result, "refused" in result ? result.refused : "");
  assert.ok(result.text.startsWith(head));
  return result.text.slice(head.length);
}

function refused(text: string): string {
  const line = (IMPORTS + text).split("\n").findIndex((content) => /#\s*normlens:/.test(content)) + 1;
  const result = writeIntoSource({ path: "model.py", text: IMPORTS + text }, line);
  return "refused" in result ? result.refused : `written: ${result.text}`;
}

const TWO_LAYERS = (annotation: string): string => `class Net(nn.Module):
    def __init__(self, width=8):
        super().__init__()
        self.conv1 = nn.Conv2d(1, width, 3, bias=True)  # first  # normlens: ${annotation}
        self.fc = nn.Linear(width * 26 * 26, 10)

    def forward(self, x):
        x = F.relu(self.conv1(x))
        return self.fc(x.flatten(1))


# normlens: model Net() input=1x28x28
`;

describe("Writing an annotation into the source", () => {
  it("adds an attribute and a call in forward", () => {
    const text = written(TWO_LAYERS("add bn"));
    assert.match(text, /bias=True\) {2}# first\n {8}self\.conv1_bn = nn\.BatchNorm2d\(width\)\n/);
    assert.match(text, /x = F\.relu\(self\.conv1_bn\(self\.conv1\(x\)\)\)\n/);
    assert.doesNotMatch(text, /add bn/);
  });

  it("takes the bias away where that is wanted", () => {
    assert.match(written(TWO_LAYERS("add bn"), { withoutBias: true }), /nn\.Conv2d\(1, width, 3, bias=False\)/);
  });

  it("adds the call after the activation", () => {
    assert.match(written(TWO_LAYERS("add bn after-activation")), /x = self\.conv1_bn\(F\.relu\(self\.conv1\(x\)\)\)\n/);
  });

  it("adds a neighbour in a Sequential, with the file's own line breaks and brackets", () => {
    assert.equal(
      written(
        "model = nn.Sequential(\r\n    nn.Linear(4, 8),  # wide  # normlens: add bn\r\n    nn.ReLU(),\r\n   " +
          " nn.Linear(8, 2)\r\n)\r\n",
        {},
        IMPORTS.replaceAll("\n", "\r\n"),
      ),
      "model = nn.Sequential(\r\n    nn.Linear(4, 8),  # wide\r\n    nn.BatchNorm1d(8),\r\n    " +
        "nn.ReLU(),\r\n    nn.Linear(8, 2)\r\n)\r\n",
    );
    assert.equal(
      written(
        python`
          model = nn.Sequential(
              nn.Linear(4, 8),
              nn.ReLU(),
              nn.Linear(8, 2)  # normlens: add bn
          )
        `,
      ),
      python`
        model = nn.Sequential(
            nn.Linear(4, 8),
            nn.ReLU(),
            nn.Linear(8, 2),
            nn.BatchNorm1d(2)
        )
      `,
    );
    assert.equal(
      written("model = nn.Sequential(nn.Linear(4, 8), nn.Sigmoid())  # normlens: add bn\n"),
      "model = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Sigmoid())\n",
    );
    assert.equal(
      written(
        python`
          model = nn.Sequential(
              nn.Linear(4, 8),  # normlens: add bn after-activation
              nn.ReLU(),
              nn.Linear(8, 2),
          )
        `,
      ),
      python`
        model = nn.Sequential(
            nn.Linear(4, 8),
            nn.ReLU(),
            nn.BatchNorm1d(8),
            nn.Linear(8, 2),
        )
      `,
    );
  });

  it("removes an attribute and its calls, or leaves an identity", () => {
    const block = (forward: string): string => `class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(4, 8)
        self.bn = nn.BatchNorm1d(8)  # normlens: remove
        self.b = nn.Linear(8, 2)

    def forward(self, x):
${forward}
`;
    const nested = written(block("        return self.b(F.relu(self.bn(self.a(x))))"));
    assert.match(nested, /self\.a = nn\.Linear\(4, 8\)\n {8}self\.b =/);
    assert.match(nested, /return self\.b\(F\.relu\(self\.a\(x\)\)\)/);
    const statement = written(block("        x = self.a(x)\n        x = self.bn(x)\n        return self.b(x)"));
    assert.match(statement, /x = self\.a\(x\)\n {8}return self\.b\(x\)/);
    const summed = written(block("        y = self.a(x)\n        return self.b(self.bn(y + y) * 2)"));
    assert.match(summed, /self\.b\(\(y \+ y\) \* 2\)/);
    const kept = written(
      block("        for layer in (self.a, self.bn, self.b):\n            x = layer(x)\n        return x"),
    );
    assert.match(kept, /self\.bn = nn\.Identity\(\)\n/);
    assert.equal(
      written("model = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU())  # normlens: remove\n"),
      "model = nn.Sequential(nn.Linear(4, 8), nn.ReLU())\n",
    );
  });

  it("uses other normalizations and settings", () => {
    const norm = (code: string, annotation: string): string =>
      written(
        python`
          model = nn.Sequential(
              nn.Conv2d(3, 8, 3),
              ${code},  # normlens: ${annotation}
          )
          # normlens: model model input=3x9x9
        `,
      ).split("\n")[2] ?? "";
    assert.equal(norm("nn.BatchNorm2d(8)", "use group(4)"), "    nn.GroupNorm(4, 8),");
    assert.equal(norm("nn.BatchNorm2d(8)", "use layer"), "    nn.GroupNorm(1, 8),");
    assert.equal(norm("nn.BatchNorm2d(num_features=8)", "use instance"), "    nn.InstanceNorm2d(8, affine=True),");
    assert.equal(norm("nn.GroupNorm(2, 8)", "use batch"), "    nn.BatchNorm2d(8),");
    assert.equal(
      norm("nn.BatchNorm2d(8, 1e-5)", "set momentum=0.01 eps=0.001"),
      "    nn.BatchNorm2d(8, 0.001, momentum=0.01),",
    );
  });

  it("writes torch.nn as the file does, and imports it where it is missing", () => {
    assert.match(
      written("model = torch.nn.Sequential(torch.nn.Linear(4, 8))  # normlens: add bn\n", {}, "import torch\n"),
      /torch\.nn\.BatchNorm1d\(8\)/,
    );
    const result = writeIntoSource(
      {
        path: "model.py",
        text: python`
          from torch.nn import Linear, Sequential
          model = Sequential(Linear(4, 8))  # normlens: add bn
        `,
      },
      2,
    );
    assert.equal(
      "text" in result ? result.text : result.refused,
      python`
        from torch.nn import Linear, Sequential
        import torch.nn as nn
        model = Sequential(Linear(4, 8), nn.BatchNorm1d(8))
      `,
    );
  });

  it("refuses what would mean something else, and says why", () => {
    assert.match(
      refused(TWO_LAYERS("frozen").replace("nn.Conv2d(1, width, 3, bias=True)", "nn.BatchNorm2d(1)")),
      /A contract can't become code/,
    );
    assert.match(
      refused("model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8))  # normlens: use renorm\n"),
      /PyTorch has no batch renormalization/,
    );
    assert.match(
      refused("model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8))  # normlens: use ghost(8)\n"),
      /PyTorch has no ghost batch normalization/,
    );
    assert.match(
      refused(python`
      x = 1  # normlens: remove
      model = nn.Sequential(nn.Linear(4, 8))
    `),
      /has no effect/,
    );
    assert.match(refused("model = nn.Sequential(nn.Linear(4, 8))\n"), /has no annotation/);
  });
});
