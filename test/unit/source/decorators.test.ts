import { strict as assert } from "node:assert";
import { assertTainted, graphOf, net, read, reasons } from "./helpers";

/** The parameters of a model whose file must be read without anything unknown. */
function parametersOf(text: string): number | null {
  const reading = read(text);
  assert.deepEqual(reasons(reading), []);
  return graphOf(reading).parameters;
}

const BUILD = net("self.a = nn.Linear(4, width)", "return self.a(x)", "width");

describe("Decorators that wrap functions", () => {
  it("register them under the name of the function they wrap", () => {
    const register =
      "import functools\nTABLE = {}\ndef plain(f):\n    @functools.wraps(f)\n    def inner(*args, **kwargs):\n        return f(*args, **kwargs)\n    return inner\ndef register(f):\n    if f.__name__ in TABLE:\n        raise ValueError()\n    TABLE[f.__name__] = f\n    return f\n";
    assert.equal(
      parametersOf(
        `${BUILD}${register}@register\n@plain\ndef small():\n    return Net(2)\n@register\n@plain\ndef large():\n    return Net(8)\nmodel = TABLE["large"]()\n`,
      ),
      40,
    );
  });
  it("may look at the signature of the function, through wraps too", () => {
    const text =
      "import functools, inspect\ndef outer(f):\n    @functools.wraps(f)\n    def inner(*a, **k):\n        return f(*a, **k)\n    return inner\n@outer\ndef make(depth, *, width=8):\n    return Net(width)\nnames = tuple(inspect.signature(make).parameters)\nfirst = next(i for i, p in enumerate(inspect.signature(make).parameters.values()) if p.kind == p.KEYWORD_ONLY)\nmodel = make(1, **{names[first]: 2})\n";
    assert.equal(parametersOf(BUILD + text), 10);
  });
});

describe("next", () => {
  it("takes the first element of an iterator that was just made", () => {
    assert.equal(parametersOf(`${BUILD}model = Net(next(iter({8: 1, 3: 2})))\n`), 40);
    assert.equal(parametersOf(`${BUILD}model = Net(next((i for i in range(9) if i > 90), 8))\n`), 40);
  });
  it("does not guess where an iterator stands", () => {
    const reading = read(`${net("it = iter([8, 3])\nnext(it)\nself.a = nn.Linear(4, next(it))", "return self.a(x)")}`);
    assertTainted(reading, /iterator that is in use|iter is not read/);
  });
});

describe("@dataclass", () => {
  const config =
    "from dataclasses import dataclass\n@dataclass\nclass Base:\n    depth: int\n    width: int = 3\n@dataclass(frozen=True)\nclass Config(Base):\n    depth: int = 1\n    bias: bool = True\n    kind = 'x'\n    @property\n    def double(self):\n        return 2 * self.width\n";

  it("makes an __init__ of the annotated names, those of its bases first", () => {
    assert.equal(parametersOf(`${BUILD}${config}model = Net(Config(5, 4).double)\n`), 40);
    assert.equal(parametersOf(`${BUILD}${config}model = Net(Config(width=4).width)\n`), 20);
    assert.equal(parametersOf(`${BUILD}${config}model = Net(Config().width)\n`), 15);
  });
  it("calls __post_init__", () => {
    assert.equal(
      parametersOf(
        `${BUILD}from dataclasses import dataclass\n@dataclass\nclass C:\n    width: int = 1\n    def __post_init__(self):\n        self.width = self.width * 8\nmodel = Net(C().width)\n`,
      ),
      40,
    );
  });
  it("keeps an __init__ of the class's own", () => {
    assert.equal(
      parametersOf(
        `${BUILD}from dataclasses import dataclass\n@dataclass\nclass C:\n    width: int\n    def __init__(self):\n        self.width = 8\nmodel = Net(C().width)\n`,
      ),
      40,
    );
  });
  it("is unknown with settings or defaults that are not followed", () => {
    const build = net("self.a = nn.Linear(4, C().width)", "return self.a(x)");
    assertTainted(
      read(`from dataclasses import dataclass\n@dataclass(init=False)\nclass C:\n    width: int = 1\n${build}`),
      /NormLens does not follow the dataclass option init/,
    );
    assertTainted(
      read(
        `from dataclasses import dataclass, field\n@dataclass\nclass C:\n    width: int = field(default=8)\n${build}`,
      ),
      /dataclasses\.field/,
    );
  });
});

