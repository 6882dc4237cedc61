import { strict as assert } from "node:assert";
import { turnIntoAnnotation } from "../../../engine/rewrite/turnIntoAnnotation";
import { writeIntoSource } from "../../../engine/rewrite/writeIntoSource";
import { python } from "../support/python";

const IMPORTS = python`
  import torch.nn as nn
  import torch.nn.functional as F
`;

function turned(text: string): string {
  const line = (IMPORTS + text).split("\n").findIndex((content) => content.includes("BatchNorm")) + 1;
  const result = turnIntoAnnotation({ path: "model.py", text: IMPORTS + text }, line);
  return "text" in result ? result.text.slice(IMPORTS.length) : `refused: ${result.refused}`;
}

const net = (norm: string, forward: string): string => `class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(4, 8)  # wide
        self.act = nn.ReLU()
        self.bn = ${norm}
        self.b = nn.Linear(8, 2)

    def forward(self, x):
        ${forward}
`;

describe("Turning a BN layer into an annotation", () => {
  it("marks the layer in front of it", () => {
    const text = turned(net("nn.BatchNorm1d(8)", "return self.b(self.act(self.bn(self.a(x))))"));
    assert.match(text, /self\.a = nn\.Linear\(4, 8\) {2}# wide {2}# normlens: add bn\n/);
    assert.match(text, /return self\.b\(self\.act\(self\.a\(x\)\)\)/);
    assert.doesNotMatch(text, /BatchNorm/);
  });

  it("marks it as after the activation", () => {
    assert.match(
      turned(net("nn.BatchNorm1d(8)", "return self.b(self.bn(self.act(self.a(x))))")),
      /# normlens: add bn after-activation\n/,
    );
  });

  it("works in a Sequential, and can be undone by writing it again", () => {
    const text = python`
      model = nn.Sequential(
          nn.Linear(4, 8),
          nn.BatchNorm1d(8),
          nn.ReLU(),
      )
    `;
    const annotated = turned(text);
    assert.equal(
      annotated,
      python`
      model = nn.Sequential(
          nn.Linear(4, 8),  # normlens: add bn
          nn.ReLU(),
      )
    `,
    );
    const back = writeIntoSource({ path: "model.py", text: IMPORTS + annotated }, 4);
    assert.equal("text" in back ? back.text : back.refused, IMPORTS + text);
  });

  it("refuses where the annotation would mean something else", () => {
    assert.match(
      turned(net("nn.BatchNorm1d(8, momentum=0.01)", "return self.b(self.act(self.bn(self.a(x))))")),
      /^refused: .*the annotated model would differ/,
    );
    assert.match(
      turned(net("nn.BatchNorm1d(4)", "return self.b(self.a(self.bn(x)))")),
      /^refused: bn does not come after/,
    );
    assert.match(
      turned(net("nn.BatchNorm1d(8)", "y = self.bn(self.a(x))\n        return self.b(y + self.bn(y))")),
      /^refused/,
    );
    assert.match(
      turned(net("nn.BatchNorm1d(8)  # normlens: use ghost(8)", "return self.b(self.act(self.bn(self.a(x))))")),
      /^refused: .*already has an annotation/,
    );
    assert.match(
      turned("model = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.BatchNorm1d(8))\n"),
      /^refused: Line 3 does not create exactly one/,
    );
  });
});
