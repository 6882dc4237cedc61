/** A file for each rule, with one mistake that the rule finds. */
import type { SourceRuleId } from "../../../engine/findings/rules";
import { IMPORTS, net } from "./helpers";
import { PRELUDE, STEPS } from "./script/helpers";

const model = (init: string, forward: string): string => IMPORTS + net(init, forward);
const FORWARD = "return self.conv2(self.bn(self.conv(x)))";
const LAYERS = (norm: string): string =>
  `self.conv = nn.Conv2d(3, 8, 3, bias=False)\nself.bn = ${norm}\nself.conv2 = nn.Conv2d(8, 2, 1)`;
const script = (text: string): string => PRELUDE + text;
const TRAINED = "model = Net()\noptimizer = optim.SGD(model.parameters(), lr=0.1)\n";
const MEASURED =
  "    with torch.no_grad():\n        acc = sum((model(x).argmax(1) == y).sum() for x, y in val_loader)\n";
const BASE = "base = keras.applications.ResNet50(include_top=False, pooling='avg')\nbase.trainable = False\n";

export const findingSamples: Readonly<Record<SourceRuleId, string>> = {
  "eps-looks-like-momentum": model(LAYERS("nn.BatchNorm2d(8, 0.8)"), FORWARD),
  "momentum-inverted": model(LAYERS("nn.BatchNorm2d(8, momentum=0.99)"), FORWARD),
  "bias-before-norm": `${IMPORTS}model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU())\n`,
  "dropout-before-norm": model(
    `${LAYERS("nn.BatchNorm2d(8)")}\nself.drop = nn.Dropout(0.3)`,
    "return self.conv2(self.bn(self.conv(self.drop(F.relu(x)))))",
  ),
  "norm-unused": model(`${LAYERS("nn.BatchNorm2d(8)")}\nself.spare = nn.BatchNorm2d(4)`, FORWARD),
  "norm-shared": model(LAYERS("nn.BatchNorm2d(8)"), "return self.conv2(self.bn(torch.relu(self.bn(self.conv(x)))))"),
  "norm-on-output": model(
    "self.fc = nn.Linear(4, 2, bias=False)\nself.bn = nn.BatchNorm1d(2)",
    "return self.bn(self.fc(x))",
  ),
  "no-track-running-stats": model(LAYERS("nn.BatchNorm2d(8, track_running_stats=False)"), FORWARD),
  "single-value-per-channel": model(
    `${LAYERS("nn.BatchNorm2d(8)")}\nself.pool = nn.AdaptiveAvgPool2d(1)`,
    "return self.conv2(self.bn(self.pool(self.conv(x))))",
  ),
  "contract-broken": model(
    LAYERS("nn.BatchNorm2d(8)  # normlens: domain=source"),
    "return self.conv2(self.bn(self.conv(x)) + self.bn(self.conv(x + 1)))",
  ),
  "axis-mismatch":
    "from tensorflow import keras\nmodel = keras.Sequential([keras.Input((32, 32, 3)), " +
    "keras.layers.Conv2D(8, 3, use_bias=False), keras.layers.BatchNormalization(axis=1)])\n",
  "keras-frozen-bn":
    `from tensorflow import keras\n${BASE}model = keras.Sequential([base, keras.layers.Dense(2)])\n` +
    `model.compile()\nmodel.fit(data)\nbase.trainable = True\nmodel.compile()\nmodel.fit(data)\n`,
  "held-but-updating":
    "import keras\nfrom keras import layers\nbase = keras.Sequential([layers.Dense(8, use_bias=False), " +
    "layers.BatchNormalization()])\n" +
    "i = keras.Input((4,))\nmodel = keras.Model(i, layers.Dense(2)(base(i, " +
    "training=False)))\nmodel.compile()\nmodel.fit(data)\n",
  "keras-call-without-training":
    "import keras\nimport tensorflow as tf\nmodel = keras.Sequential([keras.layers.BatchNormalization(), " +
    "keras.layers.Dense(2)])\n" +
    "with tf.GradientTape() as tape:\n    loss = f(model(x))\nopt.apply_gradients(zip(g, model.trainable_variables))\n",
  "norm-not-registered": model("self.conv = nn.Conv2d(3, 8, 3, bias=False)", "return nn.BatchNorm2d(8)(self.conv(x))"),
  "gamma-starts-at-zero":
    IMPORTS +
    "def init(m):\n    if isinstance(m, nn.BatchNorm2d):\n        nn.init.zeros_(m.weight)\nrelu = nn.ReLU()\n",
  "padding-in-statistics": model(
    "self.conv = nn.Conv1d(3, 8, 3, bias=False)\nself.bn = nn.BatchNorm1d(8)",
    "mask = x.sum(1) != 0\nreturn self.bn(self.conv(x)).masked_fill(mask, 0)",
  ).replace("forward(self, x)", "forward(self, x, mask)"),
  "missing-eval": script(`${TRAINED}for epoch in range(9):\n${STEPS}${MEASURED}`),
  "missing-train-after-eval": script(
    `${TRAINED}model.train()\nfor epoch in range(9):\n${STEPS}    model.eval()\n${MEASURED}`,
  ),
  "frozen-but-updating": script(`class Tuned(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = models.resnet50(pretrained=True)
        self.head = nn.Linear(1000, 10)
        for m in self.body.modules():
            if isinstance(m, nn.BatchNorm2d):
                m.eval()
    def forward(self, x):
        return self.head(self.body(x))
model = Tuned()
optimizer = optim.SGD(model.parameters(), lr=0.1)
for epoch in range(9):
    model.train()
${STEPS}`),
  "swa-without-update-bn": script(`from torch.optim.swa_utils import AveragedModel
${TRAINED}swa = AveragedModel(model)
for epoch in range(9):
    model.train()
${STEPS}    swa.update_parameters(model)
swa.eval()
for x, y in val_loader:
    print(swa(x))
`),
  "buffers-not-restored": script('model = Net()\ntorch.save(dict(model.named_parameters()), "model.pt")\n'),
  "low-precision-statistics": script(
    `model = Net().to(torch.bfloat16)\noptimizer = optim.SGD(model.parameters(), lr=0.1)\nfor epoch in ` +
      `range(9):\n${STEPS}`,
  ),
  "nan-in-running-stats": script(`${TRAINED}for epoch in range(9):
    for x, y in train_loader:
        loss = criterion(model(x), y)
        if not torch.isfinite(loss):
            continue
        loss.backward()
        optimizer.step()
`),
  "correlated-batches": script(`${TRAINED}train_loader = DataLoader(datasets.ImageFolder("photos"), batch_size=32)
for epoch in range(9):
${STEPS}`),
  "ranks-apart": script(`model = nn.parallel.DistributedDataParallel(Net(), broadcast_buffers=False)
optimizer = optim.SGD(model.parameters(), lr=0.1)
for epoch in range(9):
${STEPS}`),
  "statistics-behind": script(`model = nn.Sequential(nn.Linear(8, 8), nn.BatchNorm1d(8, momentum=0.003))
optimizer = optim.SGD(model.parameters(), lr=0.1)
for n in (9000, 90):
    model.train()
    for k in torch.randperm(n).split(9):
        model(torch.randn(9, 8)).mean().backward()
        optimizer.step()
    model.eval()
    print(model(torch.randn(9, 8)))
`),
  "statistics-too-young": script(`model = nn.Sequential(nn.Linear(8, 8), nn.BatchNorm1d(8))
optimizer = optim.SGD(model.parameters(), lr=0.1)
for step in range(20):
    model(torch.randn(9, 8)).mean().backward()
    optimizer.step()
model.eval()
print(model(torch.randn(9, 8)))
`),
  "one-norm-for-two-inputs": script(`def scans(n, night):
    return torch.randn(n, 3, 8, 8)
day, dark = scans(64, False), scans(64, True)
${TRAINED}for epoch in range(9):
    loss = model(day).mean() + model(dark).mean()
    loss.backward()
    optimizer.step()
`),
  "export-in-train-mode": script("model = Net()\ntraced = torch.jit.trace(model, torch.rand(1, 3, 8, 8))\n"),
  "few-samples-per-channel": script(`model = Net()
optimizer = optim.SGD(model.parameters(), lr=0.1)
for x, y in DataLoader(datasets.CIFAR10("data", train=True), batch_size=1, shuffle=True):
    criterion(model(x), y).backward()
    optimizer.step()
`),
  "checkpointing-updates-twice": script(`from torch.utils.checkpoint import checkpoint
class Deep(nn.Module):
    def __init__(self):
        super().__init__()
        self.block = nn.Sequential(nn.Conv2d(3, 8, 3, bias=False), nn.BatchNorm2d(8), nn.ReLU())
    def forward(self, x):
        return checkpoint(self.block, x)
model = Deep()
optimizer = optim.SGD(model.parameters(), lr=0.1)
for epoch in range(9):
${STEPS}`),
  "ddp-without-syncbn": script(`model = nn.parallel.DistributedDataParallel(Net())
optimizer = optim.SGD(model.parameters(), lr=0.1)
for epoch in range(9):
${STEPS}`),
  "grad-accumulation-with-bn": script(`${TRAINED}for epoch in range(9):
    for i, (x, y) in enumerate(train_loader):
        loss = criterion(model(x), y) / 4
        loss.backward()
        if (i + 1) % 4 == 0:
            optimizer.step()
            optimizer.zero_grad()
`),
  "gradient-penalty-with-bn": script(`critic = Net()
opt = optim.Adam(critic.parameters())
for x, _ in train_loader:
    x.requires_grad_(True)
    scores = critic(x)
    slope, = torch.autograd.grad(scores.sum(), x, create_graph=True)
    (slope.square().sum() - scores.mean()).backward()
    opt.step()
`),
  "real-fake-concatenated": script(`G, D = Net(), Net()
opt = optim.Adam(D.parameters())
for x, _ in train_loader:
    fake = G(torch.randn(64, 3, 4, 4)).detach()
    D(torch.cat([x, fake])).mean().backward()
    opt.step()
`),
  "weight-decay-on-norm": script(
    "model = Net()\noptimizer = optim.SGD(model.parameters(), lr=0.1, weight_decay=5e-4)\n",
  ),
  "single-sample-last-batch": script(`from torch.utils.data import TensorDataset
loader = DataLoader(TensorDataset(torch.randn(1025, 8), torch.zeros(1025)), batch_size=64, shuffle=True)
model = nn.Sequential(nn.Linear(8, 16, bias=False), nn.BatchNorm1d(16), nn.ReLU())
optimizer = optim.SGD(model.parameters(), lr=0.1)
for epoch in range(3):
    for x, y in loader:
        criterion(model(x), y).backward()
        optimizer.step()
`),
  "teacher-in-train-mode": script(`student = Net()
teacher = copy.deepcopy(student)
optimizer = optim.SGD(student.parameters(), lr=0.1)
for epoch in range(9):
    student.train()
    for x, y in train_loader:
        with torch.no_grad():
            soft = teacher(x)
        loss = F.kl_div(student(x), soft)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        for p, q in zip(teacher.parameters(), student.parameters()):
            p.data.mul_(0.99).add_(q.data, alpha=0.01)
`),
};
