import { strict as assert } from "node:assert";
import { assertWellFormed, net, of, only, pointed, quiet, rulesAt } from "./helpers";
import { python } from "../support/python";

describe("dropout-before-norm", () => {
  const rule = "dropout-before-norm";

  it("finds dropout right before BN and says by how much", () => {
    const text =
      "model = nn.Sequential(nn.Linear(4, 8, bias=False), nn.ReLU(), nn.Dropout(0.5), nn.BatchNorm1d(8), " +
      "nn.Linear(8, 2))\n";
    const finding = only(rule, text);
    assertWellFormed(finding);
    assert.deepEqual([finding.severity, pointed(text, finding)], ["warning", "nn.Dropout(0.5)"]);
    // v/((c² + v)/p − c²) of a half normal at p = 0.5, measured as 0.406.
    assert.match(finding.evidence, /2\.47 times .* 59\.5 %/);
  });
  it("says of how much no more than it knows where an activation follows the weighted sum", () => {
    const layers =
      "nn.ReLU(), nn.Dropout(0.5), nn.Linear(8, 8, bias=False), nn.ReLU(), nn.BatchNorm1d(8), nn.Linear(8, 2)";
    const { evidence } = only(rule, `model = nn.Sequential(nn.Linear(4, 8), ${layers})\n`);
    assert.match(evidence, /passes that on through its activation\.$/);
  });
  it("finds it through one convolution or Linear, an activation and a functional call", () => {
    for (const layers of [
      "nn.Dropout(0.3), nn.Linear(8, 8, bias=False), nn.BatchNorm1d(8)",
      "nn.Dropout(0.3), nn.ReLU(), nn.BatchNorm1d(8)",
      "nn.Dropout(0.3), nn.Linear(8, 8, bias=False), nn.ReLU(), nn.BatchNorm1d(8)",
    ]) {
      assert.equal(of(rule, `model = nn.Sequential(nn.Linear(4, 8), ${layers}, nn.Linear(8, 2))\n`).length, 1, layers);
    }
    assert.equal(
      of(
        rule,
        net(
          python`
            self.a = nn.Linear(4, 8)
            self.bn = nn.BatchNorm1d(8)
            self.b = nn.Linear(8, 2)`,
          "return self.b(self.bn(F.dropout(self.a(x), 0.5)))",
        ),
      ).length,
      1,
    );
  });
  for (const [title, init, forward] of [
    [
      "a view that makes features of pictures",
      python`
        self.a, self.drop = nn.Conv2d(3, 8, 3), nn.Dropout2d(0.5)
        self.b, self.bn, self.c = nn.Linear(8 * 16, 4), nn.BatchNorm1d(4), nn.Linear(4, 2)`,
      python`
        x = torch.relu(self.drop(self.a(x)))
        return self.c(self.bn(self.b(x.view(-1, 8 * 16))))`,
    ],
    [
      "another order of the axes",
      "self.drop, self.conv, self.bn = nn.Dropout(0.5), nn.Conv1d(8, 4, 1), nn.BatchNorm1d(4)",
      "return torch.relu(self.bn(self.conv(self.drop(x).transpose(1, 2))))",
    ],
  ] as const)
    it(`finds it through ${title}`, () => {
      assert.equal(of(rule, net(init, forward)).length, 1);
    });
  for (const enlarged of [
    "F.interpolate(x, scale_factor=2)",
    "F.interpolate(x, size=y.size()[2:], mode='bilinear', align_corners=True)",
    "F.upsample(x, size=y.shape[-2:], mode='bilinear')",
    "nn.Upsample(scale_factor=2, mode='bilinear')(x)",
    "nn.UpsamplingNearest2d(scale_factor=2)(x)",
  ])
    it(`finds it through ${enlarged}, and says that a part of it remains`, () => {
      const { evidence } = only(
        rule,
        net(
          python`
            self.a, self.drop, self.b = nn.Conv2d(3, 8, 3), nn.Dropout(0.5), nn.Conv2d(3, 8, 1)
            self.conv, self.bn, self.c = nn.Conv2d(16, 8, 3, bias=False), nn.BatchNorm2d(8), nn.Conv2d(8, 2, 1)`,
          python`
            y = self.b(x)
            x = torch.relu(self.drop(self.a(x)))
            x = torch.cat([${enlarged}, y], 1)
            return self.c(self.bn(self.conv(x)))`,
        ),
      );
      assert.match(evidence, /in evaluation, of which resampling keeps a part, and conv adds them to others\.$/);
    });
  quiet(rule, {
    "dropout after BN":
      "model = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.5), nn.Linear(8, 2))\n",
    "dropout two weighted sums before BN":
      "model = nn.Sequential(nn.Dropout(0.5), nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 8), nn.BatchNorm1d(8))\n",
    "a rate that an argument sets to zero": `class N(nn.Module):
    def __init__(self, rate=0.0):
        super().__init__()
        self.drop = nn.Dropout(rate)
        self.fc, self.bn, self.out = nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Linear(8, 2)
    def forward(self, x):
        return self.out(self.bn(self.fc(self.drop(x))))
`,
    "a rate whose shift nobody can measure":
      "model = nn.Sequential(nn.Linear(4, 8), nn.Dropout(1e-4), nn.BatchNorm1d(8), nn.Linear(8, 2))\n",
    "a rate of zero": "model = nn.Sequential(nn.Linear(4, 8), nn.Dropout(0), nn.BatchNorm1d(8), nn.Linear(8, 2))\n",
    GroupNorm: "model = nn.Sequential(nn.Conv2d(4, 8, 1), nn.Dropout(0.5), nn.GroupNorm(2, 8))\n",
    LayerNorm: "model = nn.Sequential(nn.Linear(4, 8), nn.Dropout(0.5), nn.LayerNorm(8))\n",
    "dropout on another branch": net(
      python`
        self.a = nn.Linear(4, 4)
        self.bn = nn.BatchNorm1d(4)
        self.drop = nn.Dropout(0.5)`,
      "return self.bn(self.a(x)) + self.drop(x)",
    ),
    "dropout in a sum with a shortcut": net(
      python`
        self.a = nn.Linear(4, 4)
        self.bn = nn.BatchNorm1d(4)
        self.drop = nn.Dropout(0.5)`,
      "return self.bn(self.drop(self.a(x)) + x)",
    ),
    "dropout that an annotation removes": python`
        model = nn.Sequential(
            nn.Linear(4, 8),
            nn.Dropout(0.5),  # normlens: remove
            nn.BatchNorm1d(8),
        )
      `,
    "a BN layer that an annotation removes": python`
        model = nn.Sequential(
            nn.Linear(4, 8),
            nn.Dropout(0.5),
            nn.BatchNorm1d(8),  # normlens: remove
        )
      `,
  });
});

