import { STEPS, fires, silent } from "./helpers";
import { python } from "../../support/python";

const SETUP = python`
  model = Net()
  optimizer = optim.SGD(model.parameters(), lr=0.1)
`;

describe("grad-accumulation-with-bn", () => {
  const RULE = "grad-accumulation-with-bn";
  const loop = (step: string, setup = SETUP): string => `${setup}for epoch in range(9):
    for i, (x, y) in enumerate(train_loader):
        loss = criterion(model(x), y) / 4
        loss.backward()
${step}`;
  const EVERY_4 = "        if (i + 1) % 4 == 0:\n            optimizer.step()\n            optimizer.zero_grad()\n";
  fires(RULE, {
    "a step every four batches": [loop(EVERY_4), 6],
    "a backward pass with mixed precision, or without": [
      `scaler = torch.cuda.amp.GradScaler()\n${loop(EVERY_4)}`.replace(
        "        loss.backward()\n",
        "        if AMP:\n            scaler.scale(loss).backward()\n        else:\n            loss.backward()\n",
      ),
      8,
      10,
    ],
    "rounds that go on before the step": [
      loop(
        "        if (i + 1) % 4 != 0:\n            continue\n        optimizer.step()\n        optimizer.zero_grad()\n",
      ),
      6,
    ],
    "a number of the command line": [
      python`
        import argparse
        p = argparse.ArgumentParser()
        p.add_argument("--accum", type=int, default=8)
        args = p.parse_args()
        ${loop(EVERY_4.replace("% 4", "% args.accum"))}`,
      10,
    ],
    "an accelerator that accumulates": [
      `from accelerate import Accelerator
accelerator = Accelerator(gradient_accumulation_steps=4)
${SETUP}model, optimizer, train_loader = accelerator.prepare(model, optimizer, train_loader)
for x, y in train_loader:
    with accelerator.accumulate(model):
        accelerator.backward(criterion(model(x), y))
        optimizer.step()
`,
      8,
    ],
    "an inner loop over micro batches": [
      python`
        ${SETUP}it = iter(train_loader)
        for step in range(100):
            optimizer.zero_grad()
            for micro in range(4):
                x, y = next(it)
                (criterion(model(x), y) / 4).backward()
            optimizer.step()
      `,
      8,
    ],
  });
  silent(RULE, {
    "a step per batch": loop("        optimizer.step()\n        if i % 100 == 0:\n            print(loss)\n"),
    "an accumulation of one by default": python`
      import argparse
      p = argparse.ArgumentParser()
      p.add_argument("--accum", type=int, default=1)
      args = p.parse_args()
      ${loop(EVERY_4.replace("% 4", "% args.accum"))}`,
    "a network without BN": loop(EVERY_4, SETUP.replace("Net()", "nn.Linear(3, 2)")),
    "BN in eval mode": loop(EVERY_4, `${SETUP}model.eval()\n`),
    "a generator that is trained every five batches": `G, D = Net(), Net()
og, od = optim.Adam(G.parameters()), optim.Adam(D.parameters())
for i, (x, _) in enumerate(train_loader):
    od.zero_grad()
    (D(G(x)).mean() - D(x).mean()).backward()
    od.step()
    if i % 5 == 0:
        og.zero_grad()
        (-D(G(x)).mean()).backward()
        og.step()
`,
    "two networks that are trained in turn": `G, D = Net(), nn.Linear(10, 1)
og, od = optim.Adam(G.parameters()), optim.Adam(D.parameters())
for i, (x, _) in enumerate(train_loader):
    y = G(x)
    if i % 6 < 1:
        og.zero_grad()
        (-D(y).mean()).backward()
        og.step()
    elif i % 6 < 6:
        od.zero_grad()
        D(y).mean().backward()
        od.step()
`,
    "a scheduler every some steps": loop(
      "        optimizer.step()\n        if i % 10 == 0:\n            scheduler.step()\n",
      `${SETUP}scheduler = optim.lr_scheduler.StepLR(optimizer, 3)\n`,
    ),
  });
});

