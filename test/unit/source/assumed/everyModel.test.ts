import { strict as assert } from "node:assert";
import type { ModelReading } from "../../../../engine/source/modelReading";
import { readEveryModel, type EveryModel } from "../../../../engine/source/everyModel";
import { batchNormLayers } from "../../../../engine/protocol/modelGraph";
import { parsePython } from "../../../../engine/python/parse";
import { python } from "../../support/python";

const HEAD = "import torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n";
const KERAS = "import keras\nfrom keras import layers\n";

function every(text: string): EveryModel {
  return readEveryModel({ path: "model.py", text }, parsePython("model.py", text));
}

const all = ({ readings, assumed }: EveryModel): ModelReading[] => [...readings, ...assumed.flat()];

/** The lines that make BN layers in some model, without the lines before the text. */
function normLines(text: string, head = HEAD): number[] {
  const lines = all(every(head + text)).flatMap(({ graph }) =>
    graph === null ? [] : batchNormLayers(graph).map(({ range }) => range.startLine - head.split("\n").length + 1),
  );
  return [...new Set(lines)].sort((a, b) => a - b);
}

describe("models whose arguments nobody gives", () => {
  it("are read with likely ones, whatever kind of configuration they take", () => {
    for (const signature of ["width", "cfg", "width, *, depth", "opt, **more", "self_cond, layers, out_dim"]) {
      const text = python`
        class Tower(nn.Module):
            def __init__(self, ${signature}):
                super().__init__()
                self.conv = nn.Conv2d(3, 8, 3)
                self.bn = nn.BatchNorm2d(8)
            def forward(self, x):
                return self.bn(self.conv(x))
      `;
      assert.deepEqual(normLines(text), [5], signature);
    }
  });
  it("have parts of a configuration as sizes, lists, flags and keys", () => {
    const text = python`
      class Tower(nn.Module):
          def __init__(self, cfg):
              super().__init__()
              wide = cfg.model.width * 2
              self.stem = nn.BatchNorm2d(wide)
              self.rest = nn.ModuleList([nn.BatchNorm2d(n) for n in cfg.sizes])
              a, b = cfg.pair
              self.pair = nn.BatchNorm1d(a + b)
              self.named = nn.BatchNorm1d(cfg["head"]["dim"] // 2)
              self.got = nn.BatchNorm1d(cfg.get("hidden", 32))
              if cfg.use_extra:
                  self.extra = nn.BatchNorm1d(4)
          def forward(self, x):
              return self.stem(x)
    `;
    assert.deepEqual(normLines(text), [5, 6, 8, 9, 10, 12]);
  });
  it("have a layer where an argument is called that its name says", () => {
    for (const name of ["BatchNorm", "BatchNorm2d", "bn_layer", "BN", "batchnorm2d", "SyncBatchNorm", "bn_cls"]) {
      const text = python`
        class Tower(nn.Module):
            def __init__(self, width, ${name}):
                super().__init__()
                self.conv = nn.Conv2d(3, width, 3)
                self.bn = ${name}(width)
            def forward(self, x):
                return self.bn(self.conv(x))
      `;
      assert.deepEqual(normLines(text), name === "BN" ? [] : [5], name);
    }
  });
  it("keep a flag with the name of a layer a flag", () => {
    for (const name of ["bn", "batch_norm", "BN", "use_bn"]) {
      const text = python`
        class Tower(nn.Module):
            def __init__(self, width, ${name}):
                super().__init__()
                self.norm = nn.BatchNorm2d(width) if ${name} else nn.Identity()
            def forward(self, x):
                return self.norm(x)
      `;
      assert.deepEqual(normLines(text), [4], name);
    }
  });
  it("are followed both ways where a branch depends on the arguments", () => {
    const text = python`
      class Gate(nn.Module):
          def __init__(self, kind, width, stride):
              super().__init__()
              if kind == "batch":
                  self.norm = nn.BatchNorm2d(width)
              elif kind == "instance":
                  self.norm = nn.InstanceNorm2d(width)
              else:
                  raise ValueError(kind)
              self.short = nn.BatchNorm2d(width) if stride > 1 else None
              self.late = None if stride == 1 else nn.BatchNorm2d(width)
          def forward(self, x):
              return self.norm(x)
    `;
    assert.deepEqual(normLines(text), [5, 10, 11]);
  });
  it("are those of functions, methods and calls that return nothing, too", () => {
    const text = python`
      def block(wide, deep):
          return nn.Sequential(*[nn.BatchNorm2d(wide) for _ in range(deep)])
      def two(wide):
          return nn.BatchNorm1d(wide), nn.Sequential(nn.Linear(wide, wide), nn.BatchNorm1d(wide))
      class Trainer:
          def __init__(self, opt):
              self.opt = opt
          def build(self, name):
              self.net = nn.Sequential(nn.Linear(self.opt.dim, 4), nn.BatchNorm1d(4))
      def main(args):
          net = nn.Sequential(nn.Linear(8, 4), nn.BatchNorm1d(4))
          net.train()
    `;
    assert.deepEqual(normLines(text), [2, 4, 9, 11]);
  });
  it("are those of Keras builders and of blocks that take a tensor", () => {
    const text = python`
      def block(x, filters, use_bn):
          x = layers.Conv2D(filters, 3)(x)
          if use_bn:
              x = layers.BatchNormalization()(x)
          return layers.ReLU()(x)
      def build(input_shape, classes):
          inputs = keras.Input(shape=input_shape)
          x = layers.BatchNormalization()(inputs)
          return keras.Model(inputs, layers.Dense(classes)(layers.Flatten()(x)))
    `;
    assert.deepEqual(normLines(text, KERAS), [4, 8]);
  });
  it("derive from a class that is not read", () => {
    const text = python`
      from lab.base import Base
      class Tower(Base):
          def __init__(self, cfg):
              super().__init__(cfg)
              self.conv = nn.Conv2d(3, 8, 3)
              self.bn = nn.BatchNorm2d(8)
          def forward(self, x):
              return self.bn(self.conv(x))
    `;
    assert.deepEqual(normLines(text), [6]);
  });
  it("say which sizes follow from what nobody gave", () => {
    const text = python`
      class Tower(nn.Module):
          def __init__(self, width):
              super().__init__()
              self.conv = nn.Conv2d(3, width, 3)
              self.bn = nn.BatchNorm2d(16)
          def forward(self, x):
              return self.bn(self.conv(x))
    `;
    const [likely] = every(HEAD + text).assumed.flat();
    assert.deepEqual(likely?.assumed, ["width"]);
    assert.equal(likely?.graph?.parameters, null);
    assert.deepEqual(
      likely?.graph?.layers.map(({ name, assumed }) => [name, assumed]),
      [
        ["conv", ["out_channels"]],
        ["bn", undefined],
      ],
    );
  });
  it("leave the other models of the file as they are alone", () => {
    const tower = python`
      class Tower(nn.Module):
          def __init__(self, width=8):
              super().__init__()
              self.conv = nn.Conv2d(3, width, 3)
              self.bn = nn.BatchNorm2d(width)
          def forward(self, x):
              return self.bn(self.conv(x))
    `;
    const other = tower.replaceAll("Tower", "Other").replace("width=8", "width");
    const [alone] = every(HEAD + tower).readings;
    const [beside] = every(`${HEAD}${tower}${other}`).readings;
    assert.equal(alone?.graph?.parameters, 240);
    assert.deepEqual(beside?.graph?.parameters, 240);
    assert.deepEqual(beside?.unknowns, alone?.unknowns);
  });
});

