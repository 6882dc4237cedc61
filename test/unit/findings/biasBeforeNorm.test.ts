import { strict as assert } from "node:assert";
import { assertWellFormed, fixed, net, of, only, pointed, quiet, rulesAt } from "./helpers";

const rule = "bias-before-norm";

describe(rule, () => {
  it("finds the bias of a convolution, counts it and takes it away", () => {
    const text = net(
      "self.conv = nn.Conv2d(3, 16, 3, padding=1)\nself.bn = nn.BatchNorm2d(16)\nself.out = nn.Conv2d(16, 2, 1)",
      "return self.out(F.relu(self.bn(self.conv(x))))",
    );
    const finding = only(rule, text);
    assertWellFormed(finding);
    assert.deepEqual(
      [finding.severity, finding.layer, pointed(text, finding)],
      ["warning", "conv", "nn.Conv2d(3, 16, 3, padding=1)"],
    );
    assert.match(finding.evidence, /^16 bias parameters .*conv\.bias/);
    assert.ok(fixed(text, finding).includes("nn.Conv2d(3, 16, 3, padding=1, bias=False)"));
  });
  it("finds Linear, Conv1d, Conv3d and ConvTranspose2d", () => {
    for (const [layer, norm] of [
      ["nn.Linear(4, 8)", "nn.BatchNorm1d(8)"],
      ["nn.Conv1d(4, 8, 3)", "nn.BatchNorm1d(8)"],
      ["nn.Conv3d(4, 8, 3)", "nn.BatchNorm3d(8)"],
      ["nn.ConvTranspose2d(4, 8, 2)", "nn.BatchNorm2d(8)"],
    ] as const) {
      assert.deepEqual(
        rulesAt(`model = nn.Sequential(${layer}, ${norm}, nn.ReLU())\n`).filter((found) => found.startsWith(rule)),
        [`${rule} 1`],
        layer,
      );
    }
  });
  it("leaves the layers of a library's network alone", () => {
    const use =
      "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.body = NETWORK.features\n    def forward(self, x):\n        return self.body(x)\n";
    assert.deepEqual(of(rule, `import torchvision\n${use.replace("NETWORK", "torchvision.models.vgg11_bn()")}`), []);
    assert.deepEqual(of(rule, `from torchvision.models import vgg11_bn\n${use.replace("NETWORK", "vgg11_bn()")}`), []);
  });
  it("points at bias=True and replaces it", () => {
    const text = "model = nn.Sequential(nn.Conv2d(3, 8, 3, bias=True), nn.BatchNorm2d(8), nn.ReLU())\n";
    const finding = only(rule, text);
    assert.equal(pointed(text, finding), "bias=True");
    assert.ok(fixed(text, finding).includes("nn.Conv2d(3, 8, 3, bias=False)"));
  });
  it("writes into calls over several lines, with a comma at the end and brackets", () => {
    const wide =
      "model = nn.Sequential(\n    nn.Conv2d(\n        3,\n        8,\n        (3),\n    ),\n    nn.BatchNorm2d(8),\n    nn.ReLU(),\n)\n";
    assert.ok(fixed(wide, only(rule, wide)).includes("        (3), bias=False\n    ),"));
    const commented = wide.replace("(3),", "(3),  # kernel");
    assert.equal(only(rule, commented).fix, null);
  });
  it("sums up over the layers of one line", () => {
    const text =
      "class Block(nn.Module):\n    def __init__(self, i, o):\n        super().__init__()\n        self.conv = nn.Conv2d(i, o, 3)\n        self.bn = nn.BatchNorm2d(o)\n    def forward(self, x):\n        x = self.conv(x)\n        x = self.bn(x)\n        return F.relu(x)\nmodel = nn.Sequential(Block(3, 8), Block(8, 16), nn.Conv2d(16, 2, 1))\n";
    const finding = only(rule, text);
    assert.deepEqual(finding.layers, ["0.conv", "1.conv"]);
    assert.match(finding.evidence, /^24 bias parameters/);
  });
  it("has no fix where the same line also makes layers that need their bias", () => {
    const helper =
      "def conv(i, o):\n    return nn.Conv2d(i, o, 3)\nmodel = nn.Sequential(conv(3, 8), nn.BatchNorm2d(8), nn.ReLU(), conv(8, 2))\n";
    const finding = only(rule, helper);
    assert.deepEqual([finding.layers, finding.fix], [["0"], null]);
    assert.match(finding.evidence, /1 of the 2 layers/);
  });
  it("has no fix where another model of the file needs the bias", () => {
    const text =
      "def conv(i, o):\n    return nn.Conv2d(i, o, 3)\nfirst = nn.Sequential(conv(3, 8), nn.BatchNorm2d(8), nn.ReLU())\nsecond = nn.Sequential(conv(3, 8), nn.ReLU())\n";
    assert.equal(only(rule, text).fix, null);
  });
  it("has no fix where the file would stumble over a bias that is None", () => {
    const model = "model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU())\n";
    assert.equal(only(rule, `${model}model[0].bias.data.zero_()\n`).fix, null);
    assert.notEqual(
      only(rule, `${model}for m in model.modules():\n    if m.bias is not None:\n        m.bias.data.zero_()\n`).fix,
      null,
    );
  });
  it("knows that a Sequential's inner values go nowhere else, whatever the model returns", () => {
    const text = net(
      "self.enc = nn.Sequential(nn.Linear(8, 4), nn.BatchNorm1d(4), nn.ReLU())\nself.mu = nn.Linear(4, 2)\nself.var = nn.Linear(4, 2)",
      "h = self.enc(x)\nreturn self.mu(h), self.var(h)",
    );
    assert.equal(of(rule, text).length, 1);
  });
  it("knows it of calls within calls and of a name that is bound again", () => {
    for (const forward of [
      "h = self.bn(self.a(x))\nreturn h, h",
      "x = self.a(x)\nx = self.bn(x)\nreturn x, x",
      "x = self.a(x)\nx = F.relu(self.bn(x))\nreturn x, x",
    ]) {
      assert.equal(of(rule, net("self.a = nn.Linear(8, 4)\nself.bn = nn.BatchNorm1d(4)", forward)).length, 1, forward);
    }
  });
  it("reads a Sequential in a block that no model of the file builds", () => {
    const text =
      "class DoubleConv(nn.Module):\n    def __init__(self, i, o):\n        super().__init__()\n        self.net = nn.Sequential(nn.Conv2d(i, o, 3), nn.BatchNorm2d(o), nn.ReLU())\n    def forward(self, x):\n        return self.net(x)\n";
    const finding = only(rule, text);
    assert.equal(finding.layer, null);
    assert.ok(fixed(text, finding).includes("nn.Conv2d(i, o, 3, bias=False)"));
  });
  describe("in a class that no model of the file builds", () => {
    const block = (init: string, forward: string): string => net(init, forward, "i, o");
    const layers = "self.conv = nn.Conv2d(i, o, 3)\nself.bn = nn.BatchNorm2d(o)";

    it("follows a call within a call and a name that is bound again", () => {
      for (const forward of [
        "return F.relu(self.bn(self.conv(x)))",
        "x = self.conv(x)\nx = self.bn(x)\nreturn x",
        "x = self.conv(x)\nreturn F.relu(self.bn(x))",
      ]) {
        assert.deepEqual(rulesAt(block(layers, forward)), [`${rule} 4`], forward);
      }
    });
    quiet(rule, {
      "a value that is used twice": block(layers, "y = self.conv(x)\nreturn self.bn(y) + y"),
      "another value in the normalization": block(layers, "y = self.conv(x)\nreturn self.bn(x) + y"),
      "an activation in between": block(layers, "return self.bn(F.relu(self.conv(x)))"),
      "a convolution that is called twice": block(layers, "return self.conv(self.bn(self.conv(x)))"),
      "a convolution that others call": `${block(layers, "return self.bn(self.conv(x))")}def features(block, x):\n    return block.conv(x)\n`,
      "a class that others derive from": `${block(layers, "return self.bn(self.conv(x))")}class Derived(Net):\n    def forward(self, x):\n        return self.conv(x)\n`,
      "a normalization that may be another": block(
        "self.conv = nn.Conv2d(i, o, 3)\nif i > 8:\n    self.bn = nn.BatchNorm2d(o)\nelse:\n    self.bn = nn.GroupNorm(2, o)",
        "return self.bn(self.conv(x))",
      ),
      "a bias that is initialized": block(
        `${layers}\nnn.init.constant_(self.conv.bias, 1.0)`,
        "return self.bn(self.conv(x))",
      ),
      "a bias that is an argument": block(
        "self.conv = nn.Conv2d(i, o, 3, bias=o > 8)\nself.bn = nn.BatchNorm2d(o)",
        "return self.bn(self.conv(x))",
      ),
      "pre-activation": block(
        "self.bn = nn.BatchNorm2d(i)\nself.conv = nn.Conv2d(i, o, 3)",
        "return self.conv(F.relu(self.bn(x)))",
      ),
      "a convolution that is returned": block(layers, "if o > 8:\n    return self.conv\nreturn self.bn(self.conv(x))"),
      "a convolution handed on as it is": block(layers, "run(self.conv, x)\nreturn self.bn(self.conv(x))"),
    });
  });
  quiet(rule, {
    "bias=False": "model = nn.Sequential(nn.Conv2d(3, 8, 3, bias=False), nn.BatchNorm2d(8), nn.ReLU())\n",
    "bias=False in its place": "model = nn.Sequential(nn.Linear(3, 8, False), nn.BatchNorm1d(8), nn.ReLU())\n",
    "pre-activation": net(
      "self.bn = nn.BatchNorm2d(3)\nself.conv = nn.Conv2d(3, 8, 3)",
      "return self.conv(F.relu(self.bn(x)))",
    ),
    "an activation in between": "model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.BatchNorm2d(8))\n",
    "two consumers": net(
      "self.conv = nn.Conv2d(3, 8, 3)\nself.bn = nn.BatchNorm2d(8)",
      "y = self.conv(x)\nreturn self.bn(y) + y",
    ),
    "a value that is returned too": net(
      "self.a = nn.Linear(8, 4)\nself.bn = nn.BatchNorm1d(4)",
      "h = self.a(x)\ny = self.bn(h)\nreturn y, h",
    ),
    "a value that something unknown may take": net(
      "self.a = nn.Linear(8, 4)\nself.bn = nn.BatchNorm1d(4)",
      "h = self.a(x)\ny = self.bn(h)\nreturn mystery(y, h)",
    ),
    "a loop that keeps every value": net(
      "self.layers = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU())",
      "kept = []\nfor layer in self.layers:\n    x = layer(x)\n    kept.append(x)\nreturn kept",
    ),
    "values that are kept in a list": net(
      "self.conv = nn.Conv2d(3, 8, 3)\nself.bn = nn.BatchNorm2d(8)",
      "x = self.conv(x)\nkept = [x]\nx = self.bn(x)\nreturn x, kept",
    ),
    "a convolution whose channels the normalization does not have":
      "model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(16), nn.ReLU())\n",
    "a layer that is also called without a normalization": net(
      "self.a = nn.Linear(4, 4)\nself.bn = nn.BatchNorm1d(4)",
      "return self.a(F.relu(self.bn(self.a(x))))",
    ),
    GroupNorm: "model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.GroupNorm(2, 8), nn.ReLU())\n",
    LayerNorm: "model = nn.Sequential(nn.Linear(3, 8), nn.LayerNorm(8), nn.ReLU())\n",
    "a norm that is not known": `from config import norm\n${net("self.conv = nn.Conv2d(3, 8, 3)\nself.bn = norm(8)", "return self.bn(self.conv(x))")}`,
    "a bias that is not known": `from config import flag\n${net("self.conv = nn.Conv2d(3, 8, 3, bias=flag)\nself.bn = nn.BatchNorm2d(8)", "return self.bn(self.conv(x))")}`,
    "a branch on something unknown": net(
      "self.conv = nn.Conv2d(3, 8, 3)\nself.bn = nn.BatchNorm2d(8)",
      "x = self.conv(x)\nif FLAG:\n    x = self.bn(x)\nreturn x",
    ),
    "layers held in evaluation mode":
      net("self.conv = nn.Conv2d(3, 8, 3)\nself.bn = nn.BatchNorm2d(8)", "return self.bn(self.conv(x))") +
      "    def freeze(self):\n        for m in self.modules():\n            if isinstance(m, nn.BatchNorm2d):\n                m.eval()\n",
    "a normalization that an annotation removes":
      "model = nn.Sequential(\n    nn.Linear(3, 8),\n    nn.BatchNorm1d(8),  # normlens: remove\n    nn.ReLU(),\n)\n",
    "a normalization over positions":
      "# normlens: model Net() input=6x6\n" +
      net("self.a = nn.Linear(6, 6)\nself.bn = nn.BatchNorm1d(6)", "return self.bn(self.a(x))"),
    "a Sequential with a spread of layers":
      "def block(i, o, more):\n    return nn.Sequential(nn.Conv2d(i, o, 3), *more, nn.BatchNorm2d(o))\n",
    "a convolution that gets more arguments than are written":
      "def block(i, o, **kw):\n    return nn.Sequential(nn.Conv2d(i, o, 3, **kw), nn.BatchNorm2d(o))\n",
  });
});