describe("norm-unused", () => {
  const rule = "norm-unused";
  const unused = (forward: string, more = ""): string =>
    net("self.a = nn.Linear(4, 4)\nself.bn = nn.BatchNorm1d(4)", forward) + more;

  it("finds a layer that is never called", () => {
    const finding = only(rule, unused("return self.a(x)"));
    assertWellFormed(finding);
    assert.deepEqual([finding.severity, finding.layer], ["warning", "bn"]);
    assert.match(finding.evidence, /8 parameters and 8 running values/);
  });
  it("finds it in a model that returns two tensors", () => {
    assert.equal(of(rule, unused("h = self.a(x)\nreturn h, h")).length, 1);
  });
  it("finds it beside another class that uses its own layer of that name", () => {
    const other = python`
        class Other(nn.Module):
            def __init__(self):
                super().__init__()
                self.bn = nn.BatchNorm1d(4)
            def forward(self, x):
                return F.relu(self.bn(x))
      `;
    assert.deepEqual(rulesAt(unused("return self.a(x)", other)), [`${rule} 5`]);
  });
  quiet(rule, {
    "a head that runs in evaluation only": unused(python`
      x = self.a(x)
      if not self.training:
          x = self.bn(x)
      return x`),
    "an auxiliary head that runs in training only": unused(
      python`
        y = self.a(x)
        if self.training:
            return y, self.bn(y)
        return y`,
    ),
    "a branch of another configuration": net(
      python`
        self.a = nn.Linear(4, 4)
        self.bn = nn.BatchNorm1d(4)
        self.use_bn = use_bn`,
      python`
        x = self.a(x)
        if self.use_bn:
            x = self.bn(x)
        return x`,
      "use_bn=False",
    ),
    "a forward with an unknown call": unused("return mystery(self, self.a(x))"),
    "a forward that branches on values": unused(python`
      x = self.a(x)
      if x.sum() > 0:
          x = self.bn(x)
      return x`),
    "a base class whose subclass calls it": python`
      ${unused("return self.a(x)")}class Derived(Net):
          def forward(self, x):
              return self.bn(self.a(x))
    `,
    "a call from outside": unused(
      "return self.a(x)",
      python`
      def features(model, x):
          return model.bn(model.a(x))
    `,
    ),
    "a layer that is fetched by name": unused('return getattr(self, "bn")(self.a(x))'),
    "a layer that is called": unused("return self.bn(self.a(x))"),
    GroupNorm: net("self.a = nn.Linear(4, 4)\nself.gn = nn.GroupNorm(2, 4)", "return self.a(x)"),
    "a layer that an annotation removes": unused("return self.a(x)").replace(
      "nn.BatchNorm1d(4)",
      "nn.BatchNorm1d(4)  # normlens: remove",
    ),
    "a block that some instances use whole": python`
        class Block(nn.Module):
            def __init__(self, norm):
                super().__init__()
                self.a = nn.Linear(4, 4)
                self.bn = nn.BatchNorm1d(4)
                self.norm = norm
            def forward(self, x):
                x = self.a(x)
                return self.bn(x) if self.norm else x
        model = nn.Sequential(Block(True), Block(False))
      `,
  });
});

