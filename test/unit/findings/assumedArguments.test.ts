import { strict as assert } from "node:assert";
import { lintSource, type LintedSource } from "../../../engine/findings/lintSource";
import { python } from "../support/python";

const HEAD = "import torch.nn as nn\n";
const lint = (text: string): LintedSource => lintSource("model.py", HEAD + text);
const rulesOf = (text: string): string[] =>
  lint(text).findings.map(({ rule, range }) => `${rule} ${range.startLine - 1}`);

const block = (init: string, forward: string, parameters = "cfg, wide, stride"): string => {
  const indented = (lines: string): string =>
    lines
      .split("\n")
      .map((line) => `        ${line}\n`)
      .join("");
  return `class Block(nn.Module):\n    def __init__(self, ${parameters}):\n        super().__init__()\n${indented(init)}    def forward(self, x):\n${indented(forward)}`;
};

describe("findings of models whose arguments nobody gives", () => {
  it("hold on every way through the branches on them", () => {
    const text = block(
      "self.conv = nn.Conv2d(3, wide, 3, stride)\nself.bn = nn.BatchNorm2d(wide, 0.9)\nself.spare = nn.BatchNorm2d(wide)",
      "return self.bn(self.conv(x))",
    );
    assert.deepEqual(rulesOf(text), ["bias-before-norm 4", "eps-looks-like-momentum 5", "norm-unused 6"]);
  });
  it("are silent where one way does without", () => {
    const silent: Record<string, string> = {
      "a bias that the arguments decide": block(
        "self.conv = nn.Conv2d(3, wide, 3, bias=cfg.bias)\nself.bn = nn.BatchNorm2d(wide)",
        "return self.bn(self.conv(x))",
      ),
      "a normalization on one way": block(
        "self.conv = nn.Conv2d(3, wide, 3)\nself.bn = nn.BatchNorm2d(wide)",
        "y = self.conv(x)\nif cfg_flag:\n    y = self.bn(y)\nreturn y",
      ).replace("cfg_flag", "self.conv.training"),
      "a normalization that an argument chooses": block(
        "self.conv = nn.Conv2d(3, wide, 3)\nself.bn = nn.BatchNorm2d(wide) if cfg.norm == 'bn' else nn.Identity()",
        "return self.bn(self.conv(x))",
      ),
      "settings from the arguments": block(
        "self.bn = nn.BatchNorm2d(wide, eps=cfg.eps, momentum=cfg.momentum)",
        "return self.bn(x)",
      ),
      "keyword arguments that others give": block(
        "self.conv = nn.Conv2d(3, wide, 3, **more)\nself.bn = nn.BatchNorm2d(wide)",
        "return self.bn(self.conv(x))",
        "wide, **more",
      ),
      "a dropout whose rate is an argument": block(
        "self.drop = nn.Dropout(cfg.rate)\nself.fc = nn.Linear(8, 8, bias=False)\nself.bn = nn.BatchNorm1d(8)",
        "return self.bn(self.fc(self.drop(x)))",
      ),
      "a block that ends in a normalization": block("self.bn = nn.BatchNorm2d(wide)", "return self.bn(x)"),
    };
    for (const [title, text] of Object.entries(silent)) assert.deepEqual(rulesOf(text), [], title);
  });
  const LISTS =
    "self.convs, self.norms = nn.ModuleList(), nn.ModuleList()\nlast = wide\nfor out in cfg:\n" +
    "    self.convs.append(nn.Conv1d(last, out, 1))\n    self.norms.append(nn.BatchNorm1d(out))\n    last = out";
  const through = (loop: string): string => block(LISTS, `${loop}\n    x = norm(conv(x)).relu()\nreturn x`);
  it("are found in lists of layers", () => {
    for (const loop of [
      "for i, conv in enumerate(self.convs):\n    norm = self.norms[i]",
      "for conv, norm in zip(self.convs, self.norms):",
      "for conv, norm in list(zip(self.convs, self.norms)):",
    ])
      assert.deepEqual(rulesOf(through(loop)), ["bias-before-norm 7"], loop);
  });
  it("are found in lists of lists", () => {
    const nested =
      "self.convs, self.norms = nn.ModuleList(), nn.ModuleList()\nfor widths in cfg:\n" +
      "    convs, norms = nn.ModuleList(), nn.ModuleList()\n    last = wide\n    for out in widths:\n" +
      "        convs.append(nn.Conv1d(last, out, 1))\n        norms.append(nn.BatchNorm1d(out))\n        last = out\n" +
      "    self.convs.append(convs)\n    self.norms.append(norms)";
    for (const loop of [
      "for i in range(len(self.convs)):\n    for j in range(len(self.convs[i])):\n" +
        "        conv = self.convs[i][j]\n        norm = self.norms[i][j]\n        x = norm(conv(x)).relu()\nreturn x",
      "for i in range(len(self.convs)):\n    for j, conv in enumerate(self.convs[i]):\n" +
        "        x = self.norms[i][j](conv(x)).relu()\nreturn x",
    ])
      assert.deepEqual(rulesOf(block(nested, loop)), ["bias-before-norm 9"], loop);
  });
  it("are silent about lists that something else gets, or whose biases somebody reads", () => {
    const text = through("for conv, norm in zip(self.convs, self.norms):");
    assert.deepEqual(rulesOf(`${text}    def more(self, run):\n        run(self.convs)\n`), []);
    assert.deepEqual(
      rulesOf(`${text}    def more(self, run):\n        for conv in self.convs:\n            run(conv.bias)\n`),
      [],
    );
  });
  it("are found where only the weight is initialized, not where the bias is, or somebody gets the layer", () => {
    const text = (setup: string): string =>
      block(
        `self.conv = nn.Conv2d(3, wide, 3)\n${setup}\nself.bn = nn.BatchNorm2d(wide)`,
        "return self.bn(self.conv(x))",
      );
    for (const setup of ["nn.init.xavier_uniform_(self.conv.weight)", "self.conv.weight.data.normal_(0, 0.1)"])
      assert.deepEqual(rulesOf(text(setup)), ["bias-before-norm 4"], setup);
    for (const setup of ["nn.init.zeros_(self.conv.bias)", "prepare(self.conv)"])
      assert.deepEqual(rulesOf(text(setup)), [], setup);
  });
  it("come with one sentence about what was assumed", () => {
    const text = block("self.bn = nn.BatchNorm2d(wide)", "return self.bn(x)");
    assert.equal(lint(text).partial, "Block(…) needs arguments (cfg, wide, stride), so likely ones were assumed.");
    assert.equal(lint(text).unread, null);
  });
});

