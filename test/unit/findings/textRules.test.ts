/** Rules that read the text of model classes, whether or not a model can be built. */
import { strict as assert } from "node:assert";
import { lintSource } from "../../../engine/findings/lintSource";
import { OFFSET } from "../source/helpers";
import { python } from "../support/python";
import { IMPORTS, of, quiet, rulesAt } from "./helpers";

const cls = (init: string, forward: string, parameters = "x"): string => `class M(nn.Module):
    def __init__(self, width=8):
        super().__init__()
${init.replaceAll(/^/gm, "        ")}
    def forward(self, ${parameters}):
${forward.replaceAll(/^/gm, "        ")}
`;

function finds(rule: string, cases: Readonly<Record<string, readonly [text: string, ...lines: number[]]>>): void {
  for (const [title, [text, ...lines]] of Object.entries(cases)) {
    it(`${rule} finds ${title}`, () => {
      const found = rulesAt(text).filter((at) => at.startsWith(`${rule} `));
      assert.deepEqual(
        found,
        lines.map((line) => `${rule} ${line}`),
      );
      for (const { next } of of(rule, text)) assert.match(next, /^(Pass|Make|Use|Call) /);
    });
  }
}

describe("norm-not-registered", () => {
  finds("norm-not-registered", {
    "a layer that is made and called": [cls("self.c = nn.Conv2d(3, 8, 3)", "return nn.BatchNorm2d(8)(self.c(x))"), 6],
    "one with a name": [cls("pass", "norm = nn.BatchNorm1d(8)\nreturn norm(x)"), 6],
    "one in another method": [
      `${cls("pass", "return self.part(x)")}    def part(self, x):\n        return nn.BatchNorm3d(4)(x)\n`,
      8,
    ],
  });
  const each = "for fc, norm in zip(self.fcs, self.norms):\n    x = norm(fc(x))\nreturn x";
  const fcs = "self.fcs = nn.ModuleList([nn.Linear(8, 8, bias=False) for _ in range(3)])";
  finds("norm-not-registered", {
    "layers in a list": [cls(`${fcs}\nself.norms = [nn.BatchNorm1d(8) for _ in range(3)]`, each), 8],
    "layers in a list that grows": [
      cls(`${fcs}\nself.norms = []\nfor _ in range(3):\n    self.norms.append(nn.BatchNorm1d(8))`, each),
      10,
    ],
    "layers in a dict": [
      cls(
        'self.norms = {"a": nn.BatchNorm2d(3), "b": nn.BatchNorm2d(3)}',
        'x = self.norms["a"](x)\nreturn self.norms["b"](x)',
      ),
      6,
      7,
    ],
    "layers in a tuple": [cls("self.norms = (nn.BatchNorm2d(3),)", "return self.norms[0](x)"), 6],
    "layers in a function's variable": [cls("pass", "return shared(x)") + "shared = nn.BatchNorm2d(3)\n", 6],
  });
  quiet("norm-not-registered", {
    "a list that becomes a ModuleList": cls(
      `${fcs}\nself.norms = [nn.BatchNorm1d(8) for _ in range(3)]\nself.norms = nn.ModuleList(self.norms)`,
      each,
    ),
    "layers that are attributes as well": cls(
      "self.a = nn.BatchNorm2d(3)\nself.all = [self.a]",
      "return self.all[0](x)",
    ),
    "a network that a class hides in a list": `class Teacher(nn.Module):
    def __init__(self):
        super().__init__()
        self.parts = nn.ModuleList([nn.BatchNorm2d(3)])
    def forward(self, x):
        for part in self.parts:
            x = part(x)
        return x
${cls("self.hidden = [Teacher()]\nself.c = nn.Conv2d(3, 3, 1)", "return self.c(self.hidden[0](x))")}`,
    "a hidden network with layers that are attributes, beside a list of layers": `class Teacher(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm = nn.BatchNorm2d(3)
        layers = [nn.Conv2d(3, 3, 1, bias=False), nn.BatchNorm2d(3)]
        self.rest = nn.Sequential(*layers)
    def forward(self, x):
        return self.rest(self.norm(x))
${cls("self.hidden = [Teacher()]\nself.c = nn.Conv2d(3, 3, 1)", "return self.c(self.hidden[0](x))")}`,
    "layers that get a name": cls(
      'self.norms = [nn.BatchNorm2d(3)]\nfor i, n in enumerate(self.norms):\n    self.add_module(f"n{i}", n)',
      "return self.norms[0](x)",
    ),
    "a layer of the constructor": cls("self.n = nn.BatchNorm2d(8)", "return self.n(x)"),
    "a layer that a method makes for the constructor": `${cls("self.n = self.norm()", "return self.n(x)")}    def norm(self):
        layer = nn.BatchNorm2d(8)
        return layer
`,
    LayerNorm: cls("pass", "return nn.LayerNorm(8)(x)"),
  });
});

