import { strict as assert } from "node:assert";
import { trainabilityProblems } from "../../../engine/graph/trainable";
import { inspectionOf } from "../../../engine/source/inspect";
import { readModelFile } from "../../../engine/source/readModel";
import { type CachedReading, ModelReadingCache } from "../../../engine/source/readingCache";
import { calls, graphOf, net, OFFSET, read } from "./helpers";
import { python } from "../support/python";

const MLP = net(
  python`
    self.a = nn.Linear(4, 3)
    self.b = nn.BatchNorm1d(3)
    self.c = nn.Linear(3, 2)`,
  "return self.c(torch.sigmoid(self.b(self.a(x))))",
);

describe("Reading a model", () => {
  it("gives the layers in definition order and the calls in forward order", () => {
    const graph = graphOf(read(MLP));
    assert.deepEqual(calls(graph), ["a Linear 3", "b BatchNorm1d 3", "sigmoid torch.sigmoid 3", "c Linear 2"]);
    assert.deepEqual(
      graph.layers.map((layer) => layer.name),
      ["a", "b", "c", "sigmoid"],
    );
    assert.equal(graph.outputs[0]?.node, "c");
    assert.deepEqual(trainabilityProblems(graph), []);
  });
  it("gives the same result for the same text", () => {
    assert.deepEqual(read(MLP), read(MLP));
  });
  it("resolves import aliases", () => {
    const text = python`
        from torch import nn as n
        from torch.nn import Linear as L, functional as fn
        from torch.nn.functional import relu
        import torch as t
        model = n.Sequential(L(2, 3), n.modules.activation.ReLU())
      `;
    assert.deepEqual(calls(graphOf(read(text))), ["0 Linear 3", "1 ReLU 3"]);
  });
  it("reads functional, torch and tensor spellings alike", () => {
    const graph = graphOf(read(net("self.a = nn.Linear(4, 4)", "return torch.relu(F.relu(self.a(x))).relu()")));
    assert.deepEqual(
      graph.layers.map((layer) => [layer.name, layer.op.kind]),
      [
        ["a", "linear"],
        ["relu", "activation"],
        ["relu#2", "activation"],
        ["relu#3", "activation"],
      ],
    );
  });
  for (const forward of [
    "torch.flatten(x, 1)",
    "x.flatten(1)",
    "x.view(x.size(0), -1)",
    "x.view(-1, 32)",
    "x.reshape(x.shape[0], 32)",
    "x.view((len(x) if False else x.size()[0]), 2 * 16)",
  ]) {
    it(`reads ${forward} as a flatten`, () => {
      const graph = graphOf(
        read(net("self.a = nn.Linear(32, 2)", `return self.a(${forward})`), { inputs: [[2, 4, 4]] }),
      );
      assert.equal(graph.layers[1]?.op.kind, "flatten");
      assert.deepEqual(graph.nodes.at(-1)?.outputShape, [2]);
      assert.deepEqual(trainabilityProblems(graph), []);
    });
  }
  it("names a layer called twice once, with two nodes", () => {
    const graph = graphOf(read(net("self.a = nn.Linear(4, 4)", "return self.a(self.a(x))")));
    assert.deepEqual(
      graph.nodes.map((node) => node.id),
      ["a", "a@2"],
    );
    assert.equal(graph.layers.length, 1);
  });
  it("follows a residual addition", () => {
    const graph = graphOf(read(net("self.a = nn.Linear(4, 4)", "return x + self.a(x)"), { inputs: [[4]] }));
    assert.deepEqual(graph.nodes.at(-1)?.inputs, ["input", "a"]);
    assert.deepEqual(graph.nodes.at(-1)?.outputShape, [4]);
  });
});

describe("Choosing the model", () => {
  const two = python`
    ${net("self.a = nn.Linear(4, 3)", "return self.a(x)")}class Block(nn.Module):
        def __init__(self, n):
            super().__init__()
  `;
  it("takes the last class that no other uses", () => {
    const text = python`
      ${net("self.a = nn.Linear(4, 3)", "return self.a(x)")}class Outer(nn.Module):
          def __init__(self):
              super().__init__()
              self.net = Net()
          def forward(self, x):
              return self.net(x)
    `;
    assert.equal(read(text).model, "Outer()");
  });
  it("prefers an instance at module level, then the annotation", () => {
    assert.equal(read(`${MLP}model = Net()\n`).model, "model");
    assert.equal(read(`# normlens: model Net() input=4\n${MLP}model = nn.Linear(2, 2)\n`).model, "Net()");
  });
  it("says what a class needs", () => {
    const candidates = read(two).candidates.map((candidate) => [candidate.name, candidate.requires]);
    assert.deepEqual(candidates, [
      ["Net", []],
      ["Block", ["n"]],
    ]);
  });
  it("takes the option, by name or by expression", () => {
    assert.equal(graphOf(read(MLP, { model: "Net" })).parameters, 29);
    const sized = net("self.a = nn.Linear(4, width)", "return self.a(x)", "width=3");
    assert.equal(graphOf(read(sized, { model: "Net(width=5)" })).parameters, 25);
  });
  it("says which models there are when the named one is missing", () => {
    assert.deepEqual(read(MLP, { model: "Nett" }).problems, [
      { code: "model-not-found", path: "model.py", model: "Nett", found: ["Net"] },
    ]);
    assert.deepEqual(read("x = 1\n").problems, [{ code: "no-model", path: "model.py" }]);
  });
});

