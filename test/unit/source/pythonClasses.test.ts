/** What Python's own tools for classes make of a model. */
import { strict as assert } from "node:assert";
import { batchNormLayers } from "../../../engine/protocol/modelGraph";
import { python } from "../support/python";
import { assertTainted, graphOf, net, read, reasons } from "./helpers";

function norms(text: string): (string | number)[][] {
  const reading = read(text);
  assert.deepEqual(reasons(reading), []);
  return batchNormLayers(graphOf(reading)).map(({ name, op }) => [name, op.numFeatures]);
}

const STEP = python`
  class Step(nn.Module):
      def __init__(self, inner, outer, factor=1):
          super().__init__()
          self.mix = nn.Linear(inner, outer * factor)
          self.scale = nn.BatchNorm1d(outer * factor)
      def forward(self, x):
          return self.scale(self.mix(x))

`;

describe("A constructor made with partialmethod", () => {
  it("takes what it was given, and the instance in front", () => {
    const text = python`
      import functools
      ${STEP}
      class Triple(Step):
          __init__ = functools.partialmethod(Step.__init__, factor=3)
      ${net("self.a = Triple(4, 2)\nself.b = Step(6, 5)", "return self.b(self.a(x))")}
    `;
    assert.deepEqual(norms(text), [
      ["a.scale", 6],
      ["b.scale", 5],
    ]);
  });
  it("may fix arguments by position", () => {
    const text = python`
      from functools import partialmethod
      ${STEP}
      def fixed(cls, *given):
          return type("x", (), {}) if cls is None else _fixed(cls, given)
      def _fixed(cls, given):
          class Fixed(cls):
              __init__ = partialmethod(cls.__init__, *given)
          return Fixed
      ${net("self.a = _fixed(Step, (4,))(7)", "return self.a(x)")}
    `;
    assert.deepEqual(norms(text), [["a.scale", 7]]);
  });
});

describe("A constructor that is not known", () => {
  it("makes the model unknown, however it got there", () => {
    const decorated = python`
      from somewhere import wrap
      class Net(nn.Module):
          @wrap
          def __init__(self):
              super().__init__()
              self.a = nn.Linear(4, 4)
          def forward(self, x):
              return self.a(x)
    `;
    assertTainted(read(`${decorated}model = Net()\n`, { model: "Net()" }), /wrap/);
    const method = python`
      from somewhere import wrap
      class Net(nn.Module):
          def __init__(self):
              super().__init__()
              self.a = nn.Linear(4, 4)
              self.more()
          @wrap
          def more(self):
              self.b = nn.Linear(4, 4)
          def forward(self, x):
              return self.a(x)
    `;
    assertTainted(read(method), /wrap/);
  });
  it("of a base class is called by its name", () => {
    const text = python`
      class Pixel(nn.Conv2d):
          pass
      class Same(Pixel):
          def __init__(self, width):
              Pixel.__init__(self, width, width, 1)
      ${net("self.a = Same(3)\nself.n = nn.BatchNorm2d(3)", "return self.n(self.a(x))")}
    `;
    assert.equal(graphOf(read(text)).parameters, 12 + 6);
  });
});

describe("Enums", () => {
  const KINDS = python`
    import enum
    from enum import Enum
    class Kind(str, Enum):
        BATCH = "batch"
        NONE = "none"
    class Cell(enum.Enum):
        plain = nn.BatchNorm1d
        group = nn.LayerNorm
    class Width(enum.IntEnum):
        SMALL = enum.auto()
        LARGE = 8

  `;
  const widthOf = (init: string): number | null =>
    graphOf(read(`${KINDS}${net(`${init}\nself.a = nn.Linear(1, width, bias=False)`, "return self.a(x)")}`)).parameters;

  it("have members with a name and a value", () => {
    assert.equal(widthOf("width = Width.LARGE.value + len(Kind.BATCH.name)"), 13);
    assert.equal(widthOf("width = Width(8).value + Width['SMALL'].value"), 9);
    assert.equal(widthOf("width = sum(w.value for w in Width)"), 9);
  });
  it("equal their values where they are strings or numbers, and only there", () => {
    assert.equal(widthOf("width = 3 if Kind.BATCH == 'batch' else 5"), 3);
    assert.equal(widthOf("width = 3 if Kind('none') is Kind.NONE else 5"), 3);
    assert.equal(widthOf("width = 3 if Cell.plain == nn.BatchNorm1d else 5"), 5);
    assert.equal(widthOf("width = {Kind.BATCH: 3}['batch']"), 3);
    assert.equal(widthOf("width = {Cell.plain: 3, Cell.group: 5}[Cell.group]"), 5);
  });
  it("may be classes of layers", () => {
    assert.deepEqual(norms(`${KINDS}${net("self.n = Cell.plain.value(4)", "return self.n(x)")}`), [["n", 4]]);
  });
  it("are unknown for a value that no member has", () => {
    const text = `${KINDS}${net("self.a = nn.Linear(1, Width(5).value)", "return self.a(x)")}`;
    assertTainted(read(text), /no member of this value/);
  });
});