describe("norm-shared", () => {
  const rule = "norm-shared";

  it("finds one layer called on what it made itself", () => {
    const finding = only(
      rule,
      net(
        python`
          self.a = nn.Linear(4, 4)
          self.b = nn.Linear(4, 4)
          self.bn = nn.BatchNorm1d(4)`,
        "x = F.relu(self.bn(self.a(x)))\nreturn F.relu(self.bn(self.b(x)))",
      ),
    );
    assertWellFormed(finding);
    assert.deepEqual([finding.severity, finding.layer], ["warning", "bn"]);
    assert.match(finding.evidence, /lines 11, 12/);
  });
  it("finds [layer] * n", () => {
    const text = python`
      block = [nn.Linear(4, 4), nn.BatchNorm1d(4), nn.ReLU()] * 3
      model = nn.Sequential(*block)
    `;
    assert.match(only(rule, text).verdict, /called 3 times/);
  });
  it("finds two branches through one layer", () => {
    assert.equal(
      only(
        rule,
        net(
          python`
            self.a = nn.Linear(4, 4)
            self.b = nn.Linear(4, 4)
            self.bn = nn.BatchNorm1d(4)`,
          "return self.bn(self.a(x)) + self.bn(self.b(x))",
        ),
      ).severity,
      "warning",
    );
  });
  it("takes two halves of a batch for what was meant", () => {
    assert.equal(
      only(
        rule,
        net(
          "self.a = nn.Linear(4, 4)\nself.bn = nn.BatchNorm1d(4)",
          python`
            first = x[:8]
            second = x[8:]
            return self.bn(self.a(first)) + self.bn(self.a(second))`,
        ),
      ).severity,
      "information",
    );
  });
  it("takes two inputs through one encoder for what may be meant", () => {
    const siamese = net(
      "self.a = nn.Linear(4, 4)\nself.bn = nn.BatchNorm1d(4)",
      "return self.bn(self.a(x)) - self.bn(self.a(y))",
    ).replace("forward(self, x)", "forward(self, x, y)");
    assert.equal(only(rule, siamese).severity, "information");
    const mixed = siamese.replace("self.bn(self.a(y))", "self.bn(self.a(x + y))");
    assert.equal(only(rule, mixed).severity, "warning");
  });
  it("takes one image at several sizes through one network for what may be meant", () => {
    const sizes = net(
      "self.a = nn.Conv2d(3, 4, 3)\nself.bn = nn.BatchNorm2d(4)",
      "small = F.interpolate(x, scale_factor=0.5)\nreturn self.bn(self.a(x)).mean() + self.bn(self.a(small)).mean()",
    );
    const layers = net(
      python`
        self.a = nn.Conv2d(3, 4, 3)
        self.bn = nn.BatchNorm2d(4)
        self.up = nn.UpsamplingBilinear2d(size=(9, 9))`,
      "return self.bn(self.a(x)).mean() + self.bn(self.a(self.up(x))).mean()",
    );
    assert.equal(only(rule, sizes).severity, "information");
    assert.equal(only(rule, layers).severity, "information");
    assert.equal(
      only(rule, sizes.replace("F.interpolate(x, scale_factor=0.5)", "torch.sigmoid(x)")).severity,
      "warning",
    );
  });
  quiet(rule, {
    "exclusive branches": net(
      python`
        self.a = nn.Linear(4, 4)
        self.bn = nn.BatchNorm1d(4)
        self.deep = True`,
      python`
        if self.deep:
            return self.bn(self.a(x))
        else:
            return self.bn(x)`,
    ),
    "exclusive branches on something unknown": `from config import flag\n${net(
      "self.a = nn.Linear(4, 4)\nself.bn = nn.BatchNorm1d(4)",
      python`
      if flag:
          x = self.bn(self.a(x))
      else:
          x = self.bn(x)
      return x`,
    )}`,
    "a shape probe in the constructor": net(
      "self.bn = nn.BatchNorm1d(4)\nself.n = self.bn(torch.zeros(2, 4)).shape[1]",
      "return F.relu(self.bn(x))",
    ),
    "layers of a ModuleList by their index": net(
      "self.bns = nn.ModuleList([nn.BatchNorm1d(4) for _ in range(2)])",
      "x = F.relu(self.bns[0](x))\nreturn F.relu(self.bns[1](x))",
    ),
    "a comprehension that makes new layers":
      "model = nn.Sequential(*[nn.BatchNorm1d(4) for _ in range(3)], nn.ReLU())\n",
    GroupNorm: net("self.gn = nn.GroupNorm(2, 4)", "return self.gn(F.relu(self.gn(x)))"),
    "a shared ReLU": net(
      python`
        self.a = nn.BatchNorm1d(4)
        self.b = nn.BatchNorm1d(4)
        self.relu = nn.ReLU()`,
      "return self.relu(self.b(self.relu(self.a(x))))",
    ),
    "a layer without running statistics": net(
      "self.bn = nn.BatchNorm1d(4, track_running_stats=False)",
      "return self.bn(F.relu(self.bn(x)))",
    ),
  });
});

