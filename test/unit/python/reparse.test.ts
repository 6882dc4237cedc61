import { strict as assert } from "node:assert";
import fc from "fast-check";
import { parsePython, parsePythonIfValid } from "../../../engine/python/parse";
import { python } from "../support/python";

const block = (index: number): string => `class Block${index}(nn.Module):
    """Two convolutions (1. and 2.), each with BN."""

    def __init__(self, channels, out, stride=1):
        super().__init__()
        self.scale = 0.5 if stride != 1 else 1.
        self.body = nn.Sequential(
            nn.Conv2d(channels, out, kernel_size=3, stride=stride, bias=False),  # normlens: add bn
            nn.BatchNorm2d(out),
        )

    def forward(self, x):
        for part in [self.body]:
            if part is not None and not self.training:
                x = part(x)
        return f"{x}" if x is None else x * self.scale

`;
const text = python`
  import torch.nn as nn

  ${[0, 1, 2, 3, 4, 5].map(block).join("")}`;

const typed = fc.oneof(
  fc.constantFrom(
    "",
    "\n",
    " ",
    "    ",
    "\t",
    "# a comment\n",
    '"""',
    "'",
    "(",
    ")",
    "]",
    ":",
    "if x:\n",
    "else:\n",
    "x = 1.\n",
    "\\\n",
    "def f(a, *, b=2): return a\n",
    "        return x\n",
    "class A:\n    pass\n",
    "async ",
    "yield",
    "é",
  ),
  fc.string({ maxLength: 4 }),
);
const edit = fc.record({ at: fc.nat(text.length), removed: fc.oneof(fc.constant(0), fc.nat(12), fc.nat(400)), typed });

/** A new name for every parse, so that nothing is cached for it. */
let fresh = 0;
const fromScratch = (source: string): ReturnType<typeof parsePython> => parsePython(`fresh${fresh++}.py`, source);

describe("Parsing a large file again after an edit", () => {
  it("gives what parsing it from scratch gives, whatever was typed before", () => {
    assert.ok(text.length > 2_000);
    let count = 0;
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 6 }), (edits) => {
        const path = `edited${count++}.py`;
        parsePython(path, text);
        parsePythonIfValid(`valid-${path}`, text);
        let now = text;
        for (const { at, removed, typed: inserted } of edits) {
          now = now.slice(0, at) + inserted + now.slice(at + removed);
          const again = parsePython(path, now);
          const expected = fromScratch(now);
          assert.deepEqual(again.syntaxErrors, expected.syntaxErrors);
          assert.deepEqual(again.module, expected.module);
          const valid = parsePythonIfValid(`valid-${path}`, now);
          assert.deepEqual(valid?.module ?? null, expected.syntaxErrors.length > 0 ? null : expected.module);
        }
      }),
      { numRuns: 100 },
    );
  });
  it("keeps each file's own text apart", () => {
    const paths = Array.from({ length: 12 }, (_, index) => `file${index}.py`);
    for (const round of [1, 2]) {
      for (const [index, path] of paths.entries()) {
        const source = `${text}\nwidth = ${index * round}\n`;
        assert.deepEqual(parsePython(path, source).module, fromScratch(source).module);
      }
    }
  });
});
