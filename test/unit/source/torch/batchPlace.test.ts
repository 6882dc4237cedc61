import { strict as assert } from "node:assert";
import { calls, graphOf, net, read, reasons } from "../helpers";

/** Class and shape of each call. */
function shapes(init: string, forward: string, input: readonly number[]): string[] {
  const reading = read(net(init, forward), { inputs: [input] });
  assert.deepEqual(reasons(reading), []);
  return calls(graphOf(reading)).map((text) => text.replace(/^\S+ /, ""));
}

describe("Frames that are folded into the batch", () => {
  const init = "self.n = nn.BatchNorm2d(3)\nself.a = nn.Linear(3, 2)";
  it("are rows of the batch until they come back", () => {
    const forward = `
n, f = x.shape[:2]
y = self.n(x.reshape(n * f, *x.shape[2:]))
return self.a(y.mean((2, 3)).view(n, f, -1))`;
    assert.deepEqual(shapes(init, forward, [7, 3, 8, 8]), [
      "Tensor.reshape 3x8x8",
      "BatchNorm2d 3x8x8",
      "Tensor.mean 3",
      "Tensor.view 7x3",
      "Linear 7x2",
    ]);
  });
  it("may be folded by flatten or by -1", () => {
    assert.equal(shapes(init, "return self.n(x.flatten(0, 1))", [7, 3, 8, 8]).at(-1), "BatchNorm2d 3x8x8");
    assert.equal(shapes(init, "return self.n(x.view(-1, 3, 8, 8))", [7, 3, 8, 8]).at(-1), "BatchNorm2d 3x8x8");
  });
  it("keep a wrong size a mismatch", () => {
    const { problems } = read(net("self.a = nn.Linear(784, 2)", "return self.a(x.view(-1, 784))"), {
      inputs: [[3, 28, 28]],
    });
    assert.ok(problems.some(({ code }) => code === "shape-mismatch"));
  });
});

describe("Axes in front of the batch", () => {
  it("are parts of a tensor that are taken apart", () => {
    const init = "self.mix = nn.Linear(6, 12)\nself.n = nn.BatchNorm1d(5)";
    const forward = `
a, b = self.mix(x).view(x.size(0), 5, 2, 6).permute(2, 0, 1, 3)
return self.n(a * b)`;
    assert.equal(shapes(init, forward, [5, 6]).at(-1), "BatchNorm1d 5x6");
    const unbound = "a, b = self.mix(x).reshape(-1, 5, 2, 6).unbind(2)\nreturn self.n(a + b)";
    assert.equal(shapes(init, unbound, [5, 6]).at(-1), "BatchNorm1d 5x6");
  });
  it("go through layers that work on the last one", () => {
    const init = "self.rnn = nn.LSTM(4, 3)\nself.n = nn.BatchNorm1d(3)";
    const forward = "y, (h, c) = self.rnn(x.permute(1, 0, 2))\nreturn self.n(y[-1])";
    assert.deepEqual(shapes(init, forward, [9, 4]).slice(1), ["LSTM 9x3", "Tensor.__getitem__ 3", "BatchNorm1d 3"]);
  });
  it("make a shape unknown where layers work on other axes", () => {
    const text = net("self.n = nn.Conv1d(9, 2, 1)", "return self.n(x.transpose(0, 1)).sum(-1)");
    const graph = graphOf(read(text, { inputs: [[9, 4]] }));
    assert.equal(graph.nodes.at(-1)?.outputShape, null);
  });
});
