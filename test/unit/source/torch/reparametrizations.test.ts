import { strict as assert } from "node:assert";
import { trainabilityProblems } from "../../../../engine/graph/trainable";
import { assertTainted, calls, graphOf, net, read, reasons } from "../helpers";

const NORM = "self.n = nn.BatchNorm2d(6)";
const of = (call: string, input = [3, 8, 8]) => {
  const imports = "from apex.parallel import convert_syncbn_model\n";
  const reading = read(imports + net(`self.c = ${call}\n${NORM}`, "return self.n(self.c(x))"), { inputs: [input] });
  assert.deepEqual(reasons(reading), []);
  return graphOf(reading);
};

describe("weight_norm and spectral_norm", () => {
  it("leave the layer in its place, and add what PyTorch adds", () => {
    const plain = 3 * 6 * 9 + 6 + 12;
    assert.equal(of("nn.utils.weight_norm(nn.Conv2d(3, 6, 3))").parameters, plain + 6);
    assert.equal(of("nn.utils.weight_norm(nn.Conv2d(3, 6, 3), dim=None)").parameters, plain + 1);
    assert.equal(of("nn.utils.spectral_norm(nn.Conv2d(3, 6, 3))").parameters, plain);
    assert.equal(of("torch.nn.utils.parametrizations.weight_norm(nn.Conv2d(3, 6, 3))").parameters, plain + 6);
    assert.deepEqual(calls(of("nn.utils.spectral_norm(nn.Conv2d(3, 6, 3, padding=1))")), [
      "c Conv2d 6x8x8",
      "n BatchNorm2d 6x8x8",
    ]);
  });
  it("are not trained as if they were not there", () => {
    assert.ok(trainabilityProblems(of("nn.utils.spectral_norm(nn.Conv2d(3, 6, 3))")).length > 0);
  });
  it("are unknown for other weights", () => {
    const text = net(`self.c = nn.utils.weight_norm(nn.LSTM(3, 6), "weight_hh_l0")\n${NORM}`, "return self.c(x)[0]");
    assertTainted(read(text), /does not count what/);
  });
});

describe("Synchronized BN layers", () => {
  it("are where the layers were before", () => {
    for (const convert of ["nn.SyncBatchNorm.convert_sync_batchnorm", "convert_syncbn_model"]) {
      const graph = of(`${convert}(nn.Sequential(nn.Conv2d(3, 6, 1), nn.BatchNorm2d(6)))`);
      assert.equal(graph.parameters, 24 + 12 + 12);
      assert.deepEqual(calls(graph), ["c.0 Conv2d 6x8x8", "c.1 BatchNorm2d 6x8x8", "n BatchNorm2d 6x8x8"]);
    }
  });
});
