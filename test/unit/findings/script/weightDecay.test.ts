import { strict as assert } from "node:assert";
import { python } from "../../support/python";
import { fires, found as findingsOf, silent } from "./helpers";

/** Ways to start a function elsewhere, with what it gets. */
const STARTS = [
  "mp.spawn(work, nprocs=2, args=(opt,))",
  "mp.spawn(work, (opt,))",
  "mp.start_processes(fn=work, args=[opt], nprocs=2)",
  "mp.Process(target=work, args=(0, opt)).start()",
  "mp.Process(target=work, args=(0,), kwargs={'opt': opt}).start()",
  "threading.Thread(target=work, kwargs=dict(rank=0, opt=opt)).start()",
  "launch(work, 2, args=(0, opt))",
];

describe("weight-decay-on-norm", () => {
  const RULE = "weight-decay-on-norm";
  fires(
    RULE,
    Object.fromEntries(
      STARTS.map((start) => [
        `what a function gets through ${start}`,
        [
          python`
            import argparse, threading
            import torch.multiprocessing as mp
            from detectron2.engine import launch
            parser = argparse.ArgumentParser()
            parser.add_argument("--decay", type=float, default=1e-3)
            def work(rank, opt):
                optimizer = optim.SGD(Net().parameters(), lr=0.1, weight_decay=opt.decay)
            opt = parser.parse_args()
          ` + `${start}\n`,
          7,
        ] as const,
      ]),
    ),
  );
  fires(RULE, {
    "one group": [
      python`
      model = Net()
      optimizer = optim.SGD(model.parameters(), lr=0.1, weight_decay=5e-4)
    `,
      2,
    ],
    "AdamW, which decays without being asked": [
      python`
        model = nn.DataParallel(Net())
        optimizer = torch.optim.AdamW(model.parameters(), 1e-3)
      `,
      2,
    ],
    "a wrapper of the script's own": [
      python`
        class Split(nn.DataParallel):
            def __init__(self, module, parts):
                super().__init__(module)
                self.parts = parts
        class Plain(nn.parallel.DistributedDataParallel):
            pass
        model = Split(Net(), 2) if PARTS > 1 else Plain(module=Net())
        optimizer = optim.AdamW(model.parameters(), 1e-3)
      `,
      8,
    ],
    "a container of the script's own": [
      python`
        class Stack(nn.Sequential):
            pass
        model = Stack(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8))
        optimizer = optim.AdamW(model.parameters(), 1e-3)
      `,
      4,
    ],
    "a BN class of the script's own, or PyTorch's": [
      python`
        from torch.nn.modules.batchnorm import _BatchNorm
        class _Together(_BatchNorm):
            def __init__(self, width):
                super().__init__(width, eps=1e-5, momentum=0.1, affine=True)
        class Together2d(_Together):
            pass
        model = nn.Sequential(nn.Conv2d(3, 8, 3), Together2d(8) if MANY else nn.BatchNorm2d(8))
        optimizer = optim.AdamW(model.parameters(), 1e-3)
      `,
      8,
    ],
    "a trunk made of the children of another network": [
      python`
        trunk = nn.Sequential(*list(Net().children())[:-1])
        optimizer = optim.AdamW(trunk.parameters(), 1e-3)
      `,
      2,
    ],
    "a trunk made of the children that have no other name": [
      python`
        class Trunk(nn.Module):
            def __init__(self):
                super().__init__()
                layers = list(Net().children())[:-2]
                self.body = nn.Sequential(*layers)
            def forward(self, x):
                return self.body(x)
        optimizer = optim.AdamW(Trunk().parameters(), 1e-3)
      `,
      8,
    ],
    "the parameters of two networks in one list": [
      python`
        model = Net()
        other = Net()
        optimizer = optim.SGD(list(model.parameters()) + list(other.parameters()), lr=0.1, weight_decay=1e-4)
      `,
      3,
    ],
    "a chain of parameters": [
      python`
        import itertools
        model = Net()
        head = nn.Linear(3, 2)
        optimizer = optim.Adam(itertools.chain(head.parameters(), model.parameters()), weight_decay=1e-4)
      `,
      4,
    ],
    "a group with a decay of its own": [
      python`
        model = Net()
        head = nn.Linear(3, 2)
        optimizer = optim.SGD([
            {"params": model.parameters(), "weight_decay": 4e-5},
            {"params": head.parameters(), "weight_decay": 0.0},
        ], lr=0.1)
      `,
      3,
    ],
    "a group without one, where the optimizer has one": [
      python`
        model = Net()
        head = nn.Linear(3, 2)
        optimizer = optim.SGD([{"params": model.parameters()}, {"params": head.parameters(), "lr": 1}], lr=0.1, weight_decay=1e-4)
      `,
      3,
    ],
    "a training in processes that get the options": [
      python`
        import argparse
        import torch.multiprocessing as mp
        parser = argparse.ArgumentParser()
        parser.add_argument("--decay", type=float, default=1e-3)
        def work(rank, opt):
            model = Net().to(rank)
            optimizer = optim.SGD(model.parameters(), lr=0.1, weight_decay=opt.decay)
        opt = parser.parse_args()
        if opt.many:
            mp.spawn(work, nprocs=2, args=(opt,))
        else:
            work(0, opt)
      `,
      7,
    ],
    "all parameters but those of the head": [
      python`
        model = Net()
        of_head = list(map(id, model.fc.parameters()))
        base = filter(lambda p: id(p) not in of_head, model.parameters())
        optimizer = optim.SGD([{"params": base}, {"params": model.fc.parameters(), "lr": 1}], lr=0.1, weight_decay=1e-4)
      `,
      4,
    ],
    "all parameters but those of the head, in a list": [
      python`
        model = Net()
        of_head = [id(p) for p in model.fc.parameters()]
        of_head += list(map(id, model.drop.parameters()))
        base = [p for p in model.parameters() if id(p) not in of_head]
        optimizer = optim.SGD(base, lr=0.1, weight_decay=1e-4)
      `,
      5,
    ],
    "a group for each parameter": [
      python`
        model = Net()
        groups = []
        for name, value in model.named_parameters():
            if not value.requires_grad:
                continue
            lr, decay = 0.1, 5e-4
            if "bias" in name:
                lr = 0.2
                decay = 0
            groups += [{"params": [value], "lr": lr, "weight_decay": decay}]
        optimizer = optim.SGD(groups, momentum=0.9)
      `,
      11,
    ],
    "a network that may come from a checkpoint": [
      python`
        model = torch.load("last.pt")["net"] if RESUME else Net()
        optimizer = optim.SGD(model.parameters(), lr=0.1, weight_decay=1e-4)
      `,
      2,
    ],
    "a decay that is set later": [
      python`
        model = Net()
        optimizer = optim.SGD(model.parameters(), lr=0.1)
        def schedule(optimizer, step):
            for group in optimizer.param_groups:
                group["lr"] = 0.1 / step
                group["weight_decay"] = 1e-3
        for step in range(9):
            schedule(optimizer, step)
      `,
      2,
    ],
    "a decay of the first group that is set later": [
      python`
        model = Net()
        head = nn.Linear(3, 2)
        optimizer = optim.SGD([{"params": model.parameters()}, {"params": head.parameters()}], lr=0.1)
        optimizer.param_groups[0]["weight_decay"] = 1e-3
      `,
      3,
    ],
    "a default of the command line": [
      python`
        import argparse
        p = argparse.ArgumentParser()
        p.add_argument("--wd", default=1e-4, type=float)
        args = p.parse_args()
        model = Net()
        optimizer = optim.Adam(filter(lambda p: p.requires_grad, model.parameters()), weight_decay=args.wd)
      `,
      6,
    ],
  });
  const choose = (model: string, condition: string, before = ""): string =>
    `${before}model = ${model}
decay = [p for n, p in model.named_parameters() if not (${condition})]
rest = [p for n, p in model.named_parameters() if ${condition}]
optimizer = optim.SGD([{"params": decay}, {"params": rest, "weight_decay": 0}], lr=0.1, weight_decay=1e-4)
`;
  const NAMED = `class Named(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 8, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(8)
        self.norms = nn.ModuleList([nn.BatchNorm2d(8), nn.BatchNorm2d(8)])
`;
  const WORDS = 'no_decay = ["bias", "LayerNorm.weight"]\n';
  fires(RULE, {
    "BN layers in a Sequential, which have no bn in their names": [choose("Net()", '"bn" in n or "bias" in n'), 4],
    "names that are those of another network": [
      choose("Named()", "any(word in n for word in no_decay)", NAMED + WORDS),
      11,
    ],
    "ends of names": [choose("Net()", 'n.endswith((".bias", "bn.weight"))'), 4],
    "the shortcuts of a ResNet": [choose("models.resnet50(pretrained=True)", '"bn" in n'), 4],
    "all but the biases": [choose("Net()", '"bias" in n'), 4],
  });
  it("is a warning where names are to leave normalizations out, and miss some", () => {
    const severity = (text: string): string[] => findingsOf(RULE, text).map((finding) => finding.severity);
    assert.deepEqual(severity(choose("Net()", '"bn" in n')), ["warning"]);
    assert.deepEqual(severity(choose("Net()", '"bias" in n')), ["information"]);
    assert.match(findingsOf(RULE, choose("Net()", '"bn" in n'))[0]?.verdict ?? "", /features\.1\.weight of model/);
  });
  silent(RULE, {
    "names that match every BN layer": choose("Named()", 'any(w in n for w in ["bn", "norms"])', NAMED),
    "numbers that match": choose("Net()", '"features.1" in n'),
    "a network of a library whose names are not known": choose("models.densenet121()", '"bn" in n'),
    "a condition on the parameter": choose("Net()", '"bn" in n or p.ndim == 1'),
    "words that are not known": choose("Net()", "any(word in n for word in words)", "words = load()\n"),
    "one network or another": choose(
      "nn.Sequential(nn.Conv2d(3, 8, 1), nn.BatchNorm2d(8)) if BIG else Named()",
      '"bn" in n',
      NAMED,
    ),
  });
  it("calls a network as the line does, not as the function that made it", () => {
    const made = python`
      def made():
          net = Net()
          return net
      student, teacher = made(), made()
      optimizer = optim.SGD(student.parameters(), lr=0.1, weight_decay=5e-4)
    `;
    const [finding] = findingsOf(RULE, made);
    assert.equal(finding?.verdict, "Weight decay also pulls the γ and β of the BN layers of student towards 0.");
  });
  silent(RULE, {
    "no decay": python`
      model = Net()
      optimizer = optim.Adam(model.parameters())
    `,
    "a rate that is set later": python`
      model = Net()
      optimizer = optim.SGD(model.parameters(), lr=0.1)
      for group in optimizer.param_groups:
          group["lr"] = 0.01
    `,
    "a decay that is set later for a head alone": python`
      model = Net()
      head = nn.Linear(3, 2)
      optimizer = optim.SGD([{"params": model.parameters()}, {"params": head.parameters()}], lr=0.1)
      optimizer.param_groups[1]["weight_decay"] = 1e-3
    `,
    "a decay of 0": python`
      model = Net()
      optimizer = optim.SGD(model.parameters(), lr=0.1, weight_decay=0)
    `,
    "some parameters": python`
        model = Net()
        optimizer = optim.SGD([p for n, p in model.named_parameters() if "features" not in n], lr=0.1, weight_decay=1e-4)
      `,
    "a group for each parameter, where BN has none": python`
      model = Net()
      groups = []
      for name, value in model.named_parameters():
          decay = 5e-4
          if "bias" in name or "bn" in name:
              decay = 0
          groups += [{"params": [value], "weight_decay": decay}]
      optimizer = optim.SGD(groups, lr=0.1)
    `,
    "a group for each parameter, where vectors have none": python`
      model = Net()
      groups = []
      for name, value in model.named_parameters():
          groups.append({"params": [value], "weight_decay": 0.0 if value.ndim < 2 else 1e-4})
      optimizer = optim.SGD(groups, lr=0.1)
    `,
    "lists that a loop sorts into": python`
      model = Net()
      some, others = [], []
      for name, value in model.named_parameters():
          (some if value.ndim > 1 else others).append(value)
      for value in model.parameters():
          if value.ndim == 1:
              others.append(value)
          else:
              some.append(value)
      optimizer = optim.SGD([{"params": some}, {"params": others, "weight_decay": 0}], lr=0.1, weight_decay=1e-4)
    `,
    "all parameters but those of BN": python`
      model = Net()
      norms = [id(p) for m in model.modules() if isinstance(m, nn.BatchNorm2d) for p in m.parameters()]
      rest = filter(lambda p: id(p) not in norms, model.parameters())
      optimizer = optim.SGD(rest, lr=0.1, weight_decay=1e-4)
    `,
    "all parameters but those of the part with BN": python`
      model = Net()
      known = list(map(id, model.features.parameters()))
      rest = [p for p in model.parameters() if id(p) not in known]
      optimizer = optim.SGD(rest, lr=0.1, weight_decay=1e-4)
    `,
    "parameters that a function picks": python`
      model = Net()
      optimizer = optim.SGD(filter(is_weight, model.parameters()), lr=0.1, weight_decay=1e-4)
    `,
    "groups of which none of BN decays": python`
      model = Net()
      head = nn.Linear(3, 2)
      optimizer = optim.SGD([
          {"params": model.parameters(), "weight_decay": 0},
          {"params": head.parameters()},
      ], lr=0.1, weight_decay=1e-4)
    `,
    "a BN layer without γ and β": python`
      model = nn.Sequential(nn.Linear(3, 8), nn.BatchNorm1d(8, affine=False))
      optimizer = optim.SGD(model.parameters(), lr=0.1, weight_decay=1e-4)
    `,
    "a network without BN": python`
      model = nn.Linear(3, 2)
      optimizer = optim.AdamW(model.parameters())
    `,
    "the children of a network that have no BN": python`
      head = nn.Sequential(*list(Net().children())[1:])
      optimizer = optim.AdamW(head.parameters())
    `,
    "the head alone": python`
      model = models.resnet18()
      optimizer = optim.AdamW(model.fc.parameters())
    `,
  });
});

