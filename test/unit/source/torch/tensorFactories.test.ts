import { strict as assert } from "node:assert";
import { batchNormLayers } from "../../../../engine/protocol/modelGraph";
import { assertTainted, graphOf, net, read, reasons } from "../helpers";

describe("Parameters made from tensors with named sizes", () => {
  it("are counted, and the layers around them read", () => {
    const init = `
self.mix = nn.Parameter(torch.empty(size=(rows, 6)))
nn.init.xavier_uniform_(self.mix.data)
self.norm = nn.BatchNorm1d(6)`;
    const reading = read(net(init, "return self.norm(torch.mm(x, self.mix))", "rows=5"));
    assert.deepEqual(reasons(reading), []);
    const graph = graphOf(reading);
    assert.equal(graph.parameters, 30 + 12);
    assert.deepEqual(
      batchNormLayers(graph).map(({ name, op }) => [name, op.numFeatures]),
      [["norm", 6]],
    );
  });
  it("are unknown when a size is", () => {
    for (const call of [
      "torch.zeros(size=(2, nobody_knows))",
      "torch.zeros(2, nobody_knows)",
      "torch.Tensor((2, 3))",
      "torch.empty(2, 3, memory_format=nobody_knows).set_(nobody_knows)",
    ])
      assertTainted(read(net(`self.w = nn.Parameter(${call})\nself.a = nn.Linear(2, 2)`, "return self.a(x)")), /./);
  });
});