describe("Constructor arguments", () => {
  const model = net("self.a = nn.Linear(width, classes)", "return self.a(x)", "width, classes");

  it("are taken from a call that writes them out", () => {
    const reading = read(python`
      ${model}def main():
          first = Net(2, 3)
          model = Net(4, classes=10).cuda()
    `);
    assert.equal(reading.model, "Net(4, classes=10)");
    assert.equal(graphOf(reading).parameters, 50);
  });

  it("are not taken from a call with values that are not written there", () => {
    const reading = read(python`
      ${model}def main(args):
          model = Net(args.width, 10)
    `);
    assert.equal(reading.graph, null);
    assert.match(JSON.stringify(reading.problems), /Net needs arguments: width, classes/);
  });
});

describe("The input shape", () => {
  it("is the first Linear's features", () => {
    assert.deepEqual(graphOf(read(MLP)).inputs[0]?.shape, [4]);
    assert.deepEqual(
      graphOf(read(net("self.a = nn.Linear(784, 2)", "return self.a(torch.flatten(x, 1))"))).inputs[0]?.shape,
      [784],
    );
    assert.deepEqual(
      graphOf(read(net("self.a = nn.Linear(784, 2)", "return self.a(x.view(-1, 784))"))).inputs[0]?.shape,
      [784],
    );
  });
  it("is unknown before a convolution, and parameters and norms are exact all the same", () => {
    const reading = read(
      net("self.a = nn.Conv2d(3, 8, 3)\nself.b = nn.BatchNorm2d(8)", "return self.b(self.a(x)).mean([2, 3])"),
    );
    assert.deepEqual(reading.problems, [
      { code: "input-shape-unknown", model: "Net()", inputs: 1, example: [3, 32, 32] },
    ]);
    assert.equal(graphOf(reading).parameters, 240);
    assert.equal(inspectionOf(reading).batchNorms.length, 1);
  });
  it("comes from the annotation, and the option wins", () => {
    const text = `# normlens: model Net() input=3x8x8\n${net("self.a = nn.Conv2d(3, 8, 3)", "return self.a(x)")}`;
    assert.deepEqual(graphOf(read(text)).inputs[0]?.shape, [3, 8, 8]);
    assert.deepEqual(graphOf(read(text, { inputs: [[3, 9, 9]] })).nodes[0]?.outputShape, [8, 7, 7]);
  });
});

describe("Shapes that do not fit", () => {
  it("are problems with the layer's line", () => {
    const reading = read(net("self.a = nn.Linear(800, 10)", "return self.a(x.flatten(1))"), { inputs: [[1, 28, 28]] });
    assert.deepEqual(reading.problems, [
      { code: "shape-mismatch", layer: "a", line: 4 + OFFSET, expected: "800 features", found: "784" },
    ]);
  });
  it("are found in views, norms and convolutions", () => {
    const mismatch = (init: string, forward: string): string[] =>
      read(net(init, forward), { inputs: [[1, 8, 8]] }).problems.map((problem) =>
        problem.code === "shape-mismatch" ? `${problem.layer}: ${problem.expected}` : problem.code,
      );
    assert.deepEqual(mismatch("pass", "return x.view(-1, 30)"), ["view: 30 values per sample"]);
    assert.deepEqual(mismatch("self.a = nn.BatchNorm2d(3)", "return self.a(x)"), ["a: 3 channels × height × width"]);
    assert.deepEqual(mismatch("self.a = nn.Conv2d(1, 2, 9)", "return self.a(x)"), ["a: at least 9×9 pixels"]);
    assert.deepEqual(mismatch("self.a = nn.BatchNorm1d(1)", "return self.a(x)"), ["a: 1 channels"]);
  });
});

describe("A file in the middle of an edit", () => {
  it("reports the errors and reads what it can", () => {
    const reading = read(MLP.replace("nn.BatchNorm1d(3)", "nn.BatchNorm1d(3"));
    assert.equal(reading.syntaxErrors.length > 0, true);
    assert.equal(reading.problems[0]?.code, "syntax-error");
  });
  it("keeps the last good reading, marked stale", () => {
    const cache = new ModelReadingCache();
    const update = (text: string): CachedReading => cache.read({ path: "model.py", text });
    const good = readModelFile({ path: "model.py", text: MLP });
    assert.deepEqual(update(MLP), { reading: good, isStale: false });
    assert.deepEqual(update("class Net(nn.Module:\n"), { reading: good, isStale: true });
    assert.deepEqual(update(""), { reading: readModelFile({ path: "model.py", text: "" }), isStale: false });
    cache.forget("model.py");
    const broken = update("class (\n");
    assert.deepEqual([broken.isStale, broken.reading.syntaxErrors.length > 0], [false, true]);
  });
});

describe("inspect", () => {
  it("lists layers and norms in the documented form", () => {
    const inspection = inspectionOf(read(MLP));
    assert.deepEqual(inspection.layers[0], {
      name: "a",
      kind: "Linear",
      outputShape: [3],
      parameters: 15,
      line: 4 + OFFSET,
    });
    assert.deepEqual(inspection.batchNorms, [
      { name: "b", numFeatures: 3, eps: 1e-5, momentum: 0.1, line: 5 + OFFSET },
    ]);
    assert.deepEqual(Object.keys(inspection), [
      "model",
      "framework",
      "parameters",
      "isWhole",
      "assumed",
      "layers",
      "batchNorms",
      "findings",
      "unknowns",
    ]);
  });
});
