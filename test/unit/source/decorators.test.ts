import { strict as assert } from "node:assert";
import { assertTainted, graphOf, net, read, reasons } from "./helpers";
import { python } from "../support/python";

/** The parameters of a model whose file must be read without anything unknown. */
function parametersOf(text: string): number | null {
  const reading = read(text);
  assert.deepEqual(reasons(reading), []);
  return graphOf(reading).parameters;
}

const BUILD = net("self.a = nn.Linear(4, width)", "return self.a(x)", "width");

describe("Decorators that wrap functions", () => {
  it("register them under the name of the function they wrap", () => {
    const register = python`
        import functools
        TABLE = {}
        def plain(f):
            @functools.wraps(f)
            def inner(*args, **kwargs):
                return f(*args, **kwargs)
            return inner
        def register(f):
            if f.__name__ in TABLE:
                raise ValueError()
            TABLE[f.__name__] = f
            return f
      `;
    assert.equal(
      parametersOf(
        python`
          ${BUILD}${register}@register
          @plain
          def small():
              return Net(2)
          @register
          @plain
          def large():
              return Net(8)
          model = TABLE["large"]()
        `,
      ),
      40,
    );
  });
  it("may look at the signature of the function, through wraps too", () => {
    const text = python`
        import functools, inspect
        def outer(f):
            @functools.wraps(f)
            def inner(*a, **k):
                return f(*a, **k)
            return inner
        @outer
        def make(depth, *, width=8):
            return Net(width)
        names = tuple(inspect.signature(make).parameters)
        first = next(i for i, p in enumerate(inspect.signature(make).parameters.values()) if p.kind == p.KEYWORD_ONLY)
        model = make(1, **{names[first]: 2})
      `;
    assert.equal(parametersOf(BUILD + text), 10);
  });
});

describe("next", () => {
  it("takes the first element of an iterator that was just made", () => {
    assert.equal(parametersOf(`${BUILD}model = Net(next(iter({8: 1, 3: 2})))\n`), 40);
    assert.equal(parametersOf(`${BUILD}model = Net(next((i for i in range(9) if i > 90), 8))\n`), 40);
  });
  it("does not guess where an iterator stands", () => {
    const reading = read(
      `${net(
        python`
      it = iter([8, 3])
      next(it)
      self.a = nn.Linear(4, next(it))`,
        "return self.a(x)",
      )}`,
    );
    assertTainted(reading, /iterator that is in use|iter is not read/);
  });
});

describe("@dataclass", () => {
  const config = python`
      from dataclasses import dataclass
      @dataclass
      class Base:
          depth: int
          width: int = 3
      @dataclass(frozen=True)
      class Config(Base):
          depth: int = 1
          bias: bool = True
          kind = 'x'
          @property
          def double(self):
              return 2 * self.width
    `;

  it("makes an __init__ of the annotated names, those of its bases first", () => {
    assert.equal(parametersOf(`${BUILD}${config}model = Net(Config(5, 4).double)\n`), 40);
    assert.equal(parametersOf(`${BUILD}${config}model = Net(Config(width=4).width)\n`), 20);
    assert.equal(parametersOf(`${BUILD}${config}model = Net(Config().width)\n`), 15);
  });
  it("calls __post_init__", () => {
    assert.equal(
      parametersOf(
        python`
          ${BUILD}from dataclasses import dataclass
          @dataclass
          class C:
              width: int = 1
              def __post_init__(self):
                  self.width = self.width * 8
          model = Net(C().width)
        `,
      ),
      40,
    );
  });
  it("keeps an __init__ of the class's own", () => {
    assert.equal(
      parametersOf(
        python`
          ${BUILD}from dataclasses import dataclass
          @dataclass
          class C:
              width: int
              def __init__(self):
                  self.width = 8
          model = Net(C().width)
        `,
      ),
      40,
    );
  });
  it("is unknown with settings or defaults that are not followed", () => {
    const build = net("self.a = nn.Linear(4, C().width)", "return self.a(x)");
    assertTainted(
      read(python`
        from dataclasses import dataclass
        @dataclass(init=False)
        class C:
            width: int = 1
        ${build}`),
      /NormLens does not follow the dataclass option init/,
    );
    assertTainted(
      read(
        python`
          from dataclasses import dataclass, field
          @dataclass
          class C:
              width: int = field(default_factory=nobody_knows)
          ${build}`,
      ),
      /nobody_knows/,
    );
  });
});

describe("Small things that files of models use", () => {
  it("are copies that share their layers", () => {
    assert.equal(
      parametersOf(
        `import copy\n${net(
          python`
          c = {'n': 2}
          d = copy.copy(c)
          d['n'] = 8
          self.a = nn.Linear(4, c['n'])`,
          "return self.a(x)",
        )}`,
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
    assert.equal(
      parametersOf(
        net("self.s = nn.Parameter(torch.ones(4) * torch.ones(3, 1))\nself.a = nn.Linear(4, 1)", "return self.a(x)"),
      ),
      17,
    );
    assertTainted(
      read(
        net("self.s = nn.Parameter(torch.ones(4) @ torch.ones(4, 3))\nself.a = nn.Linear(4, 1)", "return self.a(x)"),
      ),
      /the size of this parameter is unknown/,
    );
  });
  it("are tests for functions and objects that stand for nothing", () => {
    assert.equal(
      parametersOf(
        python`
          import types
          NOTHING = object()
          def width(model, w):
              return 2 if isinstance(model, types.FunctionType) or w is not NOTHING else 8
          ${net("self.a = nn.Linear(4, width(self, {}.get('w', NOTHING)))", "return self.a(x)")}`,
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
    const forward = python`
      a, b = torch.split(x, 2, dim=1)
      c, d = b.split([1, 1], 1)
      return torch.cat([a, d], 1)`;
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
        "import functools\n" +
          net("self.a = nn.Linear(4, functools.reduce(lambda a, b: a * b, [2, 2], 2))", "return self.a(x)"),
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
