import { strict as assert } from "node:assert";
import { readModelFile } from "../../../../engine/source/readModel";
import { python } from "../../support/python";

function inputsOfLinear(size: string, before = ""): [number | null, string[]] {
  const text = python`
    import numpy as np
    import torch
    import torch.nn as nn
    class Net(nn.Module):
        def __init__(self, shape=(4, 20, 20)):
            super().__init__()
            self.conv = nn.Sequential(nn.Conv2d(4, 8, 3), nn.BatchNorm2d(8), nn.MaxPool2d(2))
            self.fc = nn.Linear(self.count(shape), 3)
        def count(self, shape):
            ${before === "" ? "pass" : before}
            return ${size}
        def forward(self, x):
            return self.fc(self.conv(x).flatten(1))
  `;
  const { graph, unknowns } = readModelFile({ path: "net.py", text, inputs: [[4, 20, 20]] });
  const op = graph?.layers.find(({ name }) => name === "fc")?.op;
  return [op?.kind === "linear" ? op.inFeatures : null, unknowns.map(({ reason }) => reason)];
}

describe("a module that is called on zeros to find a size", () => {
  it("gives the size however it is asked for", () => {
    for (const size of [
      "self.conv(torch.zeros(1, *shape)).numel()",
      "self.conv(torch.zeros(1, *shape)).nelement()",
      "self.conv(torch.rand(1, 4, 20, 20)).view(-1).shape[0]",
      "self.conv(torch.randn(2, *shape)).view(2, -1).size(1)",
      "int(np.prod(self.conv(torch.zeros(1, *shape)).size()))",
      "int(np.prod(self.conv(torch.ones(1, *shape)).shape[1:]))",
      "int(torch.prod(torch.tensor(self.conv(torch.zeros(1, *shape)).shape)))",
      "torch.flatten(self.conv(torch.zeros(1, *shape)), 1).shape[-1]",
      "self.conv(torch.zeros(1, *shape)).data.reshape(1, -1).size(-1)",
    ])
      assert.deepEqual(inputsOfLinear(size), [8 * 9 * 9, []], size);
  });
  it("is no part of the forward pass", () => {
    const [size, unknowns] = inputsOfLinear("out.numel()", "out = self.conv(torch.zeros(1, *shape))");
    assert.deepEqual([size, unknowns], [648, []]);
  });
  it("leaves a size unknown where the sizes of what it is called on are", () => {
    for (const size of ["self.conv(torch.zeros(mystery)).numel()", "self.conv(load_image(shape)).numel()"])
      assert.equal(inputsOfLinear(size)[0], null, size);
  });
});