/** Lists that a loop fills, then an optimizer with decay for one of them. */
const sorted = (model: string, loop: string, setup = ""): string =>
  `${setup}model = ${model}
decay, plain = [], []
for name, p in model.named_parameters():
${loop.replaceAll(/^/gm, "    ")}
optimizer = optim.SGD([{"params": decay, "weight_decay": 1e-4}, {"params": plain}], lr=0.1)
`;

describe("weight-decay-on-norm in lists that a loop fills", () => {
  const RULE = "weight-decay-on-norm";
  const lines = (loop: string): number => loop.split("\n").length + 4;
  const decayed: Readonly<Record<string, readonly [model: string, loop: string]>> = {
    "biases left out": ["Net()", 'if name.endswith("bias"):\n    plain.append(p)\nelse:\n    decay.append(p)'],
    "biases left out of a library's network": [
      "models.mobilenet_v2()",
      'if not p.requires_grad:\n    continue\nif name.endswith(".bias"):\n    plain.append(p)\nelse:\n    decay += [p]',
    ],
    "biases passed over": ["Net()", 'if "bias" in name:\n    plain.append(p)\n    continue\ndecay.append(p)'],
    "two conditions, one after the other": [
      "models.resnet18()",
      'if "bias" in name:\n    plain.append(p)\nelif "fc" in name:\n    plain.append(p)\nelse:\n    decay.append(p)',
    ],
    "those that get a gradient": ["Net()", 'if p.requires_grad and "bias" not in name:\n    decay.append(p)'],
    "names of BN layers that have numbers": [
      "Net()",
      'if "bn" in name:\n    plain.append(p)\nelse:\n    decay.append(p)',
    ],
  };
  fires(
    RULE,
    Object.fromEntries(
      Object.entries(decayed).map(([title, [model, loop]]) => [title, [sorted(model, loop), lines(loop)] as const]),
    ),
  );
  const quiet: Readonly<Record<string, readonly [model: string, loop: string]>> = {
    "vectors left out": [
      "Net()",
      'if name.endswith("bias") or p.ndim == 1:\n    plain.append(p)\nelse:\n    decay.append(p)',
    ],
    "vectors passed over": ["Net()", "if len(p.shape) == 1:\n    plain.append(p)\n    continue\ndecay.append(p)"],
    "vectors in a branch of their own": [
      "Net()",
      'if "bias" in name:\n    plain.append(p)\nelif p.dim() < 2:\n    plain.append(p)\nelse:\n    decay.append(p)',
    ],
    "biases that decay": ["Net()", 'if "bias" in name:\n    decay.append(p)\nelse:\n    plain.append(p)'],
    "a branch on something else": ["Net()", 'if "bias" not in name:\n    if wanted():\n        decay.append(p)'],
    "a loop that stops": ["Net()", 'if "bias" in name:\n    break\nelif p.ndim == 4:\n    pass\ndecay.append(p)'],
    "part of a library's network": ["models.mobilenet_v2()", 'if "features" not in name:\n    decay.append(p)'],
  };
  silent(RULE, Object.fromEntries(Object.entries(quiet).map(([title, [model, loop]]) => [title, sorted(model, loop)])));
});
