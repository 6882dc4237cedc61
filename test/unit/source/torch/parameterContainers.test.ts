import { strict as assert } from "node:assert";
import { assertTainted, graphOf, net, read, reasons } from "../helpers";

function parameters(init: string, forward = "return self.n(x)"): number | null {
  const reading = read(net(`self.n = nn.BatchNorm1d(4)\n${init}`, forward));
  assert.deepEqual(reasons(reading), []);
  return graphOf(reading).parameters;
}

describe("Lists and dicts of parameters", () => {
  it("count what is in them", () => {
    assert.equal(
      parameters("self.w = nn.ParameterList([nn.Parameter(torch.ones(i + 1, 2)) for i in range(3)])"),
      8 + 12,
    );
    assert.equal(parameters("self.w = nn.ParameterList()\nself.w.append(nn.Parameter(torch.ones(5)))"), 13);
    assert.equal(
      parameters("self.w = nn.ParameterList([torch.zeros(2), torch.zeros(3)])\nself.w.extend([torch.ones(1)])"),
      14,
    );
    assert.equal(
      parameters('self.w = nn.ParameterDict({"a": nn.Parameter(torch.ones(3))})\nself.w["b"] = torch.ones(2)'),
      13,
    );
    assert.equal(parameters("self.w = nn.ParameterDict()\nself.w.update({'a': torch.ones(6)})"), 14);
  });
  it("give their tensors to a forward pass", () => {
    const init =
      'self.w = nn.ParameterList([torch.ones(1, 4)])\nself.v = nn.ParameterDict({"shift": torch.ones(1, 4)})';
    const forward = "for w in self.w:\n    x = x * w\nreturn self.n(x * self.w[0] + self.v['shift'])";
    assert.equal(parameters(init, forward), 16);
    assert.equal(parameters(`${init}\nif 'shift' in self.v and len(self.w) == 1:\n    self.a = nn.Linear(1, 1)`), 18);
  });
  it("contain no parameters where they are buffers", () => {
    assert.equal(parameters("self.w = nn.BufferList([torch.ones(4)])"), 8);
  });
  it("are unknown where one is", () => {
    const lines = [
      "self.w = nn.ParameterList([nobody_knows])",
      "self.w = nn.ParameterDict({nobody_knows: torch.ones(2)})",
    ];
    for (const line of lines)
      assertTainted(read(net(`self.n = nn.BatchNorm1d(4)\n${line}`, "return self.n(x)")), /nobody_knows/);
  });
});

describe("A parameter that is not trained", () => {
  it("is counted among the parameters", () => {
    assert.equal(parameters("self.fixed = nn.Parameter(torch.zeros(3, 3), requires_grad=False)"), 17);
    assert.equal(parameters("self.fixed = nn.Parameter(torch.zeros(3), False)"), 11);
  });
});