describe("Small things that files of models use", () => {
  it("are copies that share their layers", () => {
    assert.equal(
      parametersOf(
        `import copy\n${net("c = {'n': 2}\nd = copy.copy(c)\nd['n'] = 8\nself.a = nn.Linear(4, c['n'])", "return self.a(x)")}`,
      ),
      10,
    );
  });
  it("are parameters made of scaled constants", () => {
    assert.equal(
      parametersOf(
        net("self.s = nn.Parameter(torch.ones(4, 1, 1) * 1e-6)\nself.a = nn.Linear(4, 1)", "return self.a(x)"),
      ),
      9,
    );
    assertTainted(
      read(
        net("self.s = nn.Parameter(torch.ones(4) * torch.ones(3, 1))\nself.a = nn.Linear(4, 1)", "return self.a(x)"),
      ),
      /the size of this parameter is unknown/,
    );
  });
  it("are tests for functions and objects that stand for nothing", () => {
    assert.equal(
      parametersOf(
        `import types\nNOTHING = object()\n${net("w = {}.get('w', NOTHING)\nself.a = nn.Linear(4, 2 if isinstance(self, types.FunctionType) or w is not NOTHING else 8)", "return self.a(x)")}`,
      ),
      40,
    );
  });
  it("are paddings that crop", () => {
    const graph = graphOf(
      read(net("self.p = nn.ZeroPad2d((-1, 0, -1, 0))", "return self.p(x)"), { inputs: [[2, 5, 4]] }),
    );
    assert.deepEqual(
      graph.nodes.map((node) => node.outputShape),
      [[2, 4, 3]],
    );
    assert.ok(
      read(net("self.p = nn.ZeroPad2d(-2)", "return self.p(x)"), { inputs: [[2, 5, 4]] }).problems.some(
        (problem) => problem.code === "shape-mismatch",
      ),
    );
  });
  it("are tensors split into parts", () => {
    const forward = "a, b = torch.split(x, 2, dim=1)\nc, d = b.split([1, 1], 1)\nreturn torch.cat([a, d], 1)";
    assert.deepEqual(reasons(read(net("self.a = nn.Linear(4, 2)", forward), { inputs: [[4]] })), []);
    assert.ok(
      reasons(read(net("self.a = nn.ReLU()", forward))).some((reason) =>
        reason.includes("the number of parts of this torch.split is unknown"),
      ),
    );
    assert.deepEqual(reasons(read(net("self.a = nn.ReLU()", "a, b = x.split([1, 3], 1)\nreturn self.a(b)"))), []);
    assert.deepEqual(
      reasons(read(net("self.a = nn.ReLU()", "a, b = torch.split(x, 2, dim=1)\nreturn self.a(b)"), { inputs: [[4]] })),
      [],
    );
  });
  it("are reductions of lists", () => {
    assert.equal(
      parametersOf(
        `import functools\n${net("self.a = nn.Linear(4, functools.reduce(lambda a, b: a * b, [2, 2], 2))", "return self.a(x)")}`,
      ),
      40,
    );
  });
  it("are functional normalisations that keep the shape", () => {
    assert.equal(
      graphOf(read(net("self.a = nn.Linear(4, 2)", "return F.layer_norm(self.a(x), (2,))")))
        .nodes.at(-1)
        ?.outputShape?.join(),
      "2",
    );
  });
});
