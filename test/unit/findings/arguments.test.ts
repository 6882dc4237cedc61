import { strict as assert } from "node:assert";
import { lintSource } from "../../../engine/findings/lintSource";
import { assertWellFormed, findings, fixed, net, of, only, pointed, quiet, rulesAt } from "./helpers";
import { python } from "../support/python";

const withNorm = (norm: string, before = ""): string =>
  `${before}${net(
    python`
    self.conv = nn.Conv2d(3, 16, 3, bias=False)
    self.bn = ${norm}
    self.fc = nn.Conv2d(16, 2, 1)`,
    "return self.fc(F.relu(self.bn(self.conv(x))))",
  )}`;

describe("eps-looks-like-momentum", () => {
  const rule = "eps-looks-like-momentum";

  it("finds a Keras momentum in the second place, points at it and fixes it", () => {
    const text = withNorm("nn.BatchNorm2d(16, 0.8)");
    const finding = only(rule, text);
    assertWellFormed(finding);
    assert.deepEqual([finding.severity, finding.layer, pointed(text, finding)], ["warning", "bn", "0.8"]);
    assert.match(finding.evidence, /σ = 0\.745.* σ = 0\.111/);
    assert.ok(fixed(text, finding).includes("nn.BatchNorm2d(16, momentum=0.2)"));
  });
  it("takes a small one for PyTorch's own momentum", () => {
    const text = withNorm("nn.BatchNorm2d(16, 0.1)");
    assert.ok(fixed(text, only(rule, text)).includes("nn.BatchNorm2d(16, momentum=0.1)"));
  });
  it("replaces a keyword with its name", () => {
    const text = withNorm("nn.BatchNorm2d(16, eps=0.9, affine=True)");
    const finding = only(rule, text);
    assert.equal(pointed(text, finding), "eps=0.9");
    assert.ok(fixed(text, finding).includes("nn.BatchNorm2d(16, momentum=0.1, affine=True)"));
  });
  it("offers no fix that would not be Python, or that guesses", () => {
    for (const norm of [
      "nn.BatchNorm2d(16, 0.8, 0.1)",
      "nn.BatchNorm2d(16, 0.8, momentum=0.1)",
      "nn.BatchNorm2d(16, 16)",
      "nn.BatchNorm2d(16, EPS)",
    ]) {
      assert.equal(only(rule, withNorm(norm, "EPS = 0.8\n")).fix, null, norm);
    }
  });
  it("follows a number of channels that became eps", () => {
    const text = withNorm("nn.BatchNorm2d(16, 16)");
    assert.match(only(rule, text).verdict, /^16 is passed as eps, so bn/);
  });
  it("says one thing about a line that makes many layers", () => {
    const block = python`
        def block(i, o):
            return nn.Sequential(nn.Conv2d(i, o, 3, bias=False), nn.BatchNorm2d(o, 0.8), nn.ReLU())
        model = nn.Sequential(block(3, 8), block(8, 8), block(8, 8), nn.Conv2d(8, 2, 1))
      `;
    const finding = only(rule, block);
    assert.deepEqual(finding.layers, ["0.1", "1.1", "2.1"]);
    assert.match(finding.verdict, /0\.1 \(BatchNorm2d\) and 2 more/);
  });
  it("reads a block that needs arguments", () => {
    const text = python`
        class Block(nn.Module):
            def __init__(self, width):
                super().__init__()
                self.bn = nn.BatchNorm2d(width, 0.8)
            def forward(self, x):
                return self.bn(x)
      `;
    const finding = only(rule, text);
    assert.deepEqual([finding.layers, pointed(text, finding)], [["bn"], "0.8"]);
  });
  it("reads an imported name", () => {
    assert.deepEqual(
      rulesAt(python`
        from torch.nn import BatchNorm2d as Norm
        def norm(width):
            return Norm(width, 0.8)
      `),
      [`${rule} 3`],
    );
  });
  it("points at the whole expression when a variable stands for the class", () => {
    const text = withNorm("norm(16, 0.8)", "norm = nn.BatchNorm2d\n");
    const finding = only(rule, text);
    assert.deepEqual([pointed(text, finding), finding.fix], ["norm(16, 0.8)", null]);
  });
  quiet(rule, {
    "Keras's own epsilon": withNorm("nn.BatchNorm2d(16, 0.001)"),
    "an epsilon as large as 0.05": withNorm("nn.BatchNorm2d(16, eps=0.05)"),
    "a momentum by its name": withNorm("nn.BatchNorm2d(16, momentum=0.2)"),
    GroupNorm: withNorm("nn.GroupNorm(4, 16, 0.8)"),
    LayerNorm: "model = nn.Sequential(nn.Linear(4, 8), nn.LayerNorm(8, 0.8))\n",
    "an unknown value": withNorm("nn.BatchNorm2d(16, EPS)", "from config import EPS\n"),
    "an eps that is set later": python`
        ${withNorm("nn.BatchNorm2d(16, 0.8)")}model = Net()
        for m in model.modules():
            if isinstance(m, nn.BatchNorm2d):
                m.eps = 1e-5
      `
      .replace(
        "class Net(nn.Module):\n    def __init__(self):",
        "class Net(nn.Module):\n    def __init__(self, unused):",
      )
      .replace("Net()", "Net(1)"),
    "a class of the same name from elsewhere": python`
        from mylib import BatchNorm2d
        def f(width):
            return BatchNorm2d(width, 0.8)
      `,
    "a name that is bound twice": python`
      EPS = 0.8
      EPS = 1e-5
      def f(width):
          return nn.BatchNorm2d(width, EPS)
    `,
    "arguments that are spread": python`
      def f(*args):
          return nn.BatchNorm2d(*args, 0.8)
    `,
  });
});

