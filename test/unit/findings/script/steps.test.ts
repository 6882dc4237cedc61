/** What a training step does with its batch, its processes and its answers. */
import { STEPS, fires, silent } from "./helpers";

const TRAINED = "model = Net()\noptimizer = optim.SGD(model.parameters(), lr=0.1)\n";
const guarded = (before: string, after: string): string => `${TRAINED}for epoch in range(9):
    for x, y in train_loader:
${before}        loss = criterion(model(x), y)
${after}        optimizer.step()
`;

describe("nan-in-running-stats", () => {
  const RULE = "nan-in-running-stats";
  fires(RULE, {
    "a loss that is not finite and skipped": [
      guarded("", "        if not torch.isfinite(loss):\n            continue\n        loss.backward()\n"),
      6,
    ],
    "a method, and a count": [
      guarded(
        "        n = 0\n",
        "        if loss.isnan().any():\n            n += 1\n            continue\n        loss.backward()\n",
      ),
      7,
    ],
    "a number": [
      guarded("", "        if math.isnan(loss.item()):\n            continue\n        loss.backward()\n"),
      6,
    ],
    "a step under the test": [guarded("", "        if torch.isfinite(loss):\n            loss.backward()\n"), 6],
  });
  silent(RULE, {
    "a round of another loop": guarded(
      "",
      "        for _ in range(9):\n            if torch.isnan(loss):\n                continue\n            refine(loss)\n        loss.backward()\n",
    ),
    "inputs that are looked at": guarded(
      "        if not torch.isfinite(x).all():\n            continue\n",
      "        loss.backward()\n",
    ),
    "a training that stops": guarded(
      "",
      "        if not torch.isfinite(loss):\n            raise ValueError\n        loss.backward()\n",
    ),
    "a network without BN": guarded(
      "",
      "        if torch.isnan(loss):\n            continue\n        loss.backward()\n",
    ).replace("Net()", "nn.Linear(3, 2)"),
  });
});

describe("correlated-batches", () => {
  const RULE = "correlated-batches";
  const DATA = `class Sounds(torch.utils.data.Dataset):
    def __init__(self, each):
        self.y = torch.arange(4).repeat_interleave(each)
        self.x = torch.randn(4 * each, 8)
    def __len__(self):
        return len(self.y)
    def __getitem__(self, i):
        return self.x[i], self.y[i]
`;
  const loop = (loader: string): string => `${TRAINED}train_loader = ${loader}\nfor epoch in range(9):\n${STEPS}`;
  const PAIRS = "torch.utils.data.TensorDataset(x, y)";
  fires(RULE, {
    "labels that a data set repeats": [DATA + loop("DataLoader(Sounds(100), batch_size=50)"), 11],
    "a folder of classes": [loop('DataLoader(datasets.ImageFolder("photos"), batch_size=32, num_workers=4)'), 3],
    "shuffle=False": [loop('DataLoader(datasets.ImageFolder("photos"), 32, shuffle=False)'), 3],
    "zeros, then ones": [
      `x = torch.randn(200, 3, 8, 8)\ny = torch.cat([torch.zeros(100), ` +
        `torch.ones(100)])\n${loop(`DataLoader(${PAIRS}, 20)`)}`,
      5,
    ],
  });
  silent(RULE, {
    "shuffled classes": DATA + loop("DataLoader(Sounds(100), batch_size=50, shuffle=True)"),
    "a folder whose files the script lists anew": loop("DataLoader(data, 32)").replace(
      "train_loader",
      'data = datasets.ImageFolder("photos")\ndata.imgs = mixed\ntrain_loader',
    ),
    "batches that another loader completes": `${TRAINED}known = DataLoader(data, 32, shuffle=True)
other = DataLoader(datasets.ImageFolder("photos"), 32)
for epoch in range(9):
    for (x, y), (u, _) in zip(known, other):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(torch.cat([x, u]))[:32], y)
        loss.backward()
        optimizer.step()
`,
    "a sampler": loop('DataLoader(datasets.ImageFolder("photos"), 32, sampler=pick)'),
    "labels in any order":
      `x, y = torch.randn(200, 8), torch.randint(0, 4, ` + `(200,))\n${loop(`DataLoader(${PAIRS}, 20)`)}`,
    "labels that are mixed":
      "x, y = torch.randn(200, 8), torch.arange(4).repeat_interleave(50)[torch.randperm(200)]\n" +
      loop(`DataLoader(${PAIRS}, 20)`),
    "zeros as labels of a trial run":
      `x, y = torch.randn(200, 8), ` + `torch.zeros(200)\n${loop(`DataLoader(${PAIRS}, 20)`)}`,
    "validation data": `${TRAINED}val_loader = DataLoader(datasets.ImageFolder("photos"), 32)\nfor epoch in range(9):
    model.train()
${STEPS}    model.eval()
    with torch.no_grad():
        print(sum((model(x).argmax(1) == y).sum() for x, y in val_loader))
`,
  });
});

