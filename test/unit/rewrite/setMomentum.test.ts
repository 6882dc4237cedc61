import { strict as assert } from "node:assert";
import { setMomentum } from "../../../engine/rewrite/setMomentum";

const model = (layers: string, more = ""): string => `import torch.nn as nn
${more}
class Net(nn.Module):
    def __init__(self, width=8):
        super().__init__()
${layers
  .split("\n")
  .map((line) => `        ${line}`)
  .join("\n")}

    def forward(self, x):
        return self.net(x)


# normlens: model Net() input=4
`;

const changed = (text: string, momentum = 0.02): string[] => {
  const result = setMomentum({ path: "model.py", text }, momentum);
  assert.ok("text" in result, "refused" in result ? result.refused : "");
  const before = text.split("\n");
  return result.text.split("\n").filter((line, index) => line !== before[index]);
};
const refused = (text: string, momentum = 0.02): string => {
  const result = setMomentum({ path: "model.py", text }, momentum);
  return "refused" in result ? result.refused : `written: ${result.text}`;
};

describe("Another momentum for a model's BN layers", () => {
  it("goes into every constructor, whatever was there", () => {
    const text = model(
      `self.net = nn.Sequential(
    nn.Linear(4, width), nn.BatchNorm1d(width),
    nn.Linear(width, width), nn.BatchNorm1d(width, momentum=0.001),
    nn.Linear(width, width), nn.BatchNorm1d(width, 1e-3, SLOW),
    nn.Linear(width, width), nn.BatchNorm1d(width, momentum=None, affine=False),
)`,
      "SLOW = 0.005\n",
    );
    assert.deepEqual(
      changed(text).map((line) => line.trim()),
      [
        "nn.Linear(4, width), nn.BatchNorm1d(width, momentum=0.02),",
        "nn.Linear(width, width), nn.BatchNorm1d(width, momentum=0.02),",
        "nn.Linear(width, width), nn.BatchNorm1d(width, 1e-3, 0.02),",
        "nn.Linear(width, width), nn.BatchNorm1d(width, momentum=0.02, affine=False),",
      ],
    );
  });

  it("goes into a constant that nothing else takes", () => {
    const two = "self.net = nn.Sequential(nn.BatchNorm1d(4, momentum=SLOW), nn.BatchNorm1d(4, momentum=SLOW))";
    assert.deepEqual(changed(model(two, "SLOW = 0.005  # as in the paper\n")), ["SLOW = 0.02  # as in the paper"]);
    const shared = model(two, "SLOW = 0.005\nDECAY = SLOW / 2\n");
    assert.deepEqual(
      changed(shared).map((line) => line.trim()),
      [two.replaceAll("SLOW", "0.02")],
    );
  });

  it("changes a line that makes several layers once", () => {
    const text = model("self.net = nn.Sequential(*[nn.BatchNorm1d(4, momentum=0.5) for _ in range(3)])");
    const result = setMomentum({ path: "model.py", text }, 0.02);
    assert.ok("text" in result);
    assert.deepEqual([result.places, result.line], [1, 6]);
  });

  it("leaves layers alone that have it, and those without running statistics", () => {
    const text = model(
      "self.net = nn.Sequential(nn.BatchNorm1d(4, momentum=0.02), nn.BatchNorm1d(4, track_running_stats=False), nn.BatchNorm1d(4))",
    );
    assert.match(
      changed(text)[0] ?? "",
      /BatchNorm1d\(4, momentum=0\.02\), .*=False\), nn\.BatchNorm1d\(4, momentum=0\.02\)\)$/,
    );
    assert.match(
      refused(model("self.net = nn.BatchNorm1d(4, momentum=0.02)")),
      /^Every BN layer of Net\(\) has momentum 0\.02 already\.$/,
    );
  });

  it("says why it can't be written", () => {
    const options = "options = dict(momentum=0.001)\n";
    assert.match(
      refused(model("self.net = nn.BatchNorm1d(4, **options)", options)),
      /^The constructor on line 7 has no place for momentum=0\.02\.$/,
    );
    assert.match(
      refused(model("self.net = nn.Linear(4, 4)  # normlens: add bn")),
      /^\S+ comes from the annotation on line 6\. Set momentum there \(set momentum=0\.02\)\.$/,
    );
    assert.match(
      refused(model("self.net = nn.BatchNorm1d(4)  # normlens: set momentum=0.5")),
      /the result would be another model/,
    );
    assert.match(refused("x = 1\n"), /no model that NormLens can read/);
  });
});
