import { strict as assert } from "node:assert";
import { withNormalization, withoutNormalization, twinOf } from "../../../engine/graph/twin";
import { parametersOf } from "../../../engine/graph/parameters";
import { trainabilityProblems } from "../../../engine/graph/trainable";
import { batchNormLayers } from "../../../engine/protocol/modelGraph";
import { inspectionOf } from "../../../engine/source/inspect";
import { calls, graphOf, net, read, variantOf } from "../source/helpers";
import { python } from "../support/python";

function messages(text: string): string[] {
  return read(text).annotationIssues.map((issue) => issue.message);
}

describe("The variant", () => {
  const plain = net(
    python`
      self.a = nn.Linear(4, 3)  # normlens: add bn
      self.act = nn.ReLU()
      self.b = nn.Linear(3, 2)`,
    "return self.b(self.act(self.a(x)))",
  );

  it("has a batch norm after an annotated layer", () => {
    const reading = read(plain);
    const graph = variantOf(reading);
    assert.deepEqual(calls(graph), ["a Linear 3", "a_bn BatchNorm1d 3", "act ReLU 3", "b Linear 2"]);
    assert.deepEqual(
      graph.nodes.map((node) => node.inputs[0]),
      ["input", "a", "a_bn", "act"],
    );
    assert.deepEqual([graphOf(reading).parameters, graph.parameters], [23, 29]);
    assert.deepEqual(
      inspectionOf(reading).batchNorms.map((norm) => [norm.name, norm.numFeatures, norm.eps, norm.momentum]),
      [["a_bn", 3, 1e-5, 0.1]],
    );
    assert.deepEqual(trainabilityProblems(graph), []);
  });
  it("has it after the activation when that is asked for", () => {
    const graph = variantOf(read(plain.replace("add bn", "add bn after-activation")));
    assert.deepEqual(
      graph.nodes.map((node) => node.id),
      ["a", "act", "a_bn", "b"],
    );
    assert.deepEqual(
      messages(plain.replace("add bn", "add bn after-activation").replace("self.act(self.a(x))", "self.a(x)")),
      ["No activation follows a directly."],
    );
  });
  it("normalizes images and the end of the model", () => {
    const graph = variantOf(
      read(net("self.a = nn.Conv2d(1, 6, 3)  # normlens: add bn", "return self.a(x)"), { inputs: [[1, 8, 8]] }),
    );
    assert.deepEqual(calls(graph), ["a Conv2d 6x6x6", "a_bn BatchNorm2d 6x6x6"]);
    assert.equal(graph.outputs[0]?.node, "a_bn");
  });
  it("takes removed layers out and checks the shapes again", () => {
    const text = net(
      python`
        self.a = nn.Conv2d(1, 2, 3)
        self.d = nn.Dropout(0.5)  # normlens: remove
        self.p = nn.MaxPool2d(2)  # normlens: remove
        self.b = nn.Linear(18, 2)`,
      "return self.b(self.p(self.d(self.a(x))).flatten(1))",
    );
    const reading = read(text, { inputs: [[1, 8, 8]] });
    assert.deepEqual(
      variantOf(reading).nodes.map((node) => node.id),
      ["a", "flatten", "b"],
    );
    assert.deepEqual(
      reading.problems.map((problem) => problem.code),
      ["shape-mismatch"],
    );
  });
  it("removes only the norm of a line with several layers", () => {
    const graph = variantOf(
      read("model = nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3), nn.ReLU())  # normlens: remove\n"),
    );
    assert.deepEqual(
      graph.nodes.map((node) => node.id),
      ["0", "2"],
    );
  });
  it("sets momentum and eps", () => {
    const [norm] = batchNormLayers(
      variantOf(read(net("self.a = nn.BatchNorm1d(4)  # normlens: set momentum=0.02 eps=0.5", "return self.a(x)"))),
    );
    assert.deepEqual([norm?.op.runningStatsUpdateWeight, norm?.op.epsilon], [0.02, 0.5]);
    assert.deepEqual(messages(plain.replace("add bn", "set eps=0.1")), [
      "This line creates no batch normalization layer of the model.",
    ]);
  });
  it("says where an annotation hits nothing", () => {
    assert.deepEqual(messages(plain.replace("add bn", "frozen")), [
      "This line creates no batch normalization layer of the model.",
    ]);
    assert.deepEqual(messages(plain.replace("add bn", "use group(2)")), [
      "This line creates no normalization layer of the model.",
    ]);
    assert.deepEqual(messages(`${plain}y = 3  # normlens: remove\n`), ["This line creates no layer of the model."]);
  });
  it("uses another normalization in the place of one", () => {
    const used = (norm: string, choice: string): string => {
      const text = net(
        `self.a = nn.Conv2d(3, 8, 3, bias=False)\nself.n = ${norm}  # normlens: use ${choice}`,
        "return self.n(self.a(x))",
      );
      const reading = read(text, { inputs: [[3, 10, 10]] });
      const layer = variantOf(reading).layers[1];
      const [issue] = reading.annotationIssues;
      return issue?.message ?? `${layer?.className} ${layer?.parameters} of ${variantOf(reading).parameters}`;
    };
    assert.equal(used("nn.BatchNorm2d(8)", "group(4)"), "GroupNorm 16 of 232");
    assert.equal(used("nn.BatchNorm2d(8, affine=False)", "group(4)"), "GroupNorm 16 of 232");
    assert.equal(used("nn.BatchNorm2d(8)", "layer"), "GroupNorm 16 of 232");
    assert.equal(used("nn.BatchNorm2d(8)", "instance"), "InstanceNorm2d 16 of 232");
    assert.equal(used("nn.BatchNorm2d(8)", "renorm"), "BatchRenorm 16 of 232");
    assert.equal(used("nn.BatchNorm2d(8, affine=False)", "renorm(100)"), "BatchRenorm 0 of 216");
    assert.equal(
      used("nn.BatchNorm2d(8, track_running_stats=False)", "renorm"),
      "n: Batch renormalization needs running statistics, and the layer keeps none.",
    );
    assert.equal(used("nn.BatchNorm2d(8)", "ghost(4)"), "GhostBatchNorm 16 of 232");
    assert.equal(used("nn.GroupNorm(2, 8)", "ghost(4)"), "GhostBatchNorm 16 of 232");
    const synchronized = read(net("self.n = nn.SyncBatchNorm(3)  # normlens: use ghost(4)", "return self.n(x)"), {
      inputs: [[3, 4, 4]],
    });
    assert.deepEqual(trainabilityProblems(variantOf(synchronized)), []);
    assert.equal(used("nn.GroupNorm(2, 8)", "batch"), "BatchNorm2d 16 of 232");
    assert.equal(used("nn.InstanceNorm2d(8)", "batch"), "BatchNorm2d 16 of 232");
    assert.equal(used("nn.BatchNorm2d(8)", "group(3)"), "n: 8 channels can't be divided into 3 groups.");
    const features = read(
      net("self.a = nn.Linear(4, 6)\nself.n = nn.BatchNorm1d(6)  # normlens: use layer", "return self.n(self.a(x))"),
    );
    assert.equal(variantOf(features).layers[1]?.className, "LayerNorm");
    assert.deepEqual(
      messages(
        net(
          "self.a = nn.Linear(4, 6)\nself.n = nn.BatchNorm1d(6)  # normlens: use instance",
          "return self.n(self.a(x))",
        ),
      ),
      ["n: Instance normalization needs positions to normalize over, and there are none."],
    );
  });
  it("keeps a BN's settings where only its statistics change", () => {
    const opOf = (annotation: string): unknown =>
      variantOf(
        read(
          net(`self.n = nn.BatchNorm1d(4, eps=0.01, momentum=0.01)  # normlens: ${annotation}`, "return self.n(x)"),
          { inputs: [[4]] },
        ),
      ).layers[0]?.op;
    const plain = {
      kind: "batchNorm",
      spatialDims: 0,
      numFeatures: 4,
      epsilon: 0.01,
      runningStatsUpdateWeight: 0.01,
      affine: true,
      trackRunningStats: true,
      runningVarianceEstimator: "unbiased",
    };
    assert.deepEqual(opOf("use ghost(8)"), { ...plain, statistics: { rule: "ghost", samples: 8 } });
    assert.deepEqual(opOf("use renorm"), {
      ...plain,
      statistics: { rule: "renorm", rMax: 3, dMax: 5, plainUpdates: 459 },
    });
    assert.deepEqual(opOf("use renorm(5000); set momentum=0.5"), {
      ...plain,
      runningStatsUpdateWeight: 0.5,
      statistics: { rule: "renorm", rMax: 3, dMax: 5, plainUpdates: 5000 },
    });
  });
  it("keeps what contracts promise with the layer", () => {
    const [norm] = batchNormLayers(
      variantOf(
        read(net("self.a = nn.BatchNorm1d(4)  # normlens: frozen min-batch=16 domain=source", "return self.a(x)")),
      ),
    );
    assert.deepEqual(norm?.contracts, { frozen: true, minBatch: 16, domain: "source" });
  });
  it("covers calls that span several lines", () => {
    const text = net(
      python`
      self.a = nn.Linear(
          4,
          3,  # normlens: add bn
      )`,
      "return self.a(x)",
    );
    assert.deepEqual(
      variantOf(read(text)).nodes.map((node) => node.id),
      ["a", "a_bn"],
    );
  });
  it("applies to every layer that the line makes", () => {
    const text = net(
      python`
        self.layers = nn.ModuleList()
        for i in range(2):
            self.layers.append(nn.Linear(4, 4))  # normlens: add bn`,
      python`
        for layer in self.layers:
            x = layer(x)
        return x`,
    );
    assert.deepEqual(
      variantOf(read(text)).nodes.map((node) => node.id),
      ["layers.0", "layers.0_bn", "layers.1", "layers.1_bn"],
    );
  });
});

