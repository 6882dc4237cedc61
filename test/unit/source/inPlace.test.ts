import { strict as assert } from "node:assert";
import { trainabilityProblems } from "../../../engine/graph/trainable";
import type { ModelGraph } from "../../../engine/protocol/modelGraph";
import { graphOf, net, read, reasons } from "./helpers";
import { python } from "../support/python";

const TWO = python`
  self.a = nn.Linear(4, 4)
  self.b = nn.Linear(4, 4)
  self.r = nn.ReLU(inplace=True)`;

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
    assert.deepEqual(
      edgesOf(python`
      x = self.a(x)
      y = x
      x += self.b(x)
      return y`),
      ["a<-input", "b<-a", "add<-a,b"],
    );
    assert.equal(
      graphOf(
        read(
          net(
            TWO,
            python`
      x = self.a(x)
      y = x
      x += self.b(x)
      return y`,
          ),
        ),
      ).outputs[0]?.node,
      "add",
    );
  });
  it("keeps the old value under another name when it is not changed in place", () => {
    assert.deepEqual(
      edgesOf(python`
      x = self.a(x)
      y = x
      x = x + self.b(x)
      return x * y`),
      ["a<-input", "b<-a", "add<-a,b", "mul<-add,a"],
    );
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
      const [, changed, last] = edgesOf(python`
        x = self.a(x)
        y = x
        ${change}
        return self.b(y)`);
      assert.equal(last, `b<-${changed?.split("<-")[0] ?? ""}`);
    });
  }
  it("leaves a copy as it was", () => {
    assert.deepEqual(
      edgesOf(python`
      x = self.a(x)
      y = x.clone()
      x += 1
      return self.b(y)`),
      ["a<-input", "add<-a", "b<-a"],
    );
  });
  for (const picked of ["x[torch.arange(2)]", "x[:, [0, 2]]", "x[torch.zeros(2), :]"])
    it(`leaves alone what ${picked} was picked from, which is copied`, () => {
      const last = edgesOf(python`
        x = self.a(x)
        y = ${picked}
        y -= 1
        return self.b(x)`).at(-1);
      assert.equal(last, "b<-a");
    });
  it("is followed in a straight chain of views", () => {
    assert.deepEqual(
      edgesOf(python`
      x = self.a(x).view(-1, 4)
      x = self.r(x)
      return self.b(x)`),
      ["a<-input", "view<-a", "r<-view", "b<-r"],
    );
  });
  it("is followed through a residual block", () => {
    assert.deepEqual(
      edgesOf(python`
      out = self.b(self.a(x))
      out += x
      return self.r(out)`),
      ["a<-input", "b<-a", "add<-b,input", "r<-add"],
    );
  });
  it("changes an accumulator of zeros under both names", () => {
    assert.equal(
      graphOf(
        read(
          net(
            TWO,
            python`
        out = torch.zeros(2, 4)
        kept = out
        out += self.a(x)
        return kept`,
          ),
        ),
      ).outputs[0]?.node,
      "add",
    );
  });
  it("changes with an item that is assigned", () => {
    assert.deepEqual(
      edgesOf(python`
      x = self.a(x)
      y = x
      x[:, 0] = 0
      return self.b(y)`),
      ["a<-input", "setitem<-a", "b<-setitem"],
    );
    assert.deepEqual(edgesOf("x[:, 0] += 1\nreturn self.b(x)"), [
      "getitem<-input",
      "add<-getitem",
      "setitem<-input,add",
      "b<-setitem",
    ]);
  });
  for (const [title, forward] of [
    [
      "through a view of it",
      python`
      x = self.a(x)
      y = x.view(-1, 2, 2)
      x += 1
      return y`,
    ],
    [
      "through its base",
      python`
      x = self.a(x)
      y = x.view(-1, 2, 2)
      y += 1
      return self.b(x)`,
    ],
    [
      "by a layer that may work in place",
      python`
      x = self.a(x)
      y = x
      x = F.relu(x, inplace=FLAG)
      return self.b(y)`,
    ],
    [
      "by new data",
      python`
      x = self.a(x)
      x.data = self.b(x)
      return x`,
    ],
    [
      "by copying into it",
      python`
      x = self.a(x)
      x.copy_(self.b(x))
      return x`,
    ],
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
