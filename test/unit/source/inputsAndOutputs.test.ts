import { strict as assert } from "node:assert";
import { trainabilityProblems } from "../../../engine/graph/trainable";
import { describeProblem } from "../../../engine/protocol/problems";
import { calls, graphOf, net, read, reasons } from "./helpers";
import { python } from "../support/python";

describe("models with several inputs and outputs", () => {
  it("call forward with a tensor for each parameter without a default", () => {
    const text = `import torch
import torch.nn as nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(10, 10)
        self.fc = nn.Linear(110, 2)
    def forward(self, noise, labels, scale=None, *, mask):
        return self.fc(torch.cat((self.embed(labels), noise * mask), -1))
`;
    const graph = graphOf(read(text, { inputs: [[100], []] }));
    assert.deepEqual(graph.inputs, [
      { id: "input", name: "noise", shape: [100] },
      { id: "input:labels", name: "labels", shape: [] },
      { id: "input:mask", name: "mask", shape: null },
    ]);
    assert.deepEqual(
      graph.nodes.map(({ layer, inputs }) => [layer, ...inputs]),
      [
        ["embed", "input:labels"],
        ["mul", "input", "input:mask"],
        ["cat", "embed", "mul"],
        ["fc", "cat"],
      ],
    );
    assert.deepEqual(graph.unknowns, []);
  });

  it("return tensors in tuples, lists, dicts and classes, each with its place", () => {
    const init = "self.a = nn.Linear(4, 2)\nself.b = nn.Linear(4, 3)";
    const outputs = (returned: string) =>
      graphOf(
        read(
          net(
            init,
            python`
        y = self.a(x)
        z = self.b(x)
        return ${returned}`,
          ),
        ),
      ).outputs;
    assert.deepEqual(outputs("y, z"), [
      { place: "0", node: "a" },
      { place: "1", node: "b" },
    ]);
    assert.deepEqual(outputs("y, (z, [x])"), [
      { place: "0", node: "a" },
      { place: "1.0", node: "b" },
      { place: "1.1.0", node: "input" },
    ]);
    assert.deepEqual(outputs('{"out": y, "aux": z, "scale": 2}'), [
      { place: "out", node: "a" },
      { place: "aux", node: "b" },
    ]);
    assert.deepEqual(outputs("y, None"), [{ place: "0", node: "a" }]);
  });

  it("are what they are after a change in place", () => {
    const graph = graphOf(
      read(
        net(
          "self.a = nn.Linear(4, 4)\nself.b = nn.Linear(4, 4)",
          python`
            y = self.a(x)
            result = [y]
            y += self.b(x)
            return result`,
        ),
      ),
    );
    assert.deepEqual(graph.outputs, [{ place: "0", node: "add" }]);
  });

  it("are flagged when a part of what is returned is unknown", () => {
    const reading = read(net("self.a = nn.Linear(4, 4)", "return self.a(x), strange(x)"));
    assert.ok(
      reading.unknowns.some(({ reason }) => reason.includes("strange")),
      JSON.stringify(reading.unknowns),
    );
  });

  it("are trained by their first output, and with several inputs", () => {
    const problemsOf = (forward: string, inputs: number[][], parameters = "x"): string[] =>
      trainabilityProblems(
        graphOf(
          read(
            net("self.a = nn.Linear(4, 2)\nself.b = nn.Linear(2, 3)", forward).replace(
              "forward(self, x)",
              `forward(self, ${parameters})`,
            ),
            { inputs },
          ),
        ),
      ).map((problem) => describeProblem(problem).sentence);
    assert.deepEqual(problemsOf("y = self.a(x)\nreturn y, self.b(y)", [[4]]), []);
    assert.deepEqual(problemsOf("y = self.a(x)\nreturn {'out': self.b(y), 'features': y, 'input': x}", [[4]]), []);
    assert.deepEqual(
      problemsOf(
        python`
      y = self.a(x)
      self.b(y)
      return y, x`,
        [[4]],
      ),
      ["NormLens can't train b (line 8): its output is not used."],
    );
    assert.deepEqual(problemsOf("return x, self.b(self.a(x))", [[4]]), [
      "The model's output of 4 is neither one score per class nor one per class and position.",
    ]);
    assert.deepEqual(problemsOf("return self.b(self.a(x) + y)", [[4], [2]], "x, y"), []);
  });

  it("ask for one shape per input", () => {
    const text = net("self.a = nn.Conv2d(3, 4, 3)", "return self.a(x) + self.a(y)").replace(
      "def forward(self, x)",
      "def forward(self, x, y)",
    );
    const [problem] = read(text).problems;
    assert.ok(problem);
    assert.equal(
      describeProblem(problem).action,
      "Add a comment above the class, with the sizes of one sample joined by x: # normlens: model Net() input=SIZES,SIZES",
    );
    const annotated = graphOf(read(`# normlens: model Net() input=3x8x8,3x8x8\n${text}`));
    assert.deepEqual(annotated.nodes.at(-1)?.outputShape, [4, 6, 6]);
  });
});

