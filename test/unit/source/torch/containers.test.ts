import { strict as assert } from "node:assert";
import { batchNormLayers } from "../../../../engine/protocol/modelGraph";
import { assertTainted, graphOf, net, read, reasons } from "../helpers";

/** The names of the children of `self.body`, with their classes. */
function children(init: string): string[] {
  const reading = read(net(init, "return self.body(x)"));
  assert.deepEqual(reasons(reading), []);
  return graphOf(reading)
    .layers.filter((layer) => !layer.functional && layer.name.startsWith("body"))
    .map((layer) => `${layer.name} ${layer.className}`);
}

const TWO = "self.body = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU())\n";

describe("Containers that change after they were made", () => {
  it("give the layers after an inserted one the next names", () => {
    const expected = ["body.0 Conv2d", "body.1 BatchNorm2d", "body.2 ReLU"];
    assert.deepEqual(children(`${TWO}self.body.insert(1, nn.BatchNorm2d(4))`), expected);
    assert.deepEqual(children(`${TWO}self.body.insert(index=1, module=nn.BatchNorm2d(4))`), expected);
    assert.deepEqual(children(`${TWO}self.body.insert(-1, nn.BatchNorm2d(4))`), expected);
  });
  it("lose a layer, and the ones after it move up", () => {
    const rest = ["body.0 Conv2d"];
    assert.deepEqual(children(`${TWO}self.body.pop(1)`), rest);
    assert.deepEqual(children(`${TWO}self.body.pop(-1)`), rest);
    assert.deepEqual(children(`${TWO}del self.body[1]`), rest);
    assert.deepEqual(children(`${TWO}self.body.append(nn.Tanh())\ndel self.body[1]`), [...rest, "body.1 Tanh"]);
  });
  it("grow by +=", () => {
    assert.deepEqual(children(`${TWO}self.body += [nn.BatchNorm2d(4)]`).at(-1), "body.2 BatchNorm2d");
  });
  it("are written through _modules", () => {
    assert.deepEqual(children(`${TWO}self.body._modules["1"] = nn.BatchNorm2d(4)`), [
      "body.0 Conv2d",
      "body.1 BatchNorm2d",
    ]);
    assert.deepEqual(children(`${TWO}self._modules["body"] = nn.Sequential(nn.BatchNorm2d(3))`), [
      "body.0 BatchNorm2d",
    ]);
    assert.deepEqual(
      children(`${TWO}for name in list(self.body._modules.keys()):\n    self.body._modules.pop(name)`),
      [],
    );
  });
  it("have keys", () => {
    const init = `
self.parts = nn.ModuleDict({"a": nn.Linear(4, 2)})
self.parts.update({"norm": nn.BatchNorm1d(2), "b": nn.Linear(2, 2)})
self.parts.pop("b")`;
    const graph = graphOf(read(net(init, 'return self.parts["norm"](self.parts["a"](x))')));
    assert.deepEqual(
      batchNormLayers(graph).map(({ name }) => name),
      ["parts.norm"],
    );
    assert.equal(graph.parameters, 14);
    const cleared = `${init}\nself.parts.clear()\nself.last = nn.Linear(4, 1)`;
    assert.equal(graphOf(read(net(cleared, "return self.last(x)"))).parameters, 5);
  });
  it("are unknown when it is unknown what changed", () => {
    const lines = [
      "self.body.insert(nobody_knows, nn.BatchNorm2d(4))",
      "self.body.pop(nobody_knows)",
      "self.body.shuffle()",
      "del self.body[nobody_knows]",
    ];
    for (const line of lines) assertTainted(read(net(TWO + line, "return self.body(x)")), /./);
  });
  it("keep layers whose names are not known, under their numbers", () => {
    const init = `self.body = nn.Sequential()
self.body.add_module("conv.{}".format(self.extra_repr()), nn.Conv2d(3, 4, 1))
self.body.add_module(f"norm-{self.extra_repr()}", nn.BatchNorm2d(4))`;
    const reading = read(net(init, "return self.body(x)"));
    assertTainted(reading, /./);
    const { layers, nodes } = graphOf(reading);
    assert.deepEqual(
      layers.map(({ name, className }) => `${name} ${className}`),
      ["body.0 Conv2d", "body.1 BatchNorm2d"],
    );
    assert.deepEqual(
      nodes.map(({ layer }) => layer),
      ["body.0", "body.1"],
    );
  });
  it("do not grow by a layer that may not be added", () => {
    const init = `self.body = nn.Sequential(nn.Conv2d(3, 4, 1))
if nobody_knows:
    self.body.add_module("norm.{}".format(nobody_knows), nn.BatchNorm2d(4))`;
    assert.deepEqual(batchNormLayers(graphOf(read(net(init, "return self.body(x)")))), []);
  });
  it("have methods that other modules have not", () => {
    const init = `${TWO}if hasattr(self, "insert"):\n    self.extra = nn.Linear(9, 9)`;
    assert.equal(graphOf(read(net(init, "return self.body(x)"))).parameters, 112);
  });
});

describe("Lists, dicts and sets whose method is not known", () => {
  it("are unknown from there on", () => {
    for (const [start, line] of [
      ["sizes = [4, 8]", "sizes.rotate(1)"],
      ["sizes = {0: 4, 1: 8}", "sizes.swap(0, 1)"],
    ])
      assertTainted(
        read(net(`${start ?? ""}\n${line ?? ""}\nself.a = nn.Linear(4, sizes[0])`, "return self.a(x)")),
        /rotate|swap/,
      );
  });
  it("have an order only where Python has one", () => {
    assert.equal(
      graphOf(read(net("a, b = {7, 4}\nself.a = nn.Linear(a, b)", "return self.a(x)"))).parameters,
      4 * 7 + 7,
    );
    assertTainted(
      read(net("names = {'x': 1, 'yy': 2}\na, b = set(names)\nself.a = nn.Linear(4, names[a])", "return self.a(x)")),
      /the order of the elements of a set/,
    );
  });
});
