import { strict as assert } from "node:assert";
import { trainabilityProblems } from "../../../engine/graph/trainable";
import type { ModelGraph } from "../../../engine/protocol/modelGraph";
import { graphOf, net, read, reasons } from "./helpers";

const TWO = "self.a = nn.Linear(4, 4)\nself.b = nn.Linear(4, 4)\nself.r = nn.ReLU(inplace=True)";

/** `id<-inputs` of every call. */
function edges(graph: ModelGraph): string[] {
  return graph.nodes.map((node) => `${node.id}<-${node.inputs.join(",")}`);
}

function edgesOf(forward: string, init = TWO): string[] {
  const reading = read(net(init, forward), { inputs: [[4]] });
  assert.deepEqual(reasons(reading), []);
  return edges(graphOf(reading));
}

describe("A tensor that is changed in place", () => {
  it("changes under its other name too", () => {
    assert.deepEqual(edgesOf("x = self.a(x)\ny = x\nx += self.b(x)\nreturn y"), ["a<-input", "b<-a", "add<-a,b"]);
    assert.equal(graphOf(read(net(TWO, "x = self.a(x)\ny = x\nx += self.b(x)\nreturn y"))).outputs[0]?.node, "add");
  });
  it("keeps the old value under another name when it is not changed in place", () => {
    assert.deepEqual(edgesOf("x = self.a(x)\ny = x\nx = x + self.b(x)\nreturn x * y"), [
      "a<-input",
      "b<-a",
      "add<-a,b",
      "mul<-add,a",
    ]);
  });
  for (const change of [
    "x.add_(1)",
    "F.relu(x, inplace=True)",
    "x.relu_()",
    "F.relu_(x)",
    "torch.relu_(x)",
    "x *= 2",
    "self.r(x)",
  ]) {
    it(`by ${change}, so that what was kept before is the new value`, () => {
      const [, changed, last] = edgesOf(`x = self.a(x)\ny = x\n${change}\nreturn self.b(y)`);
      assert.equal(last, `b<-${changed?.split("<-")[0] ?? ""}`);
    });
  }
  it("leaves a copy as it was", () => {
    assert.deepEqual(edgesOf("x = self.a(x)\ny = x.clone()\nx += 1\nreturn self.b(y)"), ["a<-input", "add<-a", "b<-a"]);
  });
  it("is followed in a straight chain of views", () => {
    assert.deepEqual(edgesOf("x = self.a(x).view(-1, 4)\nx = self.r(x)\nreturn self.b(x)"), [
      "a<-input",
      "view<-a",
      "r<-view",
      "b<-r",
    ]);
  });
  it("is followed through a residual block", () => {
    assert.deepEqual(edgesOf("out = self.b(self.a(x))\nout += x\nreturn self.r(out)"), [
      "a<-input",
      "b<-a",
      "add<-b,input",
      "r<-add",
    ]);
  });
  it("changes an accumulator of zeros under both names", () => {
    assert.equal(
      graphOf(read(net(TWO, "out = torch.zeros(2, 4)\nkept = out\nout += self.a(x)\nreturn kept"))).outputs[0]?.node,
      "add",
    );
  });
  it("changes with an item that is assigned", () => {
    assert.deepEqual(edgesOf("x = self.a(x)\ny = x\nx[:, 0] = 0\nreturn self.b(y)"), [
      "a<-input",
      "setitem<-a",
      "b<-setitem",
    ]);
    assert.deepEqual(edgesOf("x[:, 0] += 1\nreturn self.b(x)"), [
      "getitem<-input",
      "add<-getitem",
      "setitem<-input,add",
      "b<-setitem",
    ]);
  });
  for (const [title, forward] of [
    ["through a view of it", "x = self.a(x)\ny = x.view(-1, 2, 2)\nx += 1\nreturn y"],
    ["through its base", "x = self.a(x)\ny = x.view(-1, 2, 2)\ny += 1\nreturn self.b(x)"],
    ["by a layer that may work in place", "x = self.a(x)\ny = x\nx = F.relu(x, inplace=FLAG)\nreturn self.b(y)"],
    ["by new data", "x = self.a(x)\nx.data = self.b(x)\nreturn x"],
    ["by copying into it", "x = self.a(x)\nx.copy_(self.b(x))\nreturn x"],
  ] as const) {
    it(`is flagged when it is seen ${title}`, () => {
      const reading = read(net(TWO, forward));
      assert.ok(
        reasons(reading).some((reason) => reason.includes("in place")),
        JSON.stringify(reasons(reading)),
      );
      assert.ok(trainabilityProblems(graphOf(reading)).some((problem) => problem.code === "unknown-value"));
    });
  }
});