describe("real-fake-concatenated", () => {
  const RULE = "real-fake-concatenated";
  const gan = (body: string, d = "Net()"): string => `G, D = Net(), ${d}
opt = optim.Adam(D.parameters())
for x, _ in train_loader:
    fake = G(torch.randn(64, 3, 4, 4)).detach()
${body}    opt.step()
`;
  fires(RULE, {
    "a network that joins them in its own forward": [
      `class Both(nn.Module):
    def __init__(self):
        super().__init__()
        self.G, self.D = Net(), Net()
    def forward(self, z, real):
        fake = self.G(z)
        return self.D(torch.cat([real, fake.detach()]))
both = Both()
opt = optim.Adam(both.D.parameters())
for x, _ in train_loader:
    loss = both(torch.randn(64, 3, 8, 8), x).mean()
    loss.backward()
    opt.step()
`,
      7,
    ],
    "one batch of both": [gan("    D(torch.cat([x, fake])).mean().backward()\n"), 5],
    "one batch of both with a name": [
      gan("    both = torch.cat((x, fake), dim=0)\n    criterion(D(both), x).backward()\n"),
      6,
    ],
    "a batch made in a function": [
      python`
        def d_loss(disc, real, generated):
            return disc(torch.cat([real, generated], 0)).mean()
        ${gan("    d_loss(D, x, fake).backward()\n")}`,
      2,
    ],
  });
  silent(RULE, {
    "separate passes": gan("    (D(x).mean() - D(fake).mean()).backward()\n"),
    "pairs along the channels": gan("    D(torch.cat([x, fake], 1)).mean().backward()\n"),
    "a discriminator without BN": gan("    D(torch.cat([x, fake])).mean().backward()\n", "nn.Linear(3, 1)"),
    "two crops of the real data":
      `D = Net()\nopt = optim.Adam(D.parameters())\nfor (a, b), _ in train_loader:\n    D(torch.cat([a, ` +
      `b])).mean().backward()\n    opt.step()\n`,
    "answers joined after separate passes": gan("    torch.cat([D(x), D(fake)]).mean().backward()\n"),
  });
});

describe("single-sample-last-batch", () => {
  const RULE = "single-sample-last-batch";
  const train = (
    loader: string,
    net = "nn.Sequential(nn.Linear(8, 16), nn.BatchNorm1d(16), nn.ReLU())",
  ): string => `from torch.utils.data import TensorDataset, random_split, Subset
${loader}
model = ${net}
optimizer = optim.SGD(model.parameters(), lr=0.1)
for epoch in range(3):
    for x, y in loader:
        criterion(model(x), y).backward()
        optimizer.step()
`;
  fires(RULE, {
    "tensors of 1,025 rows in batches of 64": [
      train("loader = DataLoader(TensorDataset(torch.randn(1025, 8), torch.zeros(1025)), batch_size=64, shuffle=True)"),
      2,
    ],
    "a split whose remainder is one": [
      train(
        'data = datasets.MNIST("d", train=True)\na, b = random_split(data, [50001, 9999])\nloader = DataLoader(a, 100)',
      ),
      4,
    ],
    "a subset, with a batch size of the command line": [
      train(
        python`
          import argparse
          p = argparse.ArgumentParser()
          p.add_argument("--bs", default=32, type=int)
          args = p.parse_args()
          loader = DataLoader(Subset(datasets.MNIST("d"), range(321)), batch_size=args.bs)`,
      ),
      6,
    ],
  });
  silent(RULE, {
    drop_last: train("loader = DataLoader(TensorDataset(torch.randn(1025, 8)), batch_size=64, drop_last=True)"),
    "another remainder": train("loader = DataLoader(TensorDataset(torch.randn(1026, 8)), batch_size=64)"),
    "BN over positions": train('loader = DataLoader(Subset(datasets.MNIST("d"), range(321)), batch_size=32)', "Net()"),
    "a loader that only evaluates":
      `${train("loader = DataLoader(TensorDataset(torch.randn(1024, 8)), batch_size=64)")}test = ` +
      `DataLoader(TensorDataset(torch.randn(1025, 8)), batch_size=64)\nmodel.eval()\nfor x, y in test:\n    model(x)\n`,
    "a size that is not known": train("loader = DataLoader(TensorDataset(torch.load('x.pt')), batch_size=64)"),
  });
});

