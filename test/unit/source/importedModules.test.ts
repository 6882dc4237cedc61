import { strict as assert } from "node:assert";
import { batchNormLayers } from "../../../engine/protocol/modelGraph";
import type { ReadModelInput, ModelReading } from "../../../engine/source/modelReading";
import { readModelFile } from "../../../engine/source/readModel";
import type { ResolveModule } from "../../../engine/python/resolveModule";
import { assertTainted, graphOf, net } from "./helpers";
import { python } from "../support/python";

const NN = "import torch.nn as nn\n";
const BLOCK = `${NN}${net("self.c = nn.Linear(n, n)", "return self.c(x)", "n").replace("Net", "Block")}`;
const USE = net("self.a = Block(4)\nself.b = nn.Linear(4, 2)", "return self.b(self.a(x))");

/** Modules by their path below the folder of `model.py`. */
function resolverOf(files: Record<string, string>): { resolve: ResolveModule; asked: string[] } {
  const asked: string[] = [];
  const resolve: ResolveModule = ({ fromPath, module, level }) => {
    asked.push(`${".".repeat(level)}${module}`);
    const folders = fromPath.split("/").slice(0, -1);
    const base = level === 0 ? [] : folders.slice(0, folders.length - (level - 1));
    const path = [...base, ...module.split(".").filter(Boolean)].join("/");
    const found = [`${path === "" ? "" : `${path}/`}__init__.py`, `${path}.py`].find((candidate) => candidate in files);
    return found === undefined ? null : { path: found, text: files[found] ?? "" };
  };
  return { resolve, asked };
}

function readWith(text: string, files: Record<string, string>, options: Partial<ReadModelInput> = {}): ModelReading {
  return readModelFile({
    path: "model.py",
    text: NN + text,
    resolveModule: resolverOf({ "model.py": NN + text, ...files }).resolve,
    ...options,
  });
}