describe("models with options", () => {
  const BUILD = python`
    def head(x):
        x = layers.Conv2D(4, 1, use_bias=False)(x)
        return layers.BatchNormalization()(x)
    def build(backbone="small", width=8):
        i = keras.Input((32, 32, 3))
        if backbone == "large":
            x = layers.Conv2D(width, 3)(i)
            skip = x = layers.BatchNormalization()(x)
        else:
            x = layers.Conv2D(width, 3, use_bias=False)(i)
            x = layers.BatchNormalization()(x)
        x = layers.ReLU()(x)
        if backbone == "large":
            x = layers.BatchNormalization()(layers.concatenate([x, skip]))
        return keras.Model(i, x)
  `;
  const otherwise = (text: string, head: string): number[] =>
    every(head + text)
      .otherwise.flat()
      .flatMap(({ graph }) => (graph === null ? [] : batchNormLayers(graph)))
      .map(({ range }) => range.startLine - head.split("\n").length + 1);
  it("are read with their options given otherwise where a normalization is in no other model", () => {
    assert.deepEqual(normLines(BUILD, KERAS), [3, 11]);
    assert.deepEqual(
      [...new Set(otherwise(BUILD, KERAS))].sort((a, b) => a - b),
      [8, 11, 14],
    );
    const torch = python`
      class Net(nn.Module):
          def __init__(self, norm=False, kind="plain"):
              super().__init__()
              self.conv = nn.Conv2d(3, 8, 3)
              if norm:
                  self.bn = nn.BatchNorm2d(8)
              if kind == "wide":
                  self.wide = nn.BatchNorm2d(8)
          def forward(self, x):
              return self.conv(x)
    `;
    assert.deepEqual([...new Set(otherwise(torch, HEAD))], [6, 8]);
  });
  it("are left alone where every normalization is in a model", () => {
    const text = BUILD.replaceAll('"large"', '"small"').replace("    else:", "    elif False:");
    const used = `${text.replace(/ {8}x = layers.BatchNormalization\(\)\(x\)\n/, "")}model = build()\n`;
    assert.deepEqual(otherwise(used, KERAS), []);
  });
});

