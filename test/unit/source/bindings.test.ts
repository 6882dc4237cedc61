import { strict as assert } from "node:assert";
import { assertTainted, calls, graphOf, net, read, reasons } from "./helpers";
import { python } from "../support/python";

describe("from module import *", () => {
  const model = net("self.a = nn.Linear(4, WIDTH)\nself.b = Block(WIDTH)", "return self.b(self.a(x))");
  const block = net("self.c = nn.Linear(width, width)", "return self.c(x)", "width").replace("Net", "Block");

  it("may hide a number defined before it", () => {
    assertTainted(
      read(python`
      WIDTH = 8
      from utils import *
      ${block}${model}`),
      /from utils import \*.* WIDTH/,
    );
  });
  it("may hide a class defined before it", () => {
    assertTainted(read(`${block}from utils import *\nWIDTH = 8\n${model}`), /from utils import \*.* Block/);
  });
  it("leaves what is defined after it, the libraries imported before it, and Python's own functions", () => {
    const reading = read(python`
      from utils import *
      WIDTH = len([1, 2]) * 4
      ${block}${model}`);
    assert.deepEqual(reasons(reading), []);
    assert.equal(graphOf(reading).parameters, 40 + 72);
  });
  it("may hide a layer class imported by name before it", () => {
    assertTainted(
      read(python`
        from torch.nn import Linear
        from utils import *
        ${net("self.a = Linear(4, 2)", "return self.a(x)")}`),
      /from utils import \*.* Linear/,
    );
  });
  it("of torch hides what torch has and leaves the rest", () => {
    const reading = read(
      python`
        Linear = 3
        WIDTH = 8
        from torch.nn import *
        ${net("self.a = Linear(4, WIDTH)", "return self.a(x)")}`,
    );
    assert.equal(graphOf(reading).parameters, 40);
  });
});

describe("eval() of a name", () => {
  const head = python`
    import functools
    class sizes:
        small = 4
        class nested:
            large = 8
    SMALL = 4
    which = "small"
  `;
  const built = (size: string): string => `${head}${net(`self.a = nn.Linear(2, ${size})`, "return self.a(x)")}`;
  for (const [text, width] of [
    ["'SMALL'", 4],
    ["'sizes.%s' % which", 4],
    ["'sizes.' + which", 4],
    ["f'sizes.{which}'", 4],
    ["'sizes.{}'.format(which)", 4],
    ["'sizes.nested.large'", 8],
  ] as const)
    it(`is what has that name: ${text}`, () => {
      assert.equal(graphOf(read(built(`eval(${text})`))).parameters, 3 * width);
    });
  it("is a layer's class, too", () => {
    assert.equal(
      graphOf(read(net("self.a = eval('nn.' + kind)(2, 4)", "return self.a(x)", "kind='Linear'"))).parameters,
      12,
    );
  });
  it("is unknown for other texts, and for names that are not there", () => {
    for (const text of ["'2 * SMALL'", "'sizes.tiny'", "'nothing'", "open('size').read()"])
      assert.notDeepEqual(reasons(read(built(`eval(${text})`))), [], text);
  });
  it("is the file's own function of that name", () => {
    assert.equal(graphOf(read(`def eval(text):\n    return 5\n${built("eval('SMALL')")}`)).parameters, 15);
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
        python`
          self.a = nn.ReLU()
          self.b = nn.ReLU()
          if FLAG:
              t = self.a
              del self.a
              self.a = t
              raise ValueError()`,
      ),
      ["a", "b"],
    );
  });
  it("is unknown when a branch may have changed it", () => {
    assert.deepEqual(
      order(python`
        self.a = nn.ReLU()
        self.b = nn.ReLU()
        if FLAG:
            t = self.a
            del self.a
            self.a = t`),
      ["?"],
    );
    assert.deepEqual(
      order(
        python`
          s, t = nn.ReLU(), nn.ReLU()
          if FLAG:
              self.a = s
              self.b = t
          else:
              self.b = t
              self.a = s`,
      ),
      ["?"],
    );
  });
  it("is the new one when all branches changed it alike", () => {
    const move = "    t = self.a\n    del self.a\n    self.a = t";
    assert.deepEqual(
      order(python`
      self.a = nn.ReLU()
      self.b = nn.ReLU()
      if FLAG:
      ${move}
      else:
      ${move}`),
      ["b", "a"],
    );
  });
  it("is unknown when a dict was filled in another order in a branch", () => {
    assert.deepEqual(
      order(
        python`
          s, t = nn.ReLU(), nn.ReLU()
          d = {}
          if FLAG:
              d['a'] = s
              d['b'] = t
          else:
              d['b'] = t
              d['a'] = s
          self.m = nn.ModuleDict(d)`,
      ),
      ["?"],
    );
  });
});