describe("A model that spans files", () => {
  const certain = (reading: ModelReading): void => {
    assert.deepEqual(reading.unknowns, []);
    assert.equal(graphOf(reading).parameters, 30);
    const places = graphOf(reading).layers.map((layer) => `${layer.name} ${layer.range.path}`);
    assert.deepEqual(places, ["a.c blocks.py", "b model.py"]);
  };

  for (const [statement, use] of [
    ["from blocks import Block", USE],
    ["from .blocks import Block", USE],
    ["from blocks import *", USE],
    ["from .blocks import Block as B", USE.replace("Block", "B")],
    ["import blocks", USE.replace("Block", "blocks.Block")],
    ["import blocks as bl", USE.replace("Block", "bl.Block")],
    ["from . import blocks", USE.replace("Block", "blocks.Block")],
    ["try:\n    from .blocks import Block\nexcept ImportError:\n    from .blocks import Block", USE],
  ] as const) {
    it(`is read through ${statement.split("\n")[0] ?? ""}${statement.includes("\n") ? " in a try" : ""}`, () => {
      const reading = readWith(`${statement}\n${use}`, { "blocks.py": BLOCK });
      certain(reading);
    });
  }
  it("is read through packages that collect their modules", () => {
    const files = {
      "models/__init__.py": "from .one import *\nfrom . import two\n",
      "models/one.py": "from .two import Block\nWIDTH = 4\n",
      "models/two.py": BLOCK,
    };
    for (const [statement, name] of [
      ["import models", "models.Block"],
      ["import models.one as m", "m.Block"],
      ["from models import two", "two.Block"],
      ["from models import *", "Block"],
      ["import models.two", "models.two.Block"],
    ] as const) {
      const reading = readWith(`${statement}\n${USE.replace("Block", name)}`, files);
      assert.deepEqual(reading.unknowns, [], statement);
      assert.equal(graphOf(reading).parameters, 30, statement);
    }
  });
  it("is read in folders without __init__.py", () => {
    const reading = readWith(
      python`
        import lib.two
        from lib import two as t
        ${USE.replace("Block", "lib.two.Block")}assert t is lib.two
      `,
      { "lib/two.py": BLOCK },
    );
    assert.equal(graphOf(reading).parameters, 30);
  });
  it("takes only what __all__ names in a star import", () => {
    const reading = readWith(
      python`
      WIDTH = 2
      from blocks import *
      ${USE.replace("(4, 2)", "(4, WIDTH)")}`,
      {
        "blocks.py": `__all__ = ["Block"]\nWIDTH = 9\n${BLOCK}`,
      },
    );
    assert.equal(graphOf(reading).parameters, 30);
  });
  it("replaces earlier names by those of a star import", () => {
    const reading = readWith(
      python`
      WIDTH = 2
      from blocks import *
      ${USE.replace("(4, 2)", "(4, WIDTH)")}`,
      {
        "blocks.py": `WIDTH = 3\n${BLOCK}`,
      },
    );
    assert.equal(graphOf(reading).parameters, 35);
  });
  it("asks only for the files it needs", () => {
    const { resolve, asked } = resolverOf({
      "blocks.py": `from heavy import data\n${BLOCK}`,
      "heavy.py": "while True:\n    pass\n",
    });
    const reading = readModelFile({
      path: "model.py",
      text: python`
        import yaml
        from trainer import fit
        ${NN}from blocks import Block
        ${USE}`,
      resolveModule: resolve,
    });
    certain(reading);
    assert.deepEqual(asked, ["blocks"]);
    assert.deepEqual(reading.importedFiles, ["blocks.py"]);
  });
  it("evaluates a file once", () => {
    const files = { "a.py": `from c import Block\n`, "b.py": "from c import Block\n", "c.py": BLOCK };
    const reading = readWith(
      python`
        from a import Block as A
        from b import Block as B
        SAME = A is B
        ${net("self.a = nn.Linear(4, 2 if SAME else 3)", "return self.a(x)")}`,
      files,
    );
    assert.equal(graphOf(reading).parameters, 10);
  });
  it("does not list other files' models as its own", () => {
    const reading = readWith(`from blocks import *\n${net("self.a = nn.Linear(4, 2)", "return self.a(x)")}`, {
      "blocks.py": `${BLOCK}other = Block(3)\n`,
    });
    assert.deepEqual(
      reading.candidates.map((candidate) => candidate.name),
      ["Net"],
    );
  });
  it("keeps annotations to the lines of its own file", () => {
    const blocks = `${NN}${net("self.c = nn.Linear(n, n)", "return self.c(x)", "n").replace("Net", "Block")}`;
    const text = python`
      ${NN}from blocks import Block
      class Net(nn.Module):
          def __init__(self):
              super().__init__() # normlens: remove
              self.a = Block(4)
          def forward(self, x):
              return self.a(x)
    `;
    const reading = readModelFile({
      path: "model.py",
      text,
      resolveModule: resolverOf({ "blocks.py": blocks }).resolve,
    });
    assert.equal(graphOf(reading).layers[0]?.range.startLine, 5);
    assert.deepEqual(
      reading.annotationIssues.map((issue) => issue.message),
      ["This line creates no layer of the model."],
    );
    assert.equal(reading.variant?.layers.length, 1);
  });
  it("survives files that import each other", () => {
    const files = {
      "a.py": `from b import WIDTH\n${BLOCK}`,
      "b.py": python`
      from a import Block
      WIDTH = 4
    `,
    };
    const reading = readWith(`from a import Block, WIDTH\n${USE.replace("(4, 2)", "(4, WIDTH)")}`, files);
    assert.equal(graphOf(reading).parameters, 40);
  });
  it("names a circle that has no end", () => {
    assertTainted(
      readWith(`from a import Block\n${USE}`, { "a.py": "from b import Block\n", "b.py": "from a import Block\n" }),
      /import it again/,
    );
    const files = {
      "a.py": python`
      from b import W
      Block = W
      V = 3
    `,
      "b.py": python`
      import a
      W = a.V
    `,
    };
    assertTainted(
      readWith(`from a import Block\n${USE}`, files),
      /import each other before V is defined: a\.py → b\.py → a\.py/,
    );
  });
  it("does not take a file that does not parse for what is left of it", () => {
    assertTainted(
      readWith(`from blocks import Block\n${USE}`, { "blocks.py": `${BLOCK}x = = 1\n` }),
      /blocks\.py can.t be parsed/,
    );
  });
  it("says where an imported file is wrong", () => {
    const reading = readWith(`from blocks import Block\n${USE}`, {
      "blocks.py": BLOCK.replace("(n, n)", "(n, WIDTH)"),
    });
    assert.deepEqual(
      reading.unknowns.map(({ reason, range }) => `${range.path}:${range.startLine} ${reason}`),
      ["blocks.py:5 the name WIDTH is not defined in this file"],
    );
  });
  it("says which file or name is missing, where a layer needs it", () => {
    assertTainted(
      readWith(`from blocks import Missing as Block\n${USE}`, { "blocks.py": BLOCK }),
      /blocks\.py does not define Missing/,
    );
    assertTainted(readWith(`from nowhere import Block\n${USE}`, {}), /does not follow nowhere\.Block/);
    assertTainted(
      readWith(`import blocks\n${USE.replace("Block", "blocks.Blok")}`, { "blocks.py": BLOCK }),
      /does not define Blok/,
    );
  });
  it("says that a file raises before it defines a name", () => {
    assertTainted(
      readWith(`from blocks import Block\n${USE}`, { "blocks.py": `raise ValueError()\n${BLOCK}` }),
      /an exception is raised here/,
    );
  });
  it("is unknown where a file changes another one's names", () => {
    const files = { "config.py": "WIDTH = 2\nDEPTH = 4\n" };
    const build = net("self.b = nn.Linear(DEPTH, WIDTH)", "return self.b(x)");
    assertTainted(
      readWith(
        python`
        import config
        from config import WIDTH, DEPTH
        config.WIDTH = 8
        ${build}`,
        files,
      ),
      /another file replaces WIDTH of config\.py/,
    );
    assert.equal(
      graphOf(
        readWith(
          python`
      import config
      from config import WIDTH, DEPTH
      ${build}`,
          files,
        ),
      ).parameters,
      10,
    );
  });
  it("is unknown where a class of the library is replaced", () => {
    const reading = readWith(`${net("self.b = nn.Linear(4, 2)", "return self.b(x)")}nn.Linear = Net\n`, {});
    assert.deepEqual(
      reading.unknowns.map(({ reason }) => reason),
      ["the file replaces torch.nn.Linear here"],
    );
  });
  it("has BN layers where a project has its copy of a library that computes them in CUDA", () => {
    const copied = (forward: string): string => `import torch.nn as nn
from torch.autograd import Function
class _Kernel(Function):
    pass
inplace_abn = _Kernel.apply
class ABN(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1, affine=True, activation="leaky_relu", slope=0.01):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(num_features))
class InPlaceABN(ABN):
    def forward(self, x):
        return ${forward}
`;
    const model = net("self.c = nn.Conv2d(3, 8, 1)\nself.n = InPlaceABN(8)", "return self.n(self.c(x))");
    const normsIn = (files: Record<string, string>): string[] =>
      batchNormLayers(graphOf(readWith(`from modules import InPlaceABN\n${model}`, files))).map(({ name }) => name);
    const init = { "modules/__init__.py": "from .bn import ABN, InPlaceABN\n" };
    assert.deepEqual(normsIn({ ...init, "modules/bn.py": copied("inplace_abn(x, self.weight)") }), ["n"]);
    assert.deepEqual(normsIn({ ...init, "modules/bn.py": copied("x") }), []);
  });
  it("is bounded in its length", () => {
    const long = `${BLOCK}# ${"x".repeat(11_000_000)}\n`;
    assertTainted(
      readWith(
        python`
        from blocks import Block as First
        from more import Block
        First
        ${USE}`,
        {
          "blocks.py": long,
          "more.py": long,
        },
      ),
      /too long in total/,
    );
  });
  it("is bounded in its number of files", () => {
    const files = Object.fromEntries(
      Array.from({ length: 400 }, (_, index) => [`m${index}.py`, `from m${index + 1} import Block\n`]),
    );
    assertTainted(readWith(`from m0 import Block\n${USE}`, files), /at most 300 imported files|too deeply/);
    const stars = Array.from({ length: 400 }, (_, index) => `from m${index} import *`).join("\n");
    assertTainted(
      readWith(`${stars}\n${USE}`, {
        ...files,
        ...Object.fromEntries(Object.keys(files).map((path) => [path, "W = 1\n"])),
      }),
      /m3\d\d|more than 300/,
    );
  });
  it("shares one budget of steps over all its files", () => {
    const reading = readWith(
      `from blocks import Block\n${USE}`,
      { "blocks.py": `${"x = 1\n".repeat(2_000)}${BLOCK}` },
      { limits: { steps: 1_000, callDepth: 50, nesting: 500 } },
    );
    assert.ok(reading.graph?.parameters !== 30);
  });
  it("is read in a branch as it is read outside of one", () => {
    const reading = readWith(
      python`
        if FLAG:
            from blocks import Block
            print(Block)
        from blocks import Block
        ${USE}`,
      { "blocks.py": BLOCK },
    );
    certain(reading);
  });
});