describe("Data classes", () => {
  const CONFIG = python`
    import dataclasses
    from dataclasses import dataclass, field
    @dataclass
    class Config:
        width: int = 4
        depths: list = field(default_factory=lambda: [1, 2])
        deep: int = field(default=3)

  `;
  const parameters = (init: string): number | null =>
    graphOf(read(`${CONFIG}${net(`${init}\nself.a = nn.Linear(1, width, bias=False)`, "return self.a(x)")}`))
      .parameters;

  it("are copied with other values", () => {
    assert.equal(parameters("c = dataclasses.replace(Config(), width=9)\nwidth = c.width + c.deep"), 12);
  });
  it("make a new default for each instance", () => {
    assert.equal(
      parameters("a, b = Config(), Config()\na.depths.append(7)\nwidth = len(a.depths) * 10 + len(b.depths)"),
      32,
    );
  });
  it("become dicts and tuples, and have fields", () => {
    assert.equal(parameters("width = dataclasses.asdict(Config(width=6))['width']"), 6);
    assert.equal(parameters("width = dataclasses.astuple(Config())[2]"), 3);
    assert.equal(parameters("width = sum(len(f.name) for f in dataclasses.fields(Config))"), 15);
  });
});

describe("Tests of classes", () => {
  const chosen = (test: string, cls: string): number | null => {
    const text = python`
      from torch.nn.modules.batchnorm import _BatchNorm
      from torch.nn.modules.conv import _ConvNd, _ConvTransposeNd
      class Own(nn.BatchNorm2d):
          pass
      ${net(`cls = ${cls}\nwidth = 3 if ${test} else 5\nself.a = nn.Linear(1, width, bias=False)`, "return self.a(x)")}
    `;
    return graphOf(read(text)).parameters;
  };
  it("follow what PyTorch's classes derive from", () => {
    assert.equal(chosen("issubclass(cls, _BatchNorm)", "nn.BatchNorm3d"), 3);
    assert.equal(chosen("issubclass(cls, _BatchNorm)", "Own"), 3);
    assert.equal(chosen("issubclass(cls, _BatchNorm)", "nn.InstanceNorm2d"), 5);
    assert.equal(chosen("issubclass(cls, (_ConvNd, nn.Linear))", "nn.Conv1d"), 3);
    assert.equal(chosen("issubclass(cls, _ConvTransposeNd)", "nn.Conv2d"), 5);
    assert.equal(chosen("isinstance(cls(4), _BatchNorm)", "nn.BatchNorm1d"), 3);
    assert.equal(chosen("isinstance(cls(4, 4, 1), _ConvNd)", "nn.ConvTranspose2d"), 3);
    assert.equal(chosen("issubclass(cls, nn.Module)", "Own"), 3);
  });
});

describe("Results of torch.nn.init that are assigned", () => {
  it("are the tensors that were filled", () => {
    const init = `
self.a = nn.Linear(4, 6)
self.n = nn.BatchNorm1d(6)
self.a.weight = nn.init.xavier_normal(self.a.weight)
self.n.bias = torch.nn.init.zeros_(self.n.bias)`;
    assert.deepEqual(norms(net(init, "return self.n(self.a(x))")), [["n", 6]]);
  });
  it("of another layer's tensor change the layer", () => {
    const init = "self.a = nn.Linear(4, 4)\nself.b = nn.Linear(4, 4)\nself.a.weight = nn.init.ones_(self.b.weight)";
    assertTainted(read(net(init, "return self.a(self.b(x))")), /weight of this Linear changes/);
  });
});