describe("findings of a class with defaults", () => {
  const text = (builders: string): string =>
    python`
    class Net(nn.Module):
        def __init__(self, classes=10, rate=0.5):
            super().__init__()
            self.drop = nn.Dropout(rate)
            self.fc, self.bn, self.out = nn.Linear(4, 8, bias=False), nn.BatchNorm1d(8), nn.Linear(8, classes)
        def forward(self, x):
            return self.out(self.bn(self.fc(self.drop(x))))
  ` + builders;
  it("hold where the file says nothing else", () => {
    assert.deepEqual(rulesOf(text("")), ["dropout-before-norm 4"]);
    assert.deepEqual(rulesOf(text("def net(rate=0.3):\n    return Net(rate=rate)\n")), ["dropout-before-norm 4"]);
  });
  it("are none where every function that builds it gives something else", () => {
    const net = "def net(classes=10, rate=0.0):\n    made = Net(classes, rate=rate)\n    return made\n";
    assert.deepEqual(rulesOf(text(net)), []);
    assert.deepEqual(rulesOf(text(`${net}model = Net()\n`)), ["dropout-before-norm 4"]);
    assert.deepEqual(rulesOf(text(`${net}def other():\n    return Net(3)\n`)), ["dropout-before-norm 4"]);
  });
});

