import { strict as assert } from "node:assert";
import { lintSource } from "../../../engine/findings/lintSource";
import type { ResolveModule } from "../../../engine/python/resolveModule";
import { python } from "../support/python";

const NETS = python`
  import torch.nn as nn
  class Deep(nn.Module):
      def __init__(self):
          super().__init__()
          self.net = nn.Sequential(nn.Conv2d(3, 8, 3, bias=False), nn.BatchNorm2d(8))
  class Plain(nn.Module):
      def __init__(self):
          super().__init__()
          self.net = nn.Conv2d(3, 8, 3)
  def made(**kwargs):
      return Deep()
`;
const files: Readonly<Record<string, string>> = {
  nets: "from . import deep\nfrom nets.deep import *\n",
  "nets.deep": NETS,
};
const PATHS: Readonly<Record<string, string>> = { nets: "nets/__init__.py", "nets.deep": "nets/deep.py" };
const resolveModule: ResolveModule = ({ module, level }) => {
  const name = level === 0 ? module : `nets.${module}`;
  return name in files ? { path: PATHS[name] ?? "", text: files[name] ?? "" } : null;
};

const OPTIONS = `import argparse, importlib, torch
import nets
parser = argparse.ArgumentParser()
parser.add_argument("--arch", default="Deep")
parser.add_argument("--kind", default="Plain")
parser.add_argument("--file", default="deep")
parser.add_argument("--any")
args = parser.parse_args()
`;

/** Whether a network that is made so is known to have BN. */
function isKnown(made: string): boolean {
  const text = `${OPTIONS}${made}\noptimizer = torch.optim.SGD(net.parameters(), lr=0.1, weight_decay=1e-4)\n`;
  return lintSource("train.py", text, { resolveModule }).findings.some(({ rule }) => rule === "weight-decay-on-norm");
}

describe("A network that is picked by a name", () => {
  for (const made of [
    "net = nets.__dict__[args.arch]()",
    'net = nets.__dict__["made"](depth=3)',
    "net = vars(nets)[args.arch]()",
    "net = getattr(nets, args.arch)()",
    'net = getattr(nets.deep, "Deep")()',
    'net = importlib.import_module("nets.deep").Deep()',
    'net = getattr(importlib.import_module("nets." + args.file), args.arch)()',
    'net = importlib.import_module(f"nets.{args.file}").Deep()',
    'net = importlib.import_module("nets.{}".format(args.file)).Deep()',
    'net = __import__("nets.deep", fromlist=["Deep"]).Deep()',
    'net = __import__("nets").Deep()',
    'makers = {"a": nets.Deep, "b": nets.made}\nnet = makers[args.any]()',
    "import nets.deep\nnet = nets.deep.Deep()",
    "from nets import *\nnet = eval(args.arch)()",
    "from nets import *\nnet = globals()[args.arch]()",
    'net = eval("nets." + args.arch)()',
    'def build():\n    from nets import made\n    return eval("made")(depth=3)\nnet = build()',
    'if args.kind in ["Deep", "made"]:\n    net = nets.__dict__[args.kind]()\nelse:\n    raise ValueError',
    'if args.any == "Deep":\n    net = getattr(nets, args.any)()\nelif args.any in ("made",):\n    net = eval("nets." + args.any)()\nelse:\n    raise ValueError',
    "from nets import deep\nnet = deep.Deep()",
  ])
    it(`is known: ${made.replace("\n", "; ")}`, () => {
      assert.equal(isKnown(made), true);
    });
  const REGISTRY = `NETS = {}
def register(name):
    def keep(cls):
        NETS[name] = (cls, 32)
        return cls
    return keep
@register("a")
class A(nets.Deep):
    pass
@register("b")
class B(nets.BASE):
    pass
def chosen(name):
    return NETS[name]
maker, size = chosen(args.any)
net = maker()`;
  it("is known where decorators keep the networks", () => {
    assert.equal(isKnown(REGISTRY.replace("BASE", "Deep")), true);
    assert.equal(isKnown(REGISTRY.replace("BASE", "Plain")), false);
  });
  for (const made of [
    "net = nets.__dict__[args.kind]()",
    "net = nets.__dict__[args.any]()",
    "net = eval(args.any)()",
    "from nets import *\nnet = globals()[args.kind]()",
    'if args.arch in ["Deep", "Plain"]:\n    net = nets.Plain()',
    'net = nets.Deep() if args.arch != "Plain" else eval("nets.Plain")()',
    "net = getattr(nets, args.any)()",
    'net = getattr(nets, "missing")()',
    'net = importlib.import_module("elsewhere").Deep()',
    "net = importlib.import_module(args.any).Deep()",
    'makers = {"a": nets.Deep, "b": nets.Plain}\nnet = makers[args.any]()',
  ])
    it(`is not known to have BN: ${made.replace("\n", "; ")}`, () => {
      assert.equal(isKnown(made), false);
    });
});