describe("no-track-running-stats", () => {
  const stats = "self.mean, self.var = nn.Parameter(torch.zeros(8)), nn.Parameter(torch.ones(8))";
  finds("no-track-running-stats", {
    "a functional norm that always trains": [
      cls(stats, "return F.batch_norm(x, self.mean, self.var, training=True)"),
      6,
    ],
    "one by position": [
      cls(stats, "return torch.nn.functional.batch_norm(x, self.mean, self.var, None, None, True)"),
      6,
    ],
  });
  quiet("no-track-running-stats", {
    "a norm that follows the mode": cls(stats, "return F.batch_norm(x, self.mean, self.var, training=self.training)"),
    "a computation without statistics": cls(stats, "return F.batch_norm(x, None, None, training=True)"),
    "a branch for training": cls(
      stats,
      "if self.training:\n    return F.batch_norm(x, self.mean, self.var, training=True)\nreturn x",
    ),
  });
});

describe("no-track-running-stats by a default", () => {
  const network = python`
    class Learner(nn.Module):
        def forward(self, x, vars=None, bn_training=True):
            x = F.conv2d(x, vars[0], vars[1], stride=1)
            x = F.batch_norm(x, self.mean, self.var, weight=vars[2], bias=vars[3], training=bn_training)
            return x.view(x.size(0), *self.shape)
  `;
  const at = (text: string, ...callers: readonly string[]): string[] =>
    lintSource("learner.py", IMPORTS + text, {
      callers: () => callers.map((caller, index) => ({ path: `meta${index}.py`, text: caller })),
    }).findings.map(({ rule, severity, range }) => `${severity} ${rule} ${range.startLine - OFFSET}`);
  const trains = "from learner import Learner\nnet = Learner(1, 2, 3)\nnet(x, fast, bn_training=True)\n";

  it("is information where every caller leaves training on", () => {
    assert.deepEqual(at(network, trains, "from learner import Learner\nnet(x)\n"), [
      "information no-track-running-stats 4",
    ]);
  });
  it("is nothing where one caller may turn it off", () => {
    for (const other of [
      "net(x, fast, bn_training=False)",
      "net(x, fast, bn_training=self.training)",
      "net(x, fast, False)",
      "net(*arguments)",
      "net(x, **options)",
    ])
      assert.deepEqual(at(network, trains, `from learner import Learner\n${other}\n`), [], other);
  });
  it("is nothing without a caller, with more than are read, or with one that can't be parsed", () => {
    assert.deepEqual(at(network), []);
    assert.deepEqual(at(network, ...Array.from({ length: 4 }, () => trains)), []);
    assert.deepEqual(at(network, trains, "net(x,"), []);
  });
  it("is nothing where training is off by default, or must be given", () => {
    assert.deepEqual(at(network.replace("bn_training=True)", "bn_training=False)"), trains), []);
    assert.deepEqual(at(network.replace("vars=None, bn_training=True)", "vars, bn_training)"), trains), []);
  });
});

describe("gamma-starts-at-zero", () => {
  const init = (body: string, test = "isinstance(layer, nn.BatchNorm2d)"): string =>
    `def init(layer):\n    if ${test}:\n        ${body}\nrelu = nn.ReLU()\n`;
  finds("gamma-starts-at-zero", {
    constant_: [init("nn.init.constant_(layer.weight, 0)"), 3],
    "zeros_ in several classes": [
      init("nn.init.zeros_(layer.weight)", "isinstance(layer, (nn.BatchNorm1d, nn.BatchNorm2d))"),
      3,
    ],
    "fill_ of the data": [init("layer.weight.data.fill_(0)"), 3],
    "zero_ of the data": [init("layer.weight.data.zero_()"), 3],
    "every layer that has a γ": [init("if layer.weight is not None:\n            nn.init.zeros_(layer.weight)"), 4],
    "a block without gradients": [init("with torch.no_grad():\n            layer.weight.fill_(0)"), 4],
  });
  quiet("gamma-starts-at-zero", {
    ones: init("nn.init.constant_(layer.weight, 1)"),
    "the bias": init("nn.init.constant_(layer.bias, 0)"),
    "layers that a mark picks": init(
      "if getattr(layer, 'is_last', False):\n            nn.init.zeros_(layer.weight)\n        else:\n            nn.init.ones_(layer.weight)",
    ),
    "layers that an option picks": init("if zero_last and layer is last:\n            nn.init.zeros_(layer.weight)"),
    "a γ that is set again": init("nn.init.zeros_(layer.weight); nn.init.ones_(layer.weight)"),
    "the last norm of a block": init("nn.init.constant_(layer.bn3.weight, 0)", "isinstance(layer, Bottleneck)"),
    "a bias away from 0": init("nn.init.zeros_(layer.weight); nn.init.constant_(layer.bias, 1)"),
    "another layer": init("nn.init.zeros_(layer.weight)", "isinstance(layer, nn.Linear)"),
    "a network without ReLU": init("nn.init.zeros_(layer.weight)").replace("ReLU", "SiLU").replace("relu", "act"),
  });
});