describe("models that a file's statements make", () => {
  const MODEL = (norms: string): string =>
    `keras.Sequential([keras.Input((8, 8, 3)), layers.Conv2D(4, 3), ${norms}layers.ReLU()])`;
  it("are read also when another has the name later, and when none has", () => {
    const text = `def fit(model):
    model.fit(x)
model = ${MODEL("layers.BatchNormalization(), ")}
fit(${MODEL("layers.BatchNormalization(), ")})
model = ${MODEL("")}
`;
    assert.deepEqual(normLines(text, KERAS), [3, 4]);
    const torch = "net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8))\nnet = nn.Sequential(nn.ReLU())\n";
    assert.deepEqual(normLines(torch), [1]);
  });
  it("are read once where one function makes many", () => {
    const text = `def build(n):
    return ${MODEL("layers.BatchNormalization(), ")}
models = [build(n) for n in range(30)]
`;
    assert.equal(every(KERAS + text).readings.filter(({ graph }) => graph !== null).length, 1);
  });
  it("are the parts of a class without a call, and none of a class with one", () => {
    const cls = python`
      class Auto(keras.Model):
          def __init__(self):
              super().__init__()
              self.encoder = ${MODEL("layers.BatchNormalization(), ")}
              self.decoder = ${MODEL("layers.BatchNormalization(), ")}
          def train_step(self, data):
              return self.decoder(self.encoder(data))
      auto = Auto()
    `;
    const called = (text: string): number[] =>
      every(KERAS + text).readings.map(({ graph }) => (graph?.nodes.length ?? 0) && batchNormLayers(graph!).length);
    assert.deepEqual(called(cls), [0, 0, 1, 1]);
    assert.deepEqual(called(cls.replace("train_step", "call")), [2, 2]);
  });
});

describe("a decorator of a library", () => {
  const NET = `class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.bn = nn.BatchNorm2d(3)
    def forward(self, x):
        return self.bn(x)
`;
  it("leaves a class what it is", () => {
    assert.deepEqual(normLines(`from mmengine.registry import MODELS\n@MODELS.register_module()\n${NET}`), [6]);
  });
  it("makes a function and a method of something that is not known", () => {
    const wrapped = `from elsewhere import wrap\n${NET}@wrap\ndef build():\n    return Net()\n`;
    const { unknowns } = every(`${HEAD}${wrapped}model = nn.Sequential(build())\n`).readings[0] ?? { unknowns: [] };
    assert.match(unknowns[0]?.reason ?? "", /wrap/);
    const method = NET.replace("    def forward", "    @wrap\n    def forward");
    assert.match(every(`${HEAD}from elsewhere import wrap\n${method}`).readings[0]?.unknowns[0]?.reason ?? "", /wrap/);
  });
});

describe("a file that asks what is installed", () => {
  const sizes = (head: string, size: string): string =>
    `${head}\nmodel = nn.Sequential(nn.Conv2d(3, ${size}, 3), nn.BatchNorm2d(${size}))\n`;
  it("is read as where its framework is", () => {
    for (const [head, size] of [
      ["try:\n    import torch\n    width = 8\nexcept ImportError:\n    width = None", "width"],
      ["try:\n    from tensorflow import __version__\n    n = 4\nexcept (ImportError, KeyError):\n    n = 2", "2 * n"],
    ] as const)
      assert.deepEqual(every(HEAD + sizes(head, size)).readings[0]?.unknowns, [], head);
  });
  it("is not known where a package of somebody else may be", () => {
    for (const head of [
      "try:\n    import apex\n    width = 8\nexcept ImportError:\n    width = 4",
      "try:\n    import torch\n    width = torch.width()\nexcept ImportError:\n    width = 4\nwidth = width if width else 2",
      "try:\n    width = 8\n    import torch\n    f()\nexcept ImportError:\n    width = 4",
    ])
      assert.notDeepEqual(every(HEAD + sizes(head, "width")).readings[0]?.unknowns, [], head);
  });
  it("has the settings of an environment where nobody sets one", () => {
    const head = 'import os\nwidth = 8 if "torch" in os.getenv("BACKEND", "torch").lower() else 4';
    assert.deepEqual(every(HEAD + sizes(head, "width")).readings[0]?.unknowns, []);
    const open = "import os\nwidth = int(os.environ.get('WIDTH'))";
    assert.notDeepEqual(every(HEAD + sizes(open, "width")).readings[0]?.unknowns, []);
  });
});
