/** What import statements bind, as the Python reference says. */
import { strict as assert } from "node:assert";
import { importedNames, memberText, moduleText, starOf } from "../../../engine/python/importedNames";
import { documentedPath, isLibrary } from "../../../engine/python/libraryNames";
import { parsePython } from "../../../engine/python/parse";
import type { ImportFromStatement, ImportStatement } from "../../../engine/python/statements";

function imported(text: string): ImportStatement | ImportFromStatement {
  const [statement] = parsePython("a.py", text).module.body;
  if (statement?.kind !== "import" && statement?.kind !== "importFrom") throw new Error(`${text} imports nothing`);
  return statement;
}

/** `bound = module` or `bound = module:member`, and what is loaded where that is another module. */
const bindings = (text: string): string[] =>
  importedNames(imported(text)).map(({ bound, module, level, member, loaded }) => {
    const path = `${moduleText({ module, level })}${member === null ? "" : `:${member}`}`;
    return `${bound} = ${path}${loaded === module ? "" : ` after ${loaded}`}`;
  });

describe("an import", () => {
  for (const [text, expected] of Object.entries({
    "import torch": ["torch = torch"],
    "import torch.nn": ["torch = torch after torch.nn"],
    "import torch.nn as nn, numpy": ["nn = torch.nn", "numpy = numpy"],
    "from torch import nn, optim as o": ["nn = torch:nn", "o = torch:optim"],
    "from . import blocks": ["blocks = .:blocks"],
    "from ..layers.norm import BN as Norm": ["Norm = ..layers.norm:BN"],
    "from torch.nn import *": [],
  })) {
    it(`binds the names of ${text}`, () => assert.deepEqual(bindings(text), expected));
  }

  it("of everything says of which module", () => {
    assert.deepEqual(starOf(imported("from ..layers import *")), { module: "layers", level: 2 });
    assert.equal(starOf(imported("from ..layers import Block")), null);
    assert.equal(starOf(imported("import layers")), null);
  });

  it("gives a member its path of dots", () => {
    assert.equal(memberText({ module: "torch.nn", level: 0 }, "Linear"), "torch.nn.Linear");
    assert.equal(memberText({ module: "", level: 2 }, "blocks"), "..blocks");
    assert.equal(memberText({ module: "a", level: 1 }, "b"), ".a.b");
  });
});

describe("names of libraries", () => {
  it("are those of their documented place", () => {
    assert.deepEqual(
      [
        "torch.nn.modules.conv.Conv2d",
        "torch.nn.modules.batchnorm._BatchNorm",
        "torch.optim.sgd.SGD",
        "torch.optim.lr_scheduler.StepLR",
        "torchvision.models.resnet.resnet18",
        "torchvision.models.vision_transformer.Encoder",
      ].map(documentedPath),
      [
        "torch.nn.Conv2d",
        "torch.nn._BatchNorm",
        "torch.optim.SGD",
        "torch.optim.lr_scheduler.StepLR",
        "torchvision.models.resnet18",
        "torchvision.models.vision_transformer.Encoder",
      ],
    );
  });

  it("are told from names of files by their first part", () => {
    assert.deepEqual(["torch.nn", "numpy", "torchlight", "models"].map(isLibrary), [true, true, false, false]);
  });
});
