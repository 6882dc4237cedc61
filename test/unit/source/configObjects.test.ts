/** Objects that keep settings: dicts with attributes, configurations of Transformers. */
import { strict as assert } from "node:assert";
import { batchNormLayers } from "../../../engine/protocol/modelGraph";
import { python } from "../support/python";
import { assertTainted, graphOf, net, read, reasons } from "./helpers";

/** The width that `expression` gives after `setup`. */
function width(setup: string, expression: string): number | null {
  const reading = read(`${setup}\n${net(`self.a = nn.Linear(1, ${expression}, bias=False)`, "return self.a(x)")}`);
  assert.deepEqual(reasons(reading), []);
  return graphOf(reading).parameters;
}

describe("A class that derives from dict", () => {
  const OPTIONS = python`
    class Options(dict):
        def __getattr__(self, key):
            try:
                return self[key]
            except KeyError:
                raise AttributeError(key)
        def __setattr__(self, key, value):
            self[key] = value
    o = Options(depth=2)
    o.width = 6
    o["inner"] = Options(size=5)
  `;
  it("has its keys as attributes where the class says so", () => {
    assert.equal(width(OPTIONS, "o.width + o['depth'] + o.inner.size"), 13);
    assert.equal(width(OPTIONS, "getattr(o, 'width') + len(o)"), 9);
    assert.equal(width(OPTIONS, "getattr(o, 'missing', 4)"), 4);
    assert.equal(width(OPTIONS, "o.get('width', 1) + ('depth' in o)"), 7);
    assert.equal(width(OPTIONS, "sum(len(key) for key in o)"), 15);
    assert.equal(width(OPTIONS, "dict(**o)['width']"), 6);
  });
  it("may have them by sharing its __dict__ or dict's own methods", () => {
    const shared = python`
      class Box(dict):
          def __init__(self, *args, **kwargs):
              super().__init__(*args, **kwargs)
              self.__dict__ = self
      o = Box({"width": 3})
      o.more = 4
    `;
    assert.equal(width(shared, "o.width + o['more']"), 7);
    const borrowed = python`
      class Bag(dict):
          __getattr__ = dict.get
          __setattr__ = dict.__setitem__
      o = Bag(width=3)
      o.more = 5
    `;
    assert.equal(width(borrowed, "o.width + o['more']"), 8);
  });
  it("is one of a library", () => {
    const easy = "from easydict import EasyDict\no = EasyDict({'model': {'width': 4}})\no.model.extra = 2";
    assert.equal(width(easy, "o.model.width + o['model']['extra']"), 6);
  });
  it("gives an unknown for a key that it has not", () => {
    const text = `${OPTIONS}\n${net("self.a = nn.Linear(1, o.nothing)", "return self.a(x)")}`;
    assertTainted(read(text), /nothing/);
  });
});

describe("Other objects with settings", () => {
  it("follow __getattr__, __setattr__, __getitem__ and __dict__", () => {
    const setup = python`
      class Store:
          def __init__(self, **given):
              self.__dict__.update(given)
              self.__dict__["extra"] = 1
          def __getattr__(self, name):
              return len(name)
          def __getitem__(self, key):
              return getattr(self, key) * 10
      s = Store(width=3)
    `;
    assert.equal(width(setup, "s.width + s.extra + s.four + s['width']"), 38);
    const guarded = python`
      class Doubled:
          def __setattr__(self, name, value):
              super().__setattr__(name, value * 2)
      d = Doubled()
      d.width = 4
    `;
    assert.equal(width(guarded, "d.width"), 8);
  });
  it("are namespaces and bound methods", () => {
    assert.equal(width("from types import SimpleNamespace\nn = SimpleNamespace(w=3)\nn.v = 4", "n.w + n.v"), 7);
    const method = python`
      import types
      class Plain:
          pass
      def wide(self, by):
          return self.base * by
      p = Plain()
      p.base = 3
      p.wide = types.MethodType(wide, p)
    `;
    assert.equal(width(method, "p.wide(4)"), 12);
  });
});

describe("Models of Transformers", () => {
  const text = python`
    from transformers import PreTrainedModel, PretrainedConfig
    from transformers.activations import ACT2FN
    from transformers.modeling_outputs import ImageClassifierOutput
    class MiniConfig(PretrainedConfig):
        def __init__(self, hidden=6, act="gelu", **kwargs):
            super().__init__(**kwargs)
            self.hidden = hidden
            self.act = act
    class MiniModel(PreTrainedModel):
        config_class = MiniConfig
        def __init__(self, config):
            super().__init__(config)
            self.stem = nn.Conv2d(3, config.hidden, 1, bias=False)
            self.norm = nn.BatchNorm2d(self.config.hidden)
            self.act = ACT2FN[config.act]
            self.head = nn.Linear(config.hidden, config.num_labels)
            self.post_init()
        def forward(self, pixel_values):
            x = self.act(self.norm(self.stem(pixel_values)))
            logits = self.head(x.mean((2, 3)))
            if not self.config.use_return_dict:
                return (logits,)
            return ImageClassifierOutput(logits=logits)
  `;
  it("are read with the settings that every configuration has", () => {
    const reading = read(text, { model: "MiniModel(MiniConfig(num_labels=4))", inputs: [[3, 8, 8]] });
    assert.deepEqual(reasons(reading), []);
    const graph = graphOf(reading);
    assert.equal(graph.parameters, 18 + 12 + (6 * 4 + 4));
    assert.deepEqual(
      batchNormLayers(graph).map(({ name }) => name),
      ["norm"],
    );
    assert.deepEqual(graph.outputs, [{ place: "logits", node: "head" }]);
  });
  it("are unknown with an activation or a setting that is not known", () => {
    assertTainted(read(text, { model: 'MiniModel(MiniConfig(act="strange"))' }), /does not know this activation/);
  });
});

describe("A named tuple", () => {
  for (const [title, definition] of [
    ["of a call", 'from collections import namedtuple\nT = namedtuple("T", "width depth")\n'],
    ["of a class", "from typing import NamedTuple\nclass T(NamedTuple):\n    width: int\n    depth: int = 2\n"],
  ] as const)
    it(`${title} gives a changed one and a dict of itself`, () => {
      const setup = `${definition}t = T(3, 4)\nu = t._replace(width=5)\n`;
      assert.equal(width(setup, "u.width * 10 + u.depth"), 54);
      assert.equal(width(setup, "t.width"), 3);
      assert.equal(width(setup, "u._asdict()['width']"), 5);
    });
});