describe("ranks-apart", () => {
  const RULE = "ranks-apart";
  const LOOP = `optimizer = optim.SGD(model.parameters(), lr=0.1)\nfor epoch in range(9):\n${STEPS}`;
  fires(RULE, {
    "buffers that are not sent": [
      `from torch.nn.parallel import DistributedDataParallel as DDP\nmodel = DDP(Net(), ` +
        `broadcast_buffers=False)\n${LOOP}`,
      2,
    ],
  });
  silent(RULE, {
    "buffers that are sent": `model = nn.parallel.DistributedDataParallel(Net())\n${LOOP}`,
    SyncBatchNorm:
      "model = nn.SyncBatchNorm.convert_sync_batchnorm(Net())\n" +
      `model = nn.parallel.DistributedDataParallel(model, broadcast_buffers=False)\n${LOOP}`,
    "buffers that the script averages":
      `model = nn.parallel.DistributedDataParallel(Net(), broadcast_buffers=False)\n${LOOP}` +
      "    for b in model.buffers():\n        torch.distributed.all_reduce(b)\n",
  });
});

describe("export-in-train-mode", () => {
  const RULE = "export-in-train-mode";
  fires(RULE, {
    "a trace without eval()": [
      'model = Net()\nmodel.load_state_dict(torch.load("m.pt"))\ntorch.jit.trace(model, x).save("t.pt")\n',
      3,
    ],
    "an ONNX file for training": [
      'model = Net()\ntorch.onnx.export(model, x, "m.onnx", training=torch.onnx.TrainingMode.TRAINING)\n',
      2,
    ],
  });
  silent(RULE, {
    "eval() before": "model = Net()\nmodel.eval()\ntorch.jit.trace(model, x)\n",
    "an ONNX file, for which PyTorch sets eval mode": 'model = Net()\ntorch.onnx.export(model, x, "m.onnx")\n',
    "a mode that is not known": "def save(model):\n    torch.jit.trace(model, x)\n",
  });
});

describe("single-value-per-channel", () => {
  const RULE = "single-value-per-channel";
  const ACTOR = `class Actor(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(8, 16, bias=False), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, 2))
    def forward(self, s):
        return self.net(s)
actor = Actor()
`;
  fires(RULE, {
    "an agent that acts in train mode": [
      `${ACTOR}def act(state):\n    with torch.no_grad():\n        return ` +
        `actor(torch.from_numpy(state).float().unsqueeze(0))\nact(env.reset())\n`,
      10,
    ],
    "a sample with a new axis": [`${ACTOR}print(actor(torch.rand(8)[None]))\n`, 8],
    "a list of one": [`${ACTOR}print(actor(torch.tensor([state])))\n`, 8],
  });
  silent(RULE, {
    "an agent in eval mode": `${ACTOR}actor.eval()\nprint(actor(torch.rand(8).unsqueeze(0)))\n`,
    "several samples": `${ACTOR}print(actor(torch.rand(4, 8)))\n`,
    "an image, which has many values per channel": "model = Net()\nprint(model(torch.rand(1, 3, 8, 8)))\n",
  });
});