describe("ddp-without-syncbn", () => {
  const RULE = "ddp-without-syncbn";
  const wrap = (
    before: string,
    net = "models.resnet50()",
  ): string => `from torch.nn.parallel import DistributedDataParallel as DDP
def worker(rank):
    model = ${net}.cuda(rank)
${before}    model = DDP(model, device_ids=[rank])
    optimizer = optim.SGD(model.parameters(), lr=0.1)
${STEPS}torch.multiprocessing.spawn(worker, nprocs=4)
`;
  fires(RULE, {
    "a wrapped network": [wrap(""), 4],
    "a wrapped network of the file": [wrap("", "Net()"), 4],
    "the full path": [`model = nn.parallel.DistributedDataParallel(Net())\n`, 1],
  });
  silent(RULE, {
    "a script that only evaluates": python`
      model = nn.parallel.DistributedDataParallel(Net())
      model.eval()
      for x, y in val_loader:
          print(model(x))
    `,
    SyncBN: wrap("    model = nn.SyncBatchNorm.convert_sync_batchnorm(model)\n"),
    "SyncBN on demand": wrap("    if rank > 1:\n        model = nn.SyncBatchNorm.convert_sync_batchnorm(model)\n"),
    "SyncBN unless an option was changed": `def main(args, rank):
    if args.one_gpu:
        args.sync_bn = False
    model = models.resnet50()
    if args.sync_bn:
        model = nn.SyncBatchNorm.convert_sync_batchnorm(model)
    model = nn.parallel.DistributedDataParallel(model)
`,
    "a network without BN": wrap("", "models.vit_b_16()"),
    DataParallel: "model = nn.DataParallel(Net())\n",
  });
});

describe("checkpointing-updates-twice", () => {
  const RULE = "checkpointing-updates-twice";
  const net = (
    forward: string,
    init = "",
  ): string => `from torch.utils.checkpoint import checkpoint, checkpoint_sequential
class Deep(nn.Module):
    def __init__(self, save_memory=False):
        super().__init__()
        self.block = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU())
        self.head = nn.Linear(8, 2)
        self.save_memory = save_memory
${init}    def part(self, x):
        return self.block(x)
    def forward(self, x):
${forward}`;
  fires(RULE, {
    "blocks that are Sequentials of their own": [
      `from torch.utils.checkpoint import checkpoint
class Unit(nn.Sequential):
    def __init__(self, width):
        super().__init__(nn.Conv2d(width, width, 3), nn.BatchNorm2d(width))
class Deep(nn.Module):
    def __init__(self):
        super().__init__()
        self.units = nn.ModuleList(Unit(3) for _ in range(4))
    def forward(self, x):
        for unit in self.units:
            x = checkpoint(unit, x, use_reentrant=False)
        return x
model = Deep()
model(torch.rand(8, 3, 32, 32)).sum().backward()
`,
      11,
    ],
    "a checkpointed block": [net("        return self.head(checkpoint(self.block, x))\n"), 11],
    "a checkpointed method while training": [
      net(
        "        if self.training:\n            x = checkpoint(self.part, x)\n        else:\n            x " +
          "= self.part(x)\n        return self.head(x)\n",
      ),
      12,
    ],
    "a checkpointed sequence": [net("        return self.head(checkpoint_sequential(self.block, 2, x))\n"), 11],
    "a closure": [
      net(
        "        def run(t):\n            return self.block(t)\n        return checkpoint(run, x, " +
          "use_reentrant=False)\n",
      ),
      13,
    ],
  });
  silent(RULE, {
    "a context of its own for the second pass": net(
      "        return checkpoint(self.block, x, use_reentrant=False, context_fn=untouched)\n",
    ),
    "a checkpointed part without BN": net("        return checkpoint(self.head, self.block(x))\n"),
    "an option that is off": net(
      "        if self.save_memory:\n            return checkpoint(self.block, x)\n        return self.block(x)\n",
    ),
    LayerNorm: net("        return checkpoint(self.block, x)\n").replace("nn.BatchNorm2d(8)", "nn.GroupNorm(2, 8)"),
    "another checkpoint": python`
      def checkpoint(fn, x):
          return fn(x)
      model = Net()
      checkpoint(model, torch.zeros(1, 3, 8, 8))
      model.eval()
    `,
  });
});
