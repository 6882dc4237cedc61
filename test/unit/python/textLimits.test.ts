import { strict as assert } from "node:assert";
import { findingsFromReading } from "../../../engine/findings/findingsFromReading";
import { lintSource } from "../../../engine/findings/lintSource";
import { describeProblem } from "../../../engine/protocol/problems";
import { readModelFile } from "../../../engine/source/readModel";
import { decodeSource } from "../../../engine/source/sourceText";
import { MAX_CHARACTERS, MAX_LINES } from "../../../engine/python/textLimits";
import { python } from "../support/python";

const MODEL = python`
  import torch.nn as nn
  model = nn.Sequential(nn.Linear(8, 4), nn.BatchNorm1d(4))
`;
const repeated = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => line(index)).join("\n");

function within(text: string): ReturnType<typeof readModelFile> {
  const reading = readModelFile({ path: "model.py", text });
  findingsFromReading(reading);
  return reading;
}

describe("what is no model file people write", () => {
  it("is too large by its lines, and the problem has their number", () => {
    const text = MODEL + repeated(70_000, (index) => `x = ${index % 10}`);
    const [problem] = within(text).problems;
    assert.deepEqual(problem, { code: "file-too-large", path: "model.py", lines: 70_002, characters: text.length });
    assert.match(problem ? describeProblem(problem).sentence : "", /^model\.py is too large to read: 70002 lines/);
    assert.match(lintSource("model.py", text).unread ?? "", /too large/);
  });
  it("is too large by one line", () =>
    assert.equal(within(MODEL + `x = [${"1,".repeat(500_000)}]`).problems[0]?.code, "file-too-large"));
  it("contains null bytes", () =>
    assert.deepEqual(within("\0\x01\x02").problems, [
      { code: "file-not-text", path: "model.py", detail: "it contains null bytes" },
    ]));
  it("is binary, as an editor shows it", () => {
    const bytes = Uint8Array.from({ length: 400_000 }, (_, index) => 1 + ((index * 7919 + (index >> 5)) % 255));
    assert.deepEqual(within(new TextDecoder().decode(bytes)).problems, [
      { code: "file-not-text", path: "model.py", detail: "it is binary" },
    ]);
    assert.ok(within(`# caf\ufffd\n${MODEL}`).graph, "one odd character is no binary file");
  });
  it("is not UTF-8", () => {
    const source = decodeSource("model.py", Uint8Array.from([0x78, 0xe9, 0x0a]));
    assert.deepEqual(source.ok ? null : source.problem, {
      code: "file-not-text",
      path: "model.py",
      detail: "its bytes are not UTF-8",
    });
  });
});

describe("the largest files that are read", () => {
  const fits = (text: string): string => {
    assert.ok(
      text.length <= MAX_CHARACTERS && text.split("\n").length <= MAX_LINES,
      `${text.length} characters, ${text.split("\n").length} lines`,
    );
    return text;
  };
  it("of thousands of statements take no longer than the bound", () =>
    assert.ok(within(fits(MODEL + repeated(50_000, (index) => `x${index} = ${index} + 1`))).graph));
  it("of thousands of layers take no longer", () =>
    assert.equal(
      within(
        fits(
          python`
            import torch.nn as nn
            model = nn.Sequential(
            ${repeated(2000, () => "    nn.Conv2d(8, 8, 3, padding=1),\n    nn.BatchNorm2d(8),")}
            )
          `,
        ),
      ).graph?.layers.length,
      4000,
    ));
  it("of thousands of classes take no longer", () => {
    const block = (index: number): string =>
      python`
        class Net${index}(nn.Module):
            def __init__(self):
                super().__init__()
                self.fc = nn.Linear(8, 4)
            def forward(self, x):
                return self.fc(x)`;
    assert.equal(
      within(
        fits(python`
      import torch.nn as nn
      ${repeated(1500, block)}
    `),
      ).candidates.length,
      1500,
    );
  });
  it("in one line take no longer", () =>
    assert.ok(within(fits(MODEL + repeated(15_000, (index) => `x${index}=${index}`).replaceAll("\n", ";"))).graph));
  it("of nothing but brackets take no longer, and throw nothing", () => {
    const brackets = "x = " + "[".repeat(90_000) + "]".repeat(90_000);
    assert.ok(within(fits(brackets)).problems.length > 0);
    assert.ok(readModelFile({ path: "a.js", text: brackets }).problems.length > 0);
  });
  it("with CRLF are read as with LF", () =>
    assert.deepEqual(within(MODEL.replaceAll("\n", "\r\n")).graph?.layers, within(MODEL).graph?.layers));
});