describe("sizes of a tensor whose shape is not known yet", () => {
  const POOLED = net(
    "self.a = nn.Conv2d(3, 8, 3)\nself.b = nn.Linear(8, 2)",
    python`
      x = self.a(x)
      x = F.avg_pool2d(x, x.size()[3])
      return self.b(x.view(x.size(0), -1))`,
  ).replace("import torch.nn as nn", "import torch.nn as nn\nimport torch.nn.functional as F");

  it("leave the calls known, and become known with the input's shape", () => {
    const unshaped = read(POOLED);
    assert.deepEqual(unshaped.unknowns, []);
    assert.deepEqual(
      unshaped.problems.map(({ code }) => code),
      ["input-shape-unknown"],
    );
    const shapes = graphOf(read(POOLED, { inputs: [[3, 10, 10]] })).nodes.map(({ outputShape }) =>
      outputShape?.join("x"),
    );
    assert.deepEqual(shapes, ["8x8x8", "8x1x1", "8", "2"]);
  });

  it("are unknown where layers depend on them", () => {
    const reading = read(
      net(
        "self.a = nn.Conv2d(3, 8, 3)\nself.b = nn.Linear(8, 8)",
        python`
          x = self.a(x)
          for _ in range(x.size(2)):
              x = self.b(x)
          return x`,
      ),
    );
    assert.ok(
      reading.unknowns.some(({ remedy }) => remedy === "inputShape"),
      JSON.stringify(reading.unknowns),
    );
  });
});

describe("choices that depend on the machine", () => {
  it("are none between a tensor type and the same on a GPU", () => {
    const text =
      `${net("self.a = nn.Linear(4, 8)", "z = Tensor(x.size(0), 8)\nreturn self.a(x) + z")}cuda = True if ` +
      `torch.cuda.is_available() else False\nTensor = torch.cuda.FloatTensor if cuda else torch.FloatTensor\n`;
    assert.deepEqual(graphOf(read(text)).unknowns, []);
  });

  it("are unknown between classes of layers", () => {
    for (const choice of [
      "act = nn.ReLU if torch.cuda.is_available() else nn.PReLU",
      "if torch.cuda.is_available():\n    act = nn.ReLU\nelse:\n    act = nn.PReLU",
    ]) {
      const reading = read(
        net(
          python`
        ${choice}
        self.act = act()
        self.a = nn.Linear(4, 2)`,
          "return self.a(self.act(x))",
        ),
      );
      assert.ok(
        reading.unknowns.some(({ reason }) => reason === "it depends on whether there is a GPU"),
        choice,
      );
      assert.equal(graphOf(reading).parameters, null, choice);
    }
  });

  it("do not keep a training loop below the model from being read through", () => {
    const loop = python`
        for epoch in range(200):
            for i, batch in enumerate(loader):
                valid = torch.ones(4, 1)
                count = i + 1
                table = [a for _ in range(10) for a in range(10)]
      `;
    assert.equal(graphOf(read(`${net("self.a = nn.Linear(4, 2)", "return self.a(x)")}${loop}`)).parameters, 10);
  });
});