describe("axis-mismatch", () => {
  const RNN = "self.norm = nn.BatchNorm1d(20)\nself.rnn = nn.GRU(6, 16, batch_first=True)";
  finds("axis-mismatch", {
    "a norm over the steps of a recurrent layer": [cls(RNN, "y, _ = self.rnn(self.norm(x))\nreturn y"), 4],
    "one with a name in between": [cls(RNN, "h = self.norm(x)\ny, _ = self.rnn(h)\nreturn y"), 4],
  });
  quiet("axis-mismatch", {
    "a norm over features": cls(RNN, "y, _ = self.rnn(self.norm(x.transpose(1, 2)).transpose(1, 2))\nreturn y"),
    "a recurrent layer with time first": cls(
      RNN.replace(", batch_first=True", ""),
      "y, _ = self.rnn(self.norm(x))\nreturn y",
    ),
  });
});

describe("padding-in-statistics", () => {
  const INIT = "self.conv, self.norm = nn.Conv1d(8, 8, 3), nn.BatchNorm1d(8)";
  const MASK = "keep = (torch.arange(x.shape[2]) < lengths[:, None]).float()\n";
  finds("padding-in-statistics", {
    "a mask after the norm": [cls(INIT, `${MASK}return F.relu(self.norm(self.conv(x))) * keep`, "x, lengths"), 7],
    "masked_fill with a parameter": [
      cls(INIT, "return self.norm(self.conv(x)).masked_fill(pad_mask, 0)", "x, pad_mask"),
      6,
    ],
    "several layers as one": [
      cls(INIT, `${MASK}x = self.norm(self.conv(x)) * keep\nreturn keep * self.norm(self.conv(x))`, "x, lengths"),
      7,
    ],
  });
  const PACK = "x = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True)\nreturn self.lstm(x)";
  const STACK =
    "convs = []\nconvs.append(nn.Sequential(nn.Conv1d(8, 8, 3), nn.BatchNorm1d(8)))\nself.convs = nn.ModuleList(convs)";
  finds("padding-in-statistics", {
    "sequences that are packed after the norm": [
      cls(INIT, `x = F.relu(self.norm(self.conv(x)))\nx = x.transpose(1, 2)\n${PACK}`, "x, lengths"),
      6,
    ],
    "sequences that are packed after a list of blocks": [
      cls(STACK, `for conv in self.convs:\n    x = F.relu(conv(x))\n${PACK}`, "x, lengths"),
      9,
    ],
  });
  quiet("padding-in-statistics", {
    "a norm after the packing": cls(INIT, `y = x\n${PACK.replace("return", "y =")}\nreturn self.norm(y)`, "x, lengths"),
    "a norm of something else": cls(INIT, `z = self.norm(self.conv(z))\n${PACK}`, "x, z, lengths"),
    "blocks without BN": cls(
      STACK.replace("nn.BatchNorm1d(8)", "nn.ReLU()"),
      `for conv in self.convs:\n    x = conv(x)\n${PACK}`,
      "x, lengths",
    ),
    "a norm that takes the mask": cls(INIT, `${MASK}return self.norm(self.conv(x), keep) * keep`, "x, lengths"),
    "a gate that is no mask": cls(INIT, "g = torch.sigmoid(x)\nreturn self.norm(self.conv(x)) * g"),
    "real steps only": cls(INIT, `${MASK}return self.norm(x[keep]) * keep`, "x, lengths"),
    LayerNorm: cls(INIT.replace("BatchNorm1d", "LayerNorm"), `${MASK}return self.norm(x) * keep`, "x, lengths"),
  });
});

