import { strict as assert } from "node:assert";
import { assertTainted, graphOf, net, read, reasons } from "../helpers";

const START = "self.a = nn.Linear(4, 4)\n";

function parameters(init: string): number | null {
  const reading = read(net(START + init, "return self.a(x)"));
  assert.deepEqual(reasons(reading), []);
  return graphOf(reading).parameters;
}

describe("A module's own parameters", () => {
  it("are counted once, under however many names", () => {
    assert.equal(parameters("self.u = self.v = nn.Parameter(torch.zeros(6))"), 26);
    assert.equal(parameters("p = nn.Parameter(torch.zeros(2))\nself.w = nn.ParameterList([p, p])\nself.p = p"), 22);
  });
  it("are others in a deep copy", () => {
    const text = `import copy
class Scale(nn.Module):
    def __init__(self):
        super().__init__()
        self.s = nn.Parameter(torch.ones(3))
${net("self.a = nn.Linear(4, 4)\nself.x = Scale()\nself.y = copy.deepcopy(self.x)", "return self.a(x)")}`;
    assert.equal(graphOf(read(text, { model: "Net()" })).parameters, 26);
  });
  it("come and go in any way", () => {
    assert.equal(parameters("self.w = nn.Parameter(torch.zeros(6))\ndel self.w"), 20);
    assert.equal(parameters("self._parameters['w'] = nn.Parameter(torch.zeros(6))"), 26);
    assert.equal(parameters("self.register_parameter(name='w', param=nn.Parameter(torch.zeros(6)))"), 26);
    assert.equal(parameters("self._buffers['w'] = torch.zeros(6)"), 20);
    assert.equal(parameters("self.__dict__['b'] = nn.Linear(9, 9)"), 20);
  });
  it("of a layer make it unknown when they change", () => {
    for (const line of ["del self.a.bias", "self.a.weight.data = torch.zeros(6, 4)", "self.a.bias = None"])
      assertTainted(read(net(START + line, "return self.a(x)")), /changes after|another size/);
    assert.equal(parameters("self.a.weight.data = torch.zeros(4, 4)"), 20);
  });
});
