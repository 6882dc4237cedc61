import { strict as assert } from "node:assert";
import * as fc from "fast-check";
import { changedPart } from "../../../engine/python/changedPart";
import { lineFacts } from "../../../extension/editor/lineFacts";
import { readModelFile } from "../../../engine/source/readModel";
import { python } from "../support/python";

const RESNET = `import torch.nn as nn

class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.conv = nn.Conv2d(width, width, 3, padding=1)
        self.bn = nn.BatchNorm2d(width)

    def forward(self, x):
        return x + self.bn(self.conv(x))

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer1 = self._make_layer(8, 6)
        self.head = nn.Linear(size(), 2)

    def _make_layer(self, width, count):
        return nn.Sequential(*[Block(width) for _ in range(count)])

    def forward(self, x):
        return self.layer1(x)
`;

describe("What a hover says about a line", () => {
  const reading = readModelFile({ path: "net.py", text: RESNET, inputs: [[8, 4, 4]] });

  it("names the layers, and the calls that led there", () => {
    const text = lineFacts(reading, 7) ?? "";
    const [first, second] = text.split("  \n");
    assert.equal(first, "`layer1.0.bn` BatchNorm2d: output 8×4×4, 16 parameters");
    assert.match(second ?? "", /^← `Net\._make_layer` line 19 ← `Net\.__init__` line 15/);
    assert.match(text, /… and 2 more layers/);
  });

  it("says what is unknown, with its reason, as text and not as Markdown", () => {
    assert.match(lineFacts(reading, 16) ?? "", /\bsize\b.*\.$/);
    const strange = readModelFile({
      path: "net.py",
      text: python`
        import torch.nn as nn
        model = nn.Sequential(nn.Linear(a_b_c, 2))
      `,
    });
    assert.match(lineFacts(strange, 2) ?? "", /a\\_b\\_c/);
  });

  it("says nothing about other lines", () => {
    assert.equal(lineFacts(reading, 1), null);
  });
});

describe("The changed part of a text", () => {
  it("makes one text the other", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), fc.string(), (start, before, after, end) => {
        const old = start + before + end;
        const { from, to, newText } = changedPart(old, start + after + end);
        assert.equal(old.slice(0, from) + newText + old.slice(to), start + after + end);
        assert.ok(to - from <= before.length);
      }),
    );
  });
});