describe("a model that was followed in part", () => {
  it("says how many BN layers are known at least, and what hides the rest", () => {
    const text = python`
      import mystery
      class Net(nn.Module):
          def __init__(self):
              super().__init__()
              self.bn = nn.BatchNorm2d(3)
              self.more = mystery.tail()
          def forward(self, x):
              return self.more(self.bn(x))
    `;
    assert.match(
      lint(text).partial ?? "",
      /^At least 1 BN layer is known; line 7: NormLens does not follow mystery\.tail\.$/,
    );
  });
  it("says nothing where the file has no normalization", () => {
    const text = python`
      class Net(nn.Module):
          def __init__(self, n):
              super().__init__()
              self.fc = nn.Linear(n, n)
          def forward(self, x):
              return self.fc(x)
    `;
    assert.equal(lint(text).partial, null);
  });
  it("are found in the networks of other files that are made of them", () => {
    const parts = python`
      import torch.nn as nn
      class Head(nn.Module):
          def __init__(self, wide, Norm, rate):
              super().__init__()
              self.conv = nn.Conv2d(wide, 8, 3, bias=False)
              self.norm = Norm(8)
              self.drop = nn.Dropout(rate)
          def forward(self, x):
              return self.drop(self.norm(self.conv(x)))
      class Tail(nn.Module):
          def __init__(self, wide, Norm):
              super().__init__()
              self.conv = nn.Conv2d(wide, 4, 3, bias=False)
              self.norm = Norm(4)
          def forward(self, x):
              return self.norm(self.conv(x))
      def make_head(wide, Norm):
          return Head(wide, Norm, 0.5)
      def make_tail(wide, Norm):
          return Tail(wide, Norm)
    `;
    const network = (made: string): string => python`
      import torch.nn as nn
      from parts import *
      class Net(nn.Module):
          def __init__(self, plain=True):
              super().__init__()
              Norm = nn.BatchNorm2d if plain else nn.SyncBatchNorm
              ${made}
              self.out = nn.Linear(4, 2)
          def forward(self, x):
              return self.out(self.tail(self.head(x)).mean((2, 3)))
    `;
    const found = (script: string): string[] =>
      lintSource("parts.py", parts, {
        callers: () => [{ path: "net.py", text: script }],
        resolveModule: ({ module }) => (module === "parts" ? { path: "parts.py", text: parts } : null),
      }).findings.map(({ rule, range }) => `${rule} ${range.startLine}`);
    for (const made of [
      "self.head, self.tail = Head(3, Norm, 0.5), Tail(8, Norm)",
      "self.head, self.tail = make_head(3, Norm), make_tail(8, Norm)",
      "self.head, self.tail = nn.Sequential(make_head(3, Norm), nn.ReLU()), make_tail(8, nn.BatchNorm2d)",
    ])
      assert.deepEqual(found(network(made)), ["dropout-before-norm 7"], made);
    for (const made of [
      "self.head, self.tail = Head(3, Norm, 0), Tail(8, Norm)",
      "self.head, self.tail = make_head(3, Norm), make_tail(8, nn.InstanceNorm2d)",
      "self.head, self.tail = make_head(3, Norm), nn.Sequential(nn.Conv2d(8, 4, 1), nn.ReLU(), nn.Conv2d(4, 4, 1))",
    ])
      assert.deepEqual(found(network(made)), [], made);
  });
  it("of a block is found in the text, although a network was followed that ends before it calls the block", () => {
    const block = (layers: string): string => python`
      import torch.nn as nn
      class Block(nn.Module):
          def __init__(self, n):
              super().__init__()
              self.body = nn.Sequential(${layers})
          def forward(self, x):
              return self.body(x)
      class Net(nn.Module):
          def __init__(self, wide):
              super().__init__()
              self.block = Block(wide)
          def forward(self, x):
              return unheard_of(self, x)
    `;
    const found = (layers: string): string[] =>
      lintSource("net.py", block(layers), {
        callers: () => [{ path: "main.py", text: "from net import Net\nnet = Net(8)\n" }],
        resolveModule: ({ module }) => (module === "net" ? { path: "net.py", text: block(layers) } : null),
      }).findings.map(({ rule, range }) => `${rule} ${range.startLine}`);
    assert.deepEqual(found("nn.Conv2d(3, n, 3), nn.BatchNorm2d(n)"), ["bias-before-norm 5"]);
    assert.deepEqual(found("nn.Conv2d(3, n, 3, bias=False), nn.BatchNorm2d(n)"), []);
    assert.deepEqual(found("nn.Conv2d(3, n, 3), nn.ReLU(), nn.BatchNorm2d(n)"), []);
  });
  it("of a class are tried, too, where a script makes it with sizes that are not known", () => {
    const text = python`
      import torch.nn as nn
      class Attention(nn.Module):
          def __init__(self, width):
              super().__init__()
              self.conv = nn.Conv2d(width, width // 4, 1)
              self.bn = nn.BatchNorm2d(width // 4)
          def forward(self, x):
              return self.bn(self.conv(x))
    `;
    const script = "from net import Attention\ndef build(student):\n    return Attention(unheard_of(student))\n";
    const { findings } = lintSource("net.py", text, {
      callers: () => [{ path: "main.py", text: script }],
      resolveModule: ({ module }) => (module === "net" ? { path: "net.py", text } : null),
    });
    assert.deepEqual(
      findings.map(({ rule, range }) => `${rule} ${range.startLine}`),
      ["bias-before-norm 5"],
    );
  });
});