describe("The twin", () => {
  const mlp = (norm: string): string =>
    `model = nn.Sequential(nn.Linear(4, 3), ${norm}nn.Sigmoid(), nn.Linear(3, 2))\n`;
  it("has no norm where the model has some, and the other way round", () => {
    const withNorm = graphOf(read(mlp("nn.BatchNorm1d(3), ")));
    const without = graphOf(read(mlp("")));
    assert.equal(batchNormLayers(twinOf(withNorm)).length, 0);
    assert.equal(twinOf(withNorm).parameters, without.parameters);
    assert.deepEqual(
      batchNormLayers(twinOf(without)).map((layer) => layer.name),
      ["0_bn"],
    );
    assert.deepEqual(trainabilityProblems(twinOf(without)), []);
  });
  it("gives the model back when taken twice", () => {
    const without = graphOf(read(mlp("")));
    assert.deepEqual(withoutNormalization(withNormalization(without)), without);
  });
});

describe("What the engine can train", () => {
  const details = (init: string, forward: string, input: number[] = [2, 8, 8]): string[] =>
    trainabilityProblems(graphOf(read(net(init, forward), { inputs: [input] }))).map((problem) =>
      problem.code === "layer-unsupported" ? `${problem.layer}: ${problem.detail}` : problem.code,
    );
  const tail = "self.z = nn.Linear(8, 2)";

  it("says which layer it has not", () => {
    assert.deepEqual(details(`self.a = nn.RReLU()\n${tail}`, "return self.z(self.a(x))", [8]), [
      "a: RReLU is not supported yet",
    ]);
    assert.deepEqual(details(`self.a = nn.PReLU(4)\n${tail}`, "return self.z(self.a(x))", [8]), [
      "a: it has 4 slopes for 8 channels",
    ]);
    assert.deepEqual(
      details(`self.a = nn.Softmax(-1)\nself.z = nn.Linear(2, 2)`, "return self.z(self.a(x).mean((2, 3)))"),
      ["a: it does not run over the channels"],
    );
    assert.deepEqual(details(`self.a = nn.Upsample(scale_factor=2, mode="bicubic")`, "return self.a(x).flatten(1)"), [
      "a: Upsample is not supported yet",
    ]);
    for (const mode of ["nearest", "bilinear"]) {
      const ambiguous = details(
        `self.a = nn.Upsample(scale_factor=1.3, mode="${mode}")`,
        "return self.a(x).flatten(1)",
        [1, 3, 8],
      );
      assert.deepEqual(ambiguous, ["a: PyTorch's own kernels disagree about this factor at this size (pass size=…)"]);
    }
    assert.deepEqual(details("self.a = nn.Upsample(scale_factor=2.5)", "return self.a(x).flatten(1)"), []);
    assert.deepEqual(
      details("self.a = nn.AvgPool2d(2, padding=1, stride=9, ceil_mode=True)", "return self.a(x).flatten(1)"),
      [],
    );
    assert.deepEqual(details("self.a = nn.MaxPool2d(2, 4, 1, dilation=9)", "return self.a(x).flatten(1)"), [
      "a: one of its windows contains no pixel",
    ]);
    assert.deepEqual(details(tail, "return self.z(F.dropout(x, 0.5))", [8]), [
      "dropout: it drops values in eval mode too (pass training=self.training)",
    ]);
    assert.deepEqual(details(tail, "return self.z(F.dropout(x, 0.5, training=self.training))", [8]), []);
    assert.deepEqual(details(`self.a = nn.Conv2d(2, 4, 3, groups=2, dilation=2)`, "return self.a(x).flatten(1)"), []);
    assert.deepEqual(details(`self.a = nn.Conv2d(2, 3, 3, groups=2)`, "return self.a(x).flatten(1)"), [
      "a: 2 and 3 channels can't be divided into 2 groups",
    ]);
    assert.deepEqual(
      details(`self.a = nn.Conv2d(2, 4, 3, padding=1, padding_mode="circular")`, "return self.a(x).flatten(1)"),
      [],
    );
    assert.deepEqual(
      details(`self.a = nn.Conv2d(2, 4, 3, padding=1, padding_mode="mirror")`, "return self.a(x).flatten(1)"),
      ["a: Conv2d is not supported yet"],
    );
    assert.deepEqual(
      details(`self.a = nn.Conv2d(2, 4, 3, padding=8, padding_mode="reflect")`, "return self.a(x).flatten(1)"),
      ["a: its reflection padding is larger than the image"],
    );
    assert.deepEqual(
      details(`self.a = nn.Conv2d(2, 4, 3, padding=9, padding_mode="circular")`, "return self.a(x).flatten(1)"),
      ["a: its circular padding is larger than the image"],
    );
    assert.deepEqual(
      details("self.a = nn.BatchNorm2d(2, track_running_stats=False)", "return self.a(x).flatten(1)"),
      [],
    );
    assert.deepEqual(details("self.a = nn.BatchNorm2d(2, momentum=None)", "return self.a(x).flatten(1)"), []);
  });
  it("takes the last axis of images and sequences too, and refuses axes that it has no place for", () => {
    assert.deepEqual(
      details("self.a = nn.Linear(8, 2)\nself.z = nn.Linear(32, 2)", "return self.z(self.a(x).flatten(1))"),
      [],
    );
    assert.deepEqual(details(`self.a = nn.Linear(8, 2)\n${tail}`, "return self.z(self.a(x).flatten(1))", [4, 8]), []);
    assert.deepEqual(
      details(
        "self.a = nn.Linear(8, 2)\nself.z = nn.Linear(32, 2)",
        "return self.z(self.a(x.unsqueeze(1)).flatten(1))",
      ),
      ["a: it computes with 4 axes besides the batch axis"],
    );
    assert.deepEqual(
      details(
        python`
          self.f = nn.Flatten(2)
          self.n = nn.BatchNorm1d(2)
          self.z = nn.Linear(128, 2)`,
        "return self.z(self.n(self.f(x)).flatten(1))",
      ),
      [],
    );
  });
  it("says what is wrong with the way they are called", () => {
    assert.deepEqual(details(`self.a = nn.Linear(8, 8)\n${tail}`, "return self.z(self.a(self.a(x)))", [8]), []);
    assert.deepEqual(details(`self.a = nn.BatchNorm1d(8)\n${tail}`, "return self.z(self.a(self.a(x)))", [8]), []);
    assert.deepEqual(
      details(`self.a = nn.Linear(8, 8)\n${tail}`, "y = self.a(x)\nreturn self.z(y + y.relu())", [8]),
      [],
    );
    assert.deepEqual(
      details(
        python`
          self.a = nn.Conv2d(2, 2, 3, padding=1)
          self.p = nn.AdaptiveAvgPool2d(1)
          self.z = nn.Linear(2, 2)`,
        "y = self.a(x)\nreturn self.z((y + self.p(y)).mean((2, 3)))",
      ),
      [],
    );
    assert.deepEqual(details(tail, "return self.z(torch.cat([x, x], 1)[:, :8])", [8]), []);
    assert.deepEqual(details(tail, "return self.z(torch.cat([x, x], 1)[:, torch.arange(8)])", [8]), [
      "getitem: getitem is not supported yet",
    ]);
    assert.deepEqual(details(tail, "return self.z(x.narrow(1, 3, 6)[:, :4].repeat(1, 2))", [8]), [
      "repeat: repeat is not supported yet",
      "narrow: it takes a part that its input does not have",
    ]);
    assert.deepEqual(details(tail, "a, b = x.split([8, 0], 1)\nreturn self.z(torch.cat([a, b], 1))", [8]), [
      "split#2: its output is empty",
    ]);
    assert.deepEqual(
      details("self.z = nn.Linear(2, 2)", "return self.z(torch.sigmoid(x.view(-1, 2, 2, 4, 8)).mean((2, 3, 4)))"),
      [
        "sigmoid: it computes with 4 axes besides the batch axis",
        "mean: it computes with 4 axes besides the batch axis",
      ],
    );
    assert.deepEqual(details("self.z = nn.Linear(8, 1)", "return self.z(x).flatten(1)"), []);
    assert.deepEqual(details("self.p = nn.AdaptiveAvgPool2d(1)", "return self.p(x).flatten(1)", [6, 6]), [
      "p: its input is not an image",
    ]);
    assert.deepEqual(details("self.p = nn.ReflectionPad2d(8)", "return self.p(x).mean((2, 3))"), [
      "p: its reflection padding is larger than the image",
    ]);
    assert.deepEqual(
      details(
        "self.a = nn.Conv2d(2, 2, 3)\nself.z = nn.Linear(2, 2)",
        "y = self.a(x)\nreturn self.z(torch.cat([y, y], 2).mean((2, 3)))",
      ),
      [],
    );
    assert.deepEqual(
      details(
        "self.a = nn.Conv2d(2, 2, 3)\nself.z = nn.Linear(2, 2)",
        "y = self.a(x)\nreturn self.z(torch.cat([y, y], 0).mean((2, 3)))",
      ),
      ["cat: the shape of its output is unknown"],
    );
    assert.deepEqual(details("self.a = nn.Flatten(2)", "return self.a(x)"), ["output-not-classes"]);
    assert.deepEqual(details("self.a = nn.Conv2d(2, 2, 3)", "return self.a(x)"), []);
    assert.deepEqual(details(`self.s = nn.Parameter(torch.ones(3))\n${tail}`, "return self.z(x)", [8]), [
      "Net(): it has parameters outside its layers (nn.Parameter)",
    ]);
  });
  it("counts parameters as the reader does", () => {
    const graph = graphOf(
      read(
        net(
          python`
            self.a = nn.Conv2d(2, 4, (3, 1), groups=2)
            self.b = nn.BatchNorm2d(4)
            self.c = nn.Linear(8, 2, bias=False)`,
          "return self.c(self.b(self.a(x)).mean(2))",
        ),
        { inputs: [[2, 3, 8]] },
      ),
    );
    for (const layer of graph.layers) {
      if (layer.op.kind !== "other") assert.equal(parametersOf(layer.op), layer.parameters);
    }
  });
});