describe("what a BN layer gives", () => {
  const INIT = "self.n = nn.BatchNorm2d(3)\nself.c = nn.Conv2d(3, 3, 1, bias=False)";
  const rule = "norm-unused";
  const lines = (forward: string, init = INIT): string[] =>
    rulesAt(cls(init, forward)).filter((at) => at.startsWith(`${rule} `));
  for (const [title, forward, line] of [
    ["thrown away", "self.n(x)\nreturn self.c(x)", 7],
    ["thrown away in a branch", "if self.training:\n    self.n(x)\nreturn self.c(x)", 8],
    ["replaced before it is read", "y = self.n(x)\ny = self.c(x)\nreturn y", 7],
    ["replaced after others were computed", "y = self.n(x)\nz = F.relu(x)\ny = self.c(z)\nreturn y", 7],
    ["left behind", "y = self.n(self.c(x))\nreturn F.relu(x)", 7],
    ["replaced in a loop", "for i in range(3):\n    y = self.n(x)\n    y = self.c(x)\nreturn y", 8],
  ] as const)
    it(`is reported where it is ${title}`, () => {
      assert.deepEqual(lines(forward), [`${rule} ${line}`]);
    });
  for (const [title, forward, init] of [
    ["used", "y = self.n(x)\nreturn self.c(y)"],
    ["used where it is replaced", "y = self.n(x)\ny = self.c(y)\nreturn y"],
    ["used in a branch", "y = self.n(x)\nif x.mean() > 0:\n    x = y\ny = self.c(x)\nreturn y"],
    ["replaced in a branch alone", "y = self.n(x)\nif x.mean() > 0:\n    y = x\nreturn self.c(y)"],
    ["used in the next round", "y = x\nfor i in range(3):\n    x = self.c(y)\n    y = self.n(x)\nreturn x"],
    ["kept by another name", "self.y = self.n(x)\nreturn self.c(x)"],
    ["added to", "y = self.n(x)\ny += self.c(x)\nreturn y"],
    ["no BN layer's", "self.n(x)\nreturn self.c(x)", "self.n = Note()\nself.c = nn.Conv2d(3, 3, 1)"],
    [
      "of a layer that works in place",
      "self.n(x)\nreturn self.c(x)",
      "self.n = nn.ReLU(inplace=True)\nself.c = nn.Conv2d(3, 3, 1)",
    ],
  ] as const)
    it(`is not reported where it is ${title}`, () => {
      assert.deepEqual(lines(forward, init), []);
    });
});

describe("a file that freezes its BN layers", () => {
  const SHARED = cls("self.n = nn.BatchNorm2d(3)", "return torch.relu(self.n(torch.relu(self.n(x))))");
  finds("norm-shared", { "a layer that is called twice": [`${SHARED}model = M()\n`, 4] });
  quiet("norm-shared", {
    "one in eval mode": `${SHARED}model = M()\nfor m in model.modules():\n    if isinstance(m, " +
    "nn.BatchNorm2d):\n        m.eval()\n`,
  });
});

describe("a file that freezes its BN layers for those who ask for it", () => {
  const shared = (signature: string, init: string, methods: string): string => python`
    class M(nn.Module):
        def __init__(self${signature}):
            super().__init__()
            self.n = nn.BatchNorm2d(3)
            ${init.replaceAll("\n", "\n        ")}
        def forward(self, x):
            return torch.relu(self.n(torch.relu(self.n(x))))
    ${methods}
    model = M()
  `;
  const loop = (indent: string): string =>
    `${indent}for m in self.modules():\n${indent}    if isinstance(m, nn.BatchNorm2d):\n${indent}        m.eval()\n`;
  const freeze = `    def _freeze(self):\n${loop("        ")}`;
  const train = (test: string): string =>
    `    def train(self, mode=True):\n        super().train(mode)\n        if ${test}:\n${loop("            ")}`;
  const OFF = ", freeze_bn=False";
  finds("norm-shared", {
    "a method that an option of the constructor calls": [shared(OFF, "if freeze_bn:\n    self._freeze()", freeze), 4],
    "a train() of its own": [shared(OFF, "self.freeze_bn = freeze_bn", train("self.freeze_bn")), 4],
    "a train() of its own, with more to ask": [
      shared(OFF, "self._freeze_bn = freeze_bn", train("mode and self._freeze_bn")),
      4,
    ],
  });
  quiet("norm-shared", {
    "an option that is on": shared(", freeze_bn=True", "if freeze_bn:\n    self._freeze()", freeze),
    "an option that has to be given": shared(", freeze_bn", "if freeze_bn:\n    self._freeze()", freeze).replace(
      "M()",
      "M(False)",
    ),
    "a method that is called anyway": shared(OFF, "if freeze_bn:\n    self._freeze()\nself._freeze()", freeze),
    "a method that others call": shared(OFF, "self.freeze_bn = freeze_bn", freeze),
    "a train() that always does it": shared(OFF, "self.freeze_bn = freeze_bn", train("mode")),
    "the other branch of an option": shared(OFF, "if freeze_bn:\n    pass\nelse:\n    self._freeze()", freeze),
  });
});

describe("bias-before-norm", () => {
  it("says which line uses the bias that is to go", () => {
    const text = cls(
      "self.c, self.n = nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8)\nnn.init.zeros_(self.c.bias)",
      "return self.n(self.c(x))",
    );
    const [finding] = of("bias-before-norm", text);
    assert.match(finding?.next ?? "", /Line 8 uses a bias, which is None then\.$/);
    assert.equal(finding?.fix, null);
  });
});
