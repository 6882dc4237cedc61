import { strict as assert } from "node:assert";
import { assertTainted, calls, graphOf, net, read, reasons } from "./helpers";

describe("from module import *", () => {
  const model = net("self.a = nn.Linear(4, WIDTH)\nself.b = Block(WIDTH)", "return self.b(self.a(x))");
  const block = net("self.c = nn.Linear(width, width)", "return self.c(x)", "width").replace("Net", "Block");

  it("may hide a number defined before it", () => {
    assertTainted(read(`WIDTH = 8\nfrom utils import *\n${block}${model}`), /from utils import \*.* WIDTH/);
  });
  it("may hide a class defined before it", () => {
    assertTainted(read(`${block}from utils import *\nWIDTH = 8\n${model}`), /from utils import \*.* Block/);
  });
  it("leaves what is defined after it, the libraries imported before it, and Python's own functions", () => {
    const reading = read(`from utils import *\nWIDTH = len([1, 2]) * 4\n${block}${model}`);
    assert.deepEqual(reasons(reading), []);
    assert.equal(graphOf(reading).parameters, 40 + 72);
  });
  it("may hide a layer class imported by name before it", () => {
    assertTainted(
      read(`from torch.nn import Linear\nfrom utils import *\n${net("self.a = Linear(4, 2)", "return self.a(x)")}`),
      /from utils import \*.* Linear/,
    );
  });
  it("of torch hides what torch has and leaves the rest", () => {
    const reading = read(
      `Linear = 3\nWIDTH = 8\nfrom torch.nn import *\n${net("self.a = Linear(4, WIDTH)", "return self.a(x)")}`,
    );
    assert.equal(graphOf(reading).parameters, 40);
  });
});

describe("nn.Upsample with one factor", () => {
  for (const [input, output] of [
    [[2, 8], "2x16"],
    [[2, 8, 6], "2x16x12"],
    [[2, 4, 4, 4], "2x8x8x8"],
  ] as const) {
    it(`scales every axis of ${input.join("×")}`, () => {
      const reading = read(net("self.u = nn.Upsample(scale_factor=2)", "return self.u(x)"), { inputs: [input] });
      assert.deepEqual(calls(graphOf(reading)), [`u Upsample ${output}`]);
    });
  }
  it("has no output shape where the rank of its input is not known", () => {
    assert.deepEqual(calls(graphOf(read(net("self.u = nn.Upsample(scale_factor=2)", "return self.u(x)")))), [
      "u Upsample ?",
    ]);
  });
  it("is two-dimensional when it is bilinear", () => {
    const reading = read(net('self.u = nn.Upsample(scale_factor=2, mode="bilinear")', "return self.u(x)"), {
      inputs: [[2, 8]],
    });
    assert.ok(reading.problems.some((problem) => problem.code === "shape-mismatch"));
  });
});

describe("The order of layers", () => {
  const order = (init: string): string[] => {
    const reading = read(net(init, "return x"));
    assert.deepEqual(
      reasons(reading).filter((reason) => !reason.includes("FLAG")),
      [],
    );
    return reading.unknowns.length > 0 ? ["?"] : graphOf(reading).layers.map((layer) => layer.name);
  };

  it("is the one before when a deletion was not certain", () => {
    assert.deepEqual(
      order(
        "self.a = nn.ReLU()\nself.b = nn.ReLU()\nif FLAG:\n    t = self.a\n    del self.a\n    self.a = t\n    raise ValueError()",
      ),
      ["a", "b"],
    );
  });
  it("is unknown when a branch may have changed it", () => {
    assert.deepEqual(
      order("self.a = nn.ReLU()\nself.b = nn.ReLU()\nif FLAG:\n    t = self.a\n    del self.a\n    self.a = t"),
      ["?"],
    );
    assert.deepEqual(
      order(
        "s, t = nn.ReLU(), nn.ReLU()\nif FLAG:\n    self.a = s\n    self.b = t\nelse:\n    self.b = t\n    self.a = s",
      ),
      ["?"],
    );
  });
  it("is the new one when all branches changed it alike", () => {
    const move = "    t = self.a\n    del self.a\n    self.a = t";
    assert.deepEqual(order(`self.a = nn.ReLU()\nself.b = nn.ReLU()\nif FLAG:\n${move}\nelse:\n${move}`), ["b", "a"]);
  });
  it("is unknown when a dict was filled in another order in a branch", () => {
    assert.deepEqual(
      order(
        "s, t = nn.ReLU(), nn.ReLU()\nd = {}\nif FLAG:\n    d['a'] = s\n    d['b'] = t\nelse:\n    d['b'] = t\n    d['a'] = s\nself.m = nn.ModuleDict(d)",
      ),
      ["?"],
    );
  });
});