describe("The shape of an image that nothing gives", () => {
  const lenet = (features: number): string =>
    net(
      python`
        self.a = nn.Conv2d(3, 6, 5)
        self.p = nn.MaxPool2d(2)
        self.b = nn.Conv2d(6, 16, 5)
        self.c = nn.Linear(${features}, 10)`,
      python`
        x = self.p(F.relu(self.a(x)))
        x = self.p(F.relu(self.b(x)))
        return self.c(x.flatten(1))`,
    );

  it("is inferred when one usual size fits every layer", () => {
    const reading = read(lenet(16 * 5 * 5));
    assert.deepEqual(graphOf(reading).inputs, [{ id: "input", name: "x", shape: [3, 32, 32] }]);
    assert.equal(reading.inputIsInferred, true);
    assert.deepEqual(graphOf(reading).nodes.at(-1)?.outputShape, [10]);
    assert.equal(read(lenet(16 * 5 * 5), { inputs: [[3, 33, 33]] }).inputIsInferred, false);
  });

  it("is unknown when none or several fit", () => {
    const pooled = net(
      python`
        self.a = nn.Conv2d(3, 6, 3)
        self.p = nn.AdaptiveAvgPool2d(1)
        self.c = nn.Linear(6, 10)`,
      "return self.c(self.p(self.a(x)).flatten(1))",
    );
    for (const text of [pooled, lenet(399)]) {
      assert.equal(graphOf(read(text)).inputs[0]?.shape, null);
      assert.equal(read(text).inputIsInferred, false);
    }
  });
});

describe("Channels that are known without the size of the image", () => {
  it("are sizes that views and loops can use", () => {
    const gate = net(
      python`
        self.a = nn.Conv2d(3, 8, 3)
        self.p = nn.AdaptiveAvgPool2d(1)
        self.f = nn.Linear(8, 8)
        self.c = nn.Linear(8, 2)`,
      python`
        x = self.a(x)
        b, c, _, _ = x.size()
        y = self.f(self.p(x).view(b, c)).view(b, c, 1, 1)
        x = x * y
        left, right = x.chunk(2, dim=1)
        x = torch.cat([left] + [right] * (right.shape[1] // 4), 1)
        return self.c(self.p(x).flatten(1))`,
    );
    const reading = read(gate);
    assert.deepEqual(reasons(reading), []);
    assert.equal(graphOf(reading).inputs[0]?.shape, null);
    assert.deepEqual(
      graphOf(reading)
        .nodes.map(({ outputShape }) => outputShape)
        .filter((shape) => shape?.some(Number.isNaN)),
      [],
    );
    const shaped = calls(graphOf(read(gate, { inputs: [[3, 10, 10]] })));
    assert.deepEqual(
      shaped.filter((call) => /chunk|cat/.test(call)),
      ["chunk Tensor.chunk 4x8x8", "chunk#2 Tensor.chunk 4x8x8", "cat torch.cat 8x8x8"],
    );
  });

  it("do not make a size of the image known", () => {
    const text = net(
      "self.a = nn.Conv2d(3, 8, 3)\nself.b = nn.Conv2d(8, 8, 1)",
      python`
        x = self.a(x)
        if x.size(2) > 10:
            x = self.b(x)
        return x`,
    );
    assert.ok(read(text).unknowns.some(({ remedy }) => remedy === "inputShape"));
  });
});

describe("An axis that is not known", () => {
  it("is reported, though the sizes are not known either", () => {
    const text = net("self.a = nn.Conv2d(3, 8, 3)", "x = self.a(x)\nreturn x.view(x.shape[axis], -1)");
    assert.ok(
      reasons(read(text)).some((reason) => reason.includes("axis")),
      JSON.stringify(reasons(read(text))),
    );
  });
});