describe("norm-on-output", () => {
  const rule = "norm-on-output";

  it("finds a root model that ends in BN", () => {
    const finding = only(
      rule,
      net("self.a = nn.Linear(8, 4, bias=False)\nself.bn = nn.BatchNorm1d(4)", "return self.bn(self.a(x))"),
    );
    assertWellFormed(finding);
    assert.equal(finding.severity, "information");
  });
  it("finds logits that BN made, before a softmax or a sigmoid", () => {
    const model = (last: string): string =>
      net("self.a = nn.Linear(8, 4, bias=False)\nself.bn = nn.BatchNorm1d(4)", `return ${last}`);
    for (const last of ["F.softmax(self.bn(self.a(x)), dim=1)", "torch.sigmoid(self.bn(self.a(x)))"]) {
      const finding = only(rule, model(last));
      assertWellFormed(finding);
      assert.match(finding.verdict, /before the (softmax|sigmoid)/);
    }
    assert.deepEqual(of(rule, model("F.relu(self.bn(self.a(x)))")), []);
    assert.deepEqual(of(rule, model("x[:, :4] * torch.sigmoid(self.bn(self.a(x)))")), []);
  });
  const BUILT = python`
    class Part(nn.Module):
        def __init__(self, wide):
            super().__init__()
            self.fc = nn.Linear(8, wide, bias=False)
        def forward(self, x):
            return self.fc(x)
    class Tower(nn.Module):
        def __init__(self, part, wide):
            super().__init__()
            self.part = part(wide)
            self.bn = nn.BatchNorm1d(wide)
        def forward(self, x):
            return self.bn(self.part(x))
    def small(**more):
        return Tower(Part, 4, **more)
  `;
  it("finds one that a function makes", () => {
    assert.equal(only(rule, BUILT).line, 14);
  });
  quiet(rule, {
    "an encoder that a function makes": BUILT.replaceAll("Tower", "Encoder"),
    "a tower that a function of an encoder makes": BUILT.replace("small", "small_encoder"),
    "a projection head as a submodule":
      python`
        class Head(nn.Module):
            def __init__(self):
                super().__init__()
                self.a = nn.Linear(8, 4)
                self.bn = nn.BatchNorm1d(4)
            def forward(self, x):
                return self.bn(self.a(x))
      ` + net("self.base = nn.Linear(8, 8)\nself.tail = Head()", "return self.tail(self.base(x))"),
    "a part of another model":
      python`
        class Part(nn.Module):
            def __init__(self):
                super().__init__()
                self.bn = nn.BatchNorm1d(4)
            def forward(self, x):
                return self.bn(x)
      ` + net("self.part = Part()\nself.out = nn.Linear(4, 2)", "return self.out(self.part(x))"),
    "an encoder": net("self.bn = nn.BatchNorm1d(4)", "return self.bn(x)").replace("Net", "Encoder"),
    "whitening without γ and β": net("self.bn = nn.BatchNorm1d(4, affine=False)", "return self.bn(x)"),
    "an activation at the end": net("self.bn = nn.BatchNorm1d(4)", "return F.relu(self.bn(x))"),
    "a forward that is not followed to its end": net("self.bn = nn.BatchNorm1d(4)", "return mystery(self.bn(x))"),
  });
});

