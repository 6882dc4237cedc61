import { strict as assert } from "node:assert";
import { assertWellFormed, fixed, net, of, only, pointed, quiet, rulesAt } from "./helpers";
import { python } from "../support/python";

const rule = "bias-before-norm";
const EXTRACTOR = python`
  class Extractor(nn.Module):
      def __init__(self, net):
          super().__init__()
          self.net = net
          self.net.eval()
      def forward(self, x):
          return self.net(x)
`;

describe(rule, () => {
  it("finds the bias of a convolution, counts it and takes it away", () => {
    const text = net(
      python`
        self.conv = nn.Conv2d(3, 16, 3, padding=1)
        self.bn = nn.BatchNorm2d(16)
        self.out = nn.Conv2d(16, 2, 1)`,
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
  it("finds it beside a trainer that evaluates its network", () => {
    const text =
      net("self.conv = nn.Conv2d(3, 8, 3)\nself.bn = nn.BatchNorm2d(8)", "return self.bn(self.conv(x))") +
      python`
        class Trainer(object):
            def __init__(self, args):
                self.net = Net()
            def train(self, loader):
                self.net.train()
            def evaluate(self, loader):
                self.net.eval()
            def endless(self, loader):
                while True:
                    for x in loader:
                        yield self.net(x)
      `;
    assert.deepEqual(rulesAt(text), ["bias-before-norm 4"]);
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
    const use = python`
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.body = NETWORK.features
            def forward(self, x):
                return self.body(x)
      `;
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
    const wide = python`
        model = nn.Sequential(
            nn.Conv2d(
                3,
                8,
                (3),
            ),
            nn.BatchNorm2d(8),
            nn.ReLU(),
        )
      `;
    assert.ok(fixed(wide, only(rule, wide)).includes("        (3), bias=False\n    ),"));
    const commented = wide.replace("(3),", "(3),  # kernel");
    assert.equal(only(rule, commented).fix, null);
  });
  it("sums up over the layers of one line", () => {
    const text = python`
        class Block(nn.Module):
            def __init__(self, i, o):
                super().__init__()
                self.conv = nn.Conv2d(i, o, 3)
                self.bn = nn.BatchNorm2d(o)
            def forward(self, x):
                x = self.conv(x)
                x = self.bn(x)
                return F.relu(x)
        model = nn.Sequential(Block(3, 8), Block(8, 16), nn.Conv2d(16, 2, 1))
      `;
    const finding = only(rule, text);
    assert.deepEqual(finding.layers, ["0.conv", "1.conv"]);
    assert.match(finding.evidence, /^24 bias parameters/);
  });
  it("has no fix where the same line also makes layers that need their bias", () => {
    const helper = python`
        def conv(i, o):
            return nn.Conv2d(i, o, 3)
        model = nn.Sequential(conv(3, 8), nn.BatchNorm2d(8), nn.ReLU(), conv(8, 2))
      `;
    const finding = only(rule, helper);
    assert.deepEqual([finding.layers, finding.fix], [["0"], null]);
    assert.match(finding.evidence, /1 of the 2 layers/);
  });
  it("has no fix where another model of the file needs the bias", () => {
    const text = python`
        def conv(i, o):
            return nn.Conv2d(i, o, 3)
        first = nn.Sequential(conv(3, 8), nn.BatchNorm2d(8), nn.ReLU())
        second = nn.Sequential(conv(3, 8), nn.ReLU())
      `;
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
      python`
        self.enc = nn.Sequential(nn.Linear(8, 4), nn.BatchNorm1d(4), nn.ReLU())
        self.mu = nn.Linear(4, 2)
        self.var = nn.Linear(4, 2)`,
      "h = self.enc(x)\nreturn self.mu(h), self.var(h)",
    );
    assert.equal(of(rule, text).length, 1);
  });
  it("knows it of calls within calls and of a name that is bound again", () => {
    for (const forward of [
      "h = self.bn(self.a(x))\nreturn h, h",
      python`
        x = self.a(x)
        x = self.bn(x)
        return x, x`,
      python`
        x = self.a(x)
        x = F.relu(self.bn(x))
        return x, x`,
    ]) {
      assert.equal(of(rule, net("self.a = nn.Linear(8, 4)\nself.bn = nn.BatchNorm1d(4)", forward)).length, 1, forward);
    }
  });
  it("reads a Sequential in a block that no model of the file builds", () => {
    const text = python`
        class DoubleConv(nn.Module):
            def __init__(self, i, o):
                super().__init__()
                self.net = nn.Sequential(nn.Conv2d(i, o, 3), nn.BatchNorm2d(o), nn.ReLU())
            def forward(self, x):
                return self.net(x)
      `;
    const finding = only(rule, text);
    assert.equal(finding.layer, "net.0");
    assert.ok(fixed(text, finding).includes("nn.Conv2d(i, o, 3, bias=False)"));
  });
  describe("in a class that no model of the file builds", () => {
    const block = (init: string, forward: string): string => net(init, forward, "i, o");
    const layers = "self.conv = nn.Conv2d(i, o, 3)\nself.bn = nn.BatchNorm2d(o)";

    it("follows a call within a call and a name that is bound again", () => {
      for (const forward of [
        "return F.relu(self.bn(self.conv(x)))",
        python`
          x = self.conv(x)
          x = self.bn(x)
          return x`,
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
      "a convolution that others call": python`
        ${block(layers, "return self.bn(self.conv(x))")}def features(block, x):
            return block.conv(x)
      `,
      "a class that others derive from": python`
        ${block(layers, "return self.bn(self.conv(x))")}class Derived(Net):
            def forward(self, x):
                return self.conv(x)
      `,
      "a normalization that may be another": block(
        python`
          self.conv = nn.Conv2d(i, o, 3)
          if i > 8:
              self.bn = nn.BatchNorm2d(o)
          else:
              self.bn = nn.GroupNorm(2, o)`,
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
      "a convolution that is returned": block(
        layers,
        python`
        if o > 8:
            return self.conv
        return self.bn(self.conv(x))`,
      ),
      "a convolution handed on as it is": block(layers, "run(self.conv, x)\nreturn self.bn(self.conv(x))"),
    });
  });
  it("is found where a module asks a network that it is given", () => {
    const model = net("self.conv = nn.Conv2d(3, 8, 3)\nself.bn = nn.BatchNorm2d(8)", "return self.bn(self.conv(x))");
    assert.equal(of(rule, model + EXTRACTOR).length, 1);
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
      python`
        h = self.a(x)
        y = self.bn(h)
        return y, h`,
    ),
    "a value that something unknown may take": net(
      "self.a = nn.Linear(8, 4)\nself.bn = nn.BatchNorm1d(4)",
      python`
        h = self.a(x)
        y = self.bn(h)
        return mystery(y, h)`,
    ),
    "a loop that keeps every value": net(
      "self.layers = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU())",
      python`
        kept = []
        for layer in self.layers:
            x = layer(x)
            kept.append(x)
        return kept`,
    ),
    "values that are kept in a list": net(
      "self.conv = nn.Conv2d(3, 8, 3)\nself.bn = nn.BatchNorm2d(8)",
      python`
        x = self.conv(x)
        kept = [x]
        x = self.bn(x)
        return x, kept`,
    ),
    "a convolution whose channels the normalization does not have":
      "model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(16), nn.ReLU())\n",
    "a layer that is also called without a normalization": net(
      "self.a = nn.Linear(4, 4)\nself.bn = nn.BatchNorm1d(4)",
      "return self.a(F.relu(self.bn(self.a(x))))",
    ),
    GroupNorm: "model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.GroupNorm(2, 8), nn.ReLU())\n",
    LayerNorm: "model = nn.Sequential(nn.Linear(3, 8), nn.LayerNorm(8), nn.ReLU())\n",
    "a norm that is not known":
      `from config import norm\n` +
      `${net("self.conv = nn.Conv2d(3, 8, 3)\nself.bn = norm(8)", "return self.bn(self.conv(x))")}`,
    "a bias that is not known":
      `from config import flag\n` +
      net("self.conv = nn.Conv2d(3, 8, 3, bias=flag)\nself.bn = nn.BatchNorm2d(8)", "return self.bn(self.conv(x))"),
    "a branch on something unknown": net(
      "self.conv = nn.Conv2d(3, 8, 3)\nself.bn = nn.BatchNorm2d(8)",
      python`
        x = self.conv(x)
        if FLAG:
            x = self.bn(x)
        return x`,
    ),
    "layers held in evaluation mode":
      net("self.conv = nn.Conv2d(3, 8, 3)\nself.bn = nn.BatchNorm2d(8)", "return self.bn(self.conv(x))") +
      "    def freeze(self):\n        for m in self.modules():\n            if isinstance(m, " +
      "nn.BatchNorm2d):\n                m.eval()\n",
    "a network of its own that a module holds in evaluation mode":
      net("self.conv = nn.Conv2d(3, 8, 3)\nself.bn = nn.BatchNorm2d(8)", "return self.bn(self.conv(x))") +
      EXTRACTOR.replace("self.net = net", "self.net = Net()"),
    "a trainer that keeps a part of the network in eval mode":
      net("self.conv = nn.Conv2d(3, 8, 3)\nself.bn = nn.BatchNorm2d(8)", "return self.bn(self.conv(x))") +
      python`
        class Trainer(object):
            def __init__(self):
                self.net = Net()
            def train(self):
                self.net.train()
                self.net.bn.eval()
      `,
    "a normalization that an annotation removes": python`
        model = nn.Sequential(
            nn.Linear(3, 8),
            nn.BatchNorm1d(8),  # normlens: remove
            nn.ReLU(),
        )
      `,
    "a normalization over positions":
      "# normlens: model Net() input=6x6\n" +
      net("self.a = nn.Linear(6, 6)\nself.bn = nn.BatchNorm1d(6)", "return self.bn(self.a(x))"),
    "a Sequential with a spread of layers": python`
        def block(i, o, more):
            return nn.Sequential(nn.Conv2d(i, o, 3), *more, nn.BatchNorm2d(o))
      `,
    "a convolution that gets more arguments than are written": python`
        def block(i, o, **kw):
            return nn.Sequential(nn.Conv2d(i, o, 3, **kw), nn.BatchNorm2d(o))
      `,
  });
});
