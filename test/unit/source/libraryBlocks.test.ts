/** Building blocks of other libraries inside of a model. */
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

describe("BN layers of other libraries", () => {
  const pair = (norm: string): string => `self.c = nn.Conv2d(3, 8, 1, bias=False)\nself.n = ${norm}`;
  for (const [imports, norm] of [
    ["from inplace_abn import InPlaceABN", "InPlaceABN(8)"],
    ["from inplace_abn import ABN", 'ABN(8, activation="identity")'],
    ["from inplace_abn.bn import InPlaceABNSync", 'InPlaceABNSync(8, activation="none", slope=0.1)'],
    ["from modules import InPlaceABNSync", "InPlaceABNSync(8, 1e-5, 0.1, True, 'elu')"],
    ["from lib.extensions.inplace_abn.bn import InPlaceABNSync as BN", "BN(8, devices=[0, 1])"],
    ["import apex", "apex.parallel.SyncBatchNorm(8, affine=True)"],
    ["from apex.parallel import SyncBatchNorm", "SyncBatchNorm(8, fuse_relu=True)"],
    ["from sync_batchnorm import SynchronizedBatchNorm2d", "SynchronizedBatchNorm2d(8, momentum=0.1)"],
    ["from networks.sync_batchnorm.batchnorm import SynchronizedBatchNorm2d as BN", "BN(8)"],
    ["import encoding.nn", "encoding.nn.BatchNorm2d(8)"],
    ["from encoding.nn import SyncBatchNorm", "SyncBatchNorm(8)"],
    ["from detectron2.layers import get_norm", 'get_norm("SyncBN", 8)'],
    ["from detectron2.layers.batch_norm import NaiveSyncBatchNorm", 'NaiveSyncBatchNorm(8, stats_mode="N")'],
  ] as const) {
    it(`are known: ${norm}`, () => {
      const { parameters, norms, graph } = built(imports, pair(norm), "return self.n(self.c(x))", [3, 4, 4]);
      assert.deepEqual([parameters, norms], [24 + 16, ["n"]]);
      assert.ok(batchNormLayers(graph).every(({ op }) => op.runningStatsUpdateWeight === 0.1 && op.epsilon === 1e-5));
    });
  }
  it("contain their activation", () => {
    const classes = (norm: string): (string | undefined)[] => {
      const imports = "from inplace_abn import InPlaceABN";
      const { graph } = built(imports, pair(norm), "return self.n(self.c(x))", [3, 4, 4]);
      return graph.nodes.map(({ layer }) => graph.layers.find(({ name }) => name === layer)?.className);
    };
    assert.deepEqual(classes("InPlaceABN(8)"), ["Conv2d", "InPlaceABN", "F.leaky_relu"]);
    assert.deepEqual(classes('InPlaceABN(8, activation="identity")'), ["Conv2d", "InPlaceABN"]);
  });
  it("are found in the convolution that contains them", () => {
    const imports = "from detectron2.layers import Conv2d, get_norm";
    const init = 'self.c = Conv2d(3, 8, 3, padding=1, bias=False, norm=get_norm("BN", 8), activation=torch.relu)';
    const { parameters, norms } = built(imports, init, "return self.c(x)", [3, 4, 4]);
    assert.deepEqual([parameters, norms], [216 + 16, ["c.norm"]]);
  });
  it("normalize the rows of sparse tensors", () => {
    const imports = "import MinkowskiEngine as ME\nimport torchsparse.nn as spnn";
    const init = "self.a = ME.MinkowskiBatchNorm(8, momentum=0.02)\nself.b = spnn.BatchNorm(8)";
    assert.deepEqual(built(imports, init, "return self.b(self.a(x))", [8]).norms, ["a.bn", "b"]);
  });
  it("are none where the name says another normalization, or frozen statistics", () => {
    const imports = "from detectron2.layers import FrozenBatchNorm2d, get_norm";
    for (const norm of ["FrozenBatchNorm2d(8)", 'get_norm("GN", 64)', 'get_norm("FrozenBN", 8)'])
      assert.deepEqual(built(imports, pair(norm), "return self.n(x)", [8, 4, 4]).norms, [], norm);
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