describe("momentum-inverted", () => {
  const rule = "momentum-inverted";

  it("finds Keras's 0.99 and fixes it", () => {
    const text = withNorm("nn.BatchNorm2d(16, momentum=0.99)");
    const finding = only(rule, text);
    assertWellFormed(finding);
    assert.deepEqual([finding.severity, pointed(text, finding)], ["warning", "momentum=0.99"]);
    assert.match(finding.evidence, /99 %.* 4\.32 times/);
    assert.ok(fixed(text, finding).includes("momentum=0.01)"));
  });
  it("finds it in the third place, and exactly at 0.9", () => {
    const text = withNorm("nn.BatchNorm2d(16, 1e-3, 0.9)");
    const finding = only(rule, text);
    assert.equal(pointed(text, finding), "0.9");
    assert.ok(fixed(text, finding).includes("nn.BatchNorm2d(16, 1e-3, 0.1)"));
  });
  it("follows a constant, without changing it for everybody", () => {
    const text = withNorm("nn.BatchNorm2d(16, momentum=DECAY)", "DECAY = 0.997\n");
    const finding = only(rule, text);
    assert.deepEqual([pointed(text, finding), finding.fix], ["momentum=DECAY", null]);
  });
  it("follows an assignment after construction", () => {
    const text = python`
      ${withNorm("nn.BatchNorm2d(16)")}model = Net()
      for m in model.modules():
          if isinstance(m, nn.BatchNorm2d):
              m.momentum = 0.9997
    `;
    assert.equal(of(rule, text).length, 1);
  });
  it("leaves unit tests alone, which compare one batch with another implementation", () => {
    const text = python`
      import unittest
      import torch.nn as nn
      ${withNorm("nn.BatchNorm2d(16, momentum=1)")}`;
    assert.deepEqual(
      lintSource("tests/test_norm.py", text).findings.filter(({ rule: id }) => id === rule),
      [],
    );
    assert.equal(lintSource("norm.py", text).findings.filter(({ rule: id }) => id === rule).length, 1);
  });
  it("has no fix for 1, which keeps nothing", () => {
    const finding = only(rule, withNorm("nn.BatchNorm2d(16, momentum=1.0)"));
    assert.deepEqual([finding.fix, finding.next.startsWith("Pass a smaller momentum")], [null, true]);
  });
  quiet(rule, {
    "PyTorch's default": withNorm("nn.BatchNorm2d(16)"),
    "a large weight below 0.9": withNorm("nn.BatchNorm2d(16, momentum=0.5)"),
    "1 - 0.9": withNorm("nn.BatchNorm2d(16, momentum=1 - 0.9)"),
    "1 - a decay": withNorm("nn.BatchNorm2d(16, momentum=1 - BN_DECAY)", "BN_DECAY = 0.99\n"),
    "a cumulative average": withNorm("nn.BatchNorm2d(16, momentum=None)"),
    "a layer without running statistics": withNorm("nn.BatchNorm2d(16, momentum=0.99, track_running_stats=False)"),
    "an optimizer's momentum": python`
        def train(model):
            return torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.99)
      `,
    InstanceNorm: withNorm("nn.InstanceNorm2d(16, momentum=0.99)"),
    "an unknown value": withNorm("nn.BatchNorm2d(16, momentum=args.m)", "from config import args\n"),
    "a momentum that is set to a small one later":
      `${withNorm("nn.BatchNorm2d(16, momentum=0.99)")}model = Net()\n` + `model.bn.momentum = 0.01\n`,
    "a momentum that a function may change": python`
      ${withNorm("nn.BatchNorm2d(16, momentum=0.99)")}def prepare(model):
          for m in model.modules():
              m.momentum = 0.01
    `,
    "layers held in evaluation mode":
      withNorm("nn.BatchNorm2d(16, momentum=0.99)") +
      "    def train(self, mode=True):\n        super().train(mode)\n        self.bn.eval()\n",
  });
});

describe("no-track-running-stats", () => {
  const rule = "no-track-running-stats";

  it("points at the argument", () => {
    const text = withNorm("nn.BatchNorm2d(16, track_running_stats=False)");
    const finding = only(rule, text);
    assertWellFormed(finding);
    assert.deepEqual(
      [finding.severity, pointed(text, finding), finding.fix],
      ["warning", "track_running_stats=False", null],
    );
  });
  it("finds it in a block that only other files use", () => {
    assert.deepEqual(
      rulesAt(python`
      def norm(width):
          return nn.BatchNorm2d(width, track_running_stats=False)
    `),
      [`${rule} 2`],
    );
  });
  quiet(rule, {
    "the default": withNorm("nn.BatchNorm2d(16)"),
    True: withNorm("nn.BatchNorm2d(16, track_running_stats=True)"),
    "InstanceNorm, which never tracks": withNorm("nn.InstanceNorm2d(16)"),
    "an unknown value": withNorm("nn.BatchNorm2d(16, track_running_stats=FLAG)", "from config import FLAG\n"),
  });
});

describe("Findings about arguments", () => {
  it("come in the order of the file", () => {
    const text =
      "model = nn.Sequential(nn.BatchNorm2d(16, 0.8, 0.99), nn.ReLU(), nn.BatchNorm2d(16, " +
      "track_running_stats=False), nn.ReLU())\n";
    assert.deepEqual(
      findings(text).map(({ rule }) => rule),
      ["eps-looks-like-momentum", "momentum-inverted", "no-track-running-stats"],
    );
  });
});