describe("single-value-per-channel", () => {
  const rule = "single-value-per-channel";
  const pooled = (norm: string): string =>
    net(
      python`
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.conv = nn.Conv2d(8, 4, 1, bias=False)
        self.bn = ${norm}`,
      "return F.relu(self.bn(self.conv(self.pool(x))))",
    );

  it("finds BN over one pixel, without knowing the input's size", () => {
    const finding = only(rule, pooled("nn.BatchNorm2d(4)"));
    assertWellFormed(finding);
    assert.equal(finding.severity, "information");
  });
  it("finds features where the file trains with a batch of one", () => {
    const mlp = "model = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Linear(8, 2))\n";
    assert.equal(of(rule, mlp).length, 0);
    assert.equal(of(rule, `${mlp}loader = torch.utils.data.DataLoader(data, batch_size=1, shuffle=True)\n`).length, 1);
    assert.equal(of(rule, `${mlp}loader = torch.utils.data.DataLoader(data, batch_size=1, shuffle=False)\n`).length, 0);
  });
  quiet(rule, {
    GroupNorm: pooled("nn.GroupNorm(2, 4)"),
    SyncBatchNorm: pooled("nn.SyncBatchNorm(4)"),
    "a pool to 2×2": pooled("nn.BatchNorm2d(4)").replace("AdaptiveAvgPool2d(1)", "AdaptiveAvgPool2d(2)"),
    "an input of unknown size": net("self.bn = nn.BatchNorm2d(4)", "return F.relu(self.bn(x))"),
  });
});
