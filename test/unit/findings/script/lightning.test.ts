import { fires, silent } from "./helpers";

const module = (init: string, step: string, more = ""): string => `import lightning.pytorch as pl
class Probe(pl.LightningModule):
    def __init__(self):
        super().__init__()
        self.body = models.resnet18(weights="DEFAULT")
        self.head = nn.Linear(1000, 10)
${init}    def forward(self, x):
        return self.head(self.body(x))
    def training_step(self, batch, index):
${step}    def configure_optimizers(self):
        return optim.Adam(self.head.parameters())
${more}`;
const STEP = "        x, y = batch\n        return F.cross_entropy(self(x), y)\n";
const FROZEN = "        for p in self.body.parameters():\n            p.requires_grad = False\n";

describe("Lightning modules", () => {
  fires("frozen-but-updating", {
    "a backbone without gradients in train mode": [module(FROZEN, STEP), 8],
    "requires_grad_(False)": [module("        self.body.requires_grad_(False)\n", STEP), 7],
    "one that a Trainer of the file trains": [module(FROZEN, STEP, "model = Probe()\npl.Trainer().fit(model)\n"), 8],
  });
  silent("frozen-but-updating", {
    "a backbone that a hook sets to eval mode": module(
      FROZEN,
      `${STEP}    def on_train_epoch_start(self):\n        self.body.eval()\n`,
    ),
    "an overridden train()": module(
      FROZEN,
      `${STEP}    def train(self, mode=True):\n        super().train(mode)\n        self.body.eval()\n        ` +
        `return self\n`,
    ),
    "a backbone that is trained": module("", STEP),
    "a backbone in eval mode in the step": module(FROZEN, `        self.body.eval()\n${STEP}`),
  });

  const trainer = (args: string): string => module("", STEP, `pl.Trainer(${args}).fit(Probe())\n`);
  fires("ddp-without-syncbn", { 'strategy="ddp"': [trainer('devices=4, strategy="ddp"'), 14] });
  silent("ddp-without-syncbn", {
    sync_batchnorm: trainer('strategy="ddp", sync_batchnorm=True'),
    "one device": trainer("devices=1"),
    "a module without BN": trainer('strategy="ddp"').replace(
      'models.resnet18(weights="DEFAULT")',
      "nn.Linear(9, 1000)",
    ),
  });
  fires("grad-accumulation-with-bn", { accumulate_grad_batches: [trainer("accumulate_grad_batches=8"), 14] });
  silent("grad-accumulation-with-bn", { "one batch a step": trainer("accumulate_grad_batches=1") });

  const two = (a: string, b: string): string =>
    module("", `        one, two = self(batch["${a}"]), self(batch["${b}"])\n        return (one - two).mean()\n`);
  fires("norm-shared", { "two kinds of batches in a fixed order": [two("chosen", "rejected"), 10] });
  silent("norm-shared", { "two views": two("view1", "view2") });
});

describe("one-norm-for-two-inputs", () => {
  const RULE = "one-norm-for-two-inputs";
  const DATA = `def scans(n, machine="A", seed=0):
    return torch.randn(n, 3, 8, 8), torch.zeros(n).long()
`;
  const loop = (data: string, head: string, one: string, two: string): string => `${DATA}${data}model = Net()
optimizer = optim.SGD(model.parameters(), lr=0.1)
for epoch in range(9):
    ${head}
        loss = F.cross_entropy(model(${one}), y) + model(${two}).mean()
        loss.backward()
        optimizer.step()
`;
  const TWO = 'old, new = scans(100), scans(100, machine="B")\n';
  const LOADERS =
    "a = DataLoader(torch.utils.data.TensorDataset(*scans(100)), batch_size=9)\n" +
    'b = DataLoader(torch.utils.data.TensorDataset(*scans(100, "B")), batch_size=9)\n';
  fires(RULE, {
    "data of two machines in turn": [loop(TWO, "for k in range(9):", "old[0][k:k + 8]", "new[0][k:k + 8]"), 8],
    "two loaders": [loop(LOADERS, "for (x, y), (z, _) in zip(a, b):", "x", "z"), 9],
  });
  silent(RULE, {
    "two batches of one kind": loop(
      "old, new = scans(100), scans(100, seed=3)\n",
      "for k in range(9):",
      "old[0]",
      "new[0]",
    ),
    "a pass that says which kind it is": loop(TWO, "for k in range(9):", "old[0]", "new[0], True"),
    "data whose origin is not known": loop("", "for (x, y), (z, _) in zip(a, b):", "x", "z"),
    "one batch of both": `${DATA}${TWO}model = Net()
for k in range(9):
    model(torch.cat([old[0], new[0]])).mean().backward()
`,
  });
});
