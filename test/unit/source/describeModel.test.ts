import { strict as assert } from "node:assert";
import { argumentMistake, describeModelEdit, shapeMistake } from "../../../engine/source/annotations/describeModel";
import { readModelFile } from "../../../engine/source/readModel";

const MODEL = `import torch.nn as nn

class Net(nn.Module):
    def __init__(self, width, blocks, act=nn.ReLU):
        super().__init__()
        self.layers = nn.Sequential(*[nn.Conv2d(width, width, 3) for _ in blocks])

    def forward(self, x):
        return self.layers(x)
`;

/** The text after a person answered the questions. */
function described(text: string, args: readonly string[], inputs: readonly (readonly number[])[]): string {
  const reading = readModelFile({ path: "net.py", text });
  const [candidate] = reading.candidates;
  assert.ok(candidate);
  const lines = text.split("\n");
  const edit = describeModelEdit(reading, { candidate, args, inputs }, (line) => lines[line - 1] ?? "");
  if (edit.kind === "replace") lines[edit.line - 1] = edit.text;
  else lines.splice(edit.line - 1, 0, edit.text);
  return lines.join("\n");
}

describe("Describing a model", () => {
  it("puts what was open above the class, and the model is read", () => {
    const text = described(MODEL, ["4", "[1, 2]"], [[4, 9, 9]]);
    assert.match(text, /\n# normlens: model Net\(width=4, blocks=\[1, 2\]\) input=4x9x9\nclass Net/);
    const { graph, problems } = readModelFile({ path: "net.py", text });
    assert.deepEqual([graph?.parameters, problems], [296, []]);
  });

  it("replaces what was said before, and keeps the data", () => {
    const text = described(`# normlens: model Net(1, [1]) data=digits\n${MODEL}`, ["8", "[3]"], []);
    assert.match(text, /^# normlens: model Net\(width=8, blocks=\[3\]\) data=digits\nimport/);
  });

  it("says what an answer lacks", () => {
    for (const good of ["10", "-1.5", '"bottleneck"', "[3, 4, 6, 3]", "None", "True", "{'a': 1}", " 3 * 2 "])
      assert.equal(argumentMistake(good), null, good);
    for (const bad of ["", "width", "f()", "1, 2)", "import os", "1 # no"])
      assert.notEqual(argumentMistake(bad), null, bad);
    for (const good of ["", "3x32x32", "10", "3x8x8,10"]) assert.equal(shapeMistake(good), null, good);
    for (const bad of ["3x", "a", "3x32x", "0x3"]) assert.notEqual(shapeMistake(bad), null, bad);
  });
});
