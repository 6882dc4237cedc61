/** Building blocks of torchvision, timm, mmcv and torch_geometric inside of a model. */
import { strict as assert } from "node:assert";
import { batchNormLayers } from "../../../engine/protocol/modelGraph";
import { python } from "../support/python";
import { graphOf, net, read, reasons } from "./helpers";

function built(imports: string, init: string, forward: string, input?: readonly number[]) {
  const reading = read(`${imports}\n${net(init, forward)}`, input === undefined ? {} : { inputs: [input] });
  assert.deepEqual(reasons(reading), []);
  const graph = graphOf(reading);
  return { parameters: graph.parameters, norms: batchNormLayers(graph).map(({ name }) => name), graph };
}

describe("Blocks of torchvision.ops", () => {
  it("are convolution, normalization and activation", () => {
    const imports =
      "from torchvision.ops import Conv2dNormActivation\nfrom torchvision.ops.misc import SqueezeExcitation, MLP";
    const init = `
self.c = Conv2dNormActivation(3, 8, kernel_size=3, stride=2, activation_layer=nn.SiLU)
self.s = SqueezeExcitation(8, 2)
self.m = MLP(8, [6, 4], norm_layer=nn.BatchNorm1d)`;
    const { parameters, norms, graph } = built(
      imports,
      init,
      "return self.m(self.s(self.c(x)).mean((2, 3)))",
      [3, 8, 8],
    );
    assert.equal(parameters, 216 + 16 + (16 + 2) + (16 + 8) + (48 + 6) + 12 + (24 + 4));
    assert.deepEqual(norms, ["c.1", "m.1"]);
    assert.deepEqual(graph.nodes.at(-1)?.outputShape, [4]);
  });
  it("have no BN layer where it is frozen", () => {
    const { parameters, norms } = built(
      "import torchvision",
      "self.c = nn.Conv2d(3, 4, 1)\nself.f = torchvision.ops.FrozenBatchNorm2d(4)",
      "return self.f(self.c(x))",
      [3, 4, 4],
    );
    assert.deepEqual([parameters, norms], [16, []]);
  });
});

describe("Layers of timm", () => {
  it("are BN with an activation", () => {
    const imports = "from timm.layers import BatchNormAct2d, ConvNormAct";
    const init = "self.a = ConvNormAct(3, 8, 3, stride=2)\nself.b = BatchNormAct2d(8, act_layer=nn.SiLU)";
    const { parameters, norms, graph } = built(imports, init, "return self.b(self.a(x))", [3, 8, 8]);
    assert.equal(parameters, 216 + 16 + 16);
    assert.deepEqual(norms, ["a.bn", "b"]);
    assert.deepEqual(graph.nodes.at(-1)?.outputShape, [8, 4, 4]);
  });
});

describe("Blocks of mmcv", () => {
  const imports = "from mmcv.cnn import ConvModule, build_norm_layer";
  it("are made from configurations", () => {
    const init = `
cfg = dict(type="BN", requires_grad=True, eps=1e-3)
self.c = ConvModule(3, 8, 3, padding=1, norm_cfg=cfg, act_cfg=dict(type="LeakyReLU"))
self.name, norm = build_norm_layer(cfg, 8, postfix=2)
self.add_module(self.name, norm)`;
    const { parameters, norms, graph } = built(imports, init, "return getattr(self, self.name)(self.c(x))", [3, 8, 8]);
    assert.deepEqual([parameters, norms], [216 + 16 + 16, ["c.bn", "bn2"]]);
    assert.ok(batchNormLayers(graph).every(({ op }) => op.epsilon === 1e-3));
  });
  it("have a bias where no normalization follows", () => {
    assert.equal(built(imports, "self.c = ConvModule(3, 8, 3)", "return self.c(x)").parameters, 224);
  });
});

describe("Layers of graphs", () => {
  it("have their weights and their BN", () => {
    const imports = "from torch_geometric.nn import GCNConv, BatchNorm, global_mean_pool";
    const text = python`
      ${imports}
      class Net(nn.Module):
          def __init__(self):
              super().__init__()
              self.g = GCNConv(5, 8)
              self.n = BatchNorm(8)
              self.head = nn.Linear(8, 2)
          def forward(self, x, edge_index, batch):
              return self.head(global_mean_pool(self.n(self.g(x, edge_index)), batch))
    `;
    const reading = read(text, { inputs: [[5], [2], []] });
    assert.deepEqual(reasons(reading), []);
    assert.equal(graphOf(reading).parameters, 48 + 16 + 18);
    assert.deepEqual(
      batchNormLayers(graphOf(reading)).map(({ name }) => name),
      ["n.module"],
    );
  });
});

describe("A block that is not known", () => {
  it("leaves the layers beside it readable", () => {
    const text = `from timm.layers import SomethingNew\n${net(
      "self.a = SomethingNew(4)\nself.n = nn.BatchNorm1d(4)",
      "return self.n(self.a(x))",
    )}`;
    const graph = graphOf(read(text));
    assert.equal(graph.parameters, null);
    assert.ok(graph.unknowns.length > 0);
    assert.deepEqual(
      batchNormLayers(graph).map(({ name }) => name),
      ["n"],
    );
  });
});
