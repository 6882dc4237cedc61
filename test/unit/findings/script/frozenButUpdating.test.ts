import { STEPS, fires, silent } from "./helpers";

const RULE = "frozen-but-updating";
const LOOP = `optimizer = optim.SGD(model.parameters(), lr=0.1)
for epoch in range(9):
    model.train()
${STEPS}`;

describe("frozen-but-updating", () => {
  fires(RULE, {
    "eval() on the BN layers in a constructor, undone by train()": [
      `class Tuned(nn.Module):
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
${LOOP}`,
      8,
    ],
    "a freeze() that is called once": [
      `class Tuned(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = models.resnet50(pretrained=True)
        self.head = nn.Linear(1000, 10)
    def freeze_body(self):
        self.body.eval()
        for p in self.body.parameters():
            p.requires_grad = False
    def forward(self, x):
        return self.head(self.body(x))
model = Tuned()
model.freeze_body()
${LOOP}`,
      7,
    ],
    "apply(set_bn_eval) before the loop": [
      `def set_bn_eval(m):
    if m.__class__.__name__.find("BatchNorm") != -1:
        m.eval()
model = Net()
model.apply(set_bn_eval)
${LOOP}`,
      3,
    ],
    "BN layers by the name of their class, kept in a variable": [
      `class Tuned(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = models.resnet50(pretrained=True)
        self.head = nn.Linear(1000, 10)
        self.apply(freeze_bn)
    def forward(self, x):
        return self.head(self.body(x))
def freeze_bn(m):
    kind = m.__class__.__name__
    if "BatchNorm" in kind:
        m.eval()
model = Tuned()
${LOOP}`,
      12,
    ],
    "BN layers by the name of their type, in a loop": [
      `model = models.resnet18(pretrained=True)
def freeze_norms():
    for layer in model.modules():
        kind = type(layer).__name__
        if kind.startswith("BatchNorm"):
            layer.eval()
freeze_norms()
${LOOP}`,
      6,
    ],
    "a pretrained backbone without gradients in train mode": [
      `model = models.resnet18(pretrained=True)
for param in model.parameters():
    param.requires_grad = False
model.fc = nn.Linear(512, 10)
${LOOP.replace("model.parameters()", "model.fc.parameters()")}`,
      3,
    ],
    "all but the head, by the names of the parameters": [
      `model = models.resnet34(pretrained=True)
for name, p in model.named_parameters():
    if not name.startswith("fc."):
        p.requires_grad = False
${LOOP}`,
      4,
    ],
    "a frozen encoder that the head is trained on, one layer after another": [
      `class Probe(nn.Module):
    def __init__(self):
        super().__init__()
        layers = []
        for name, module in models.resnet50().named_children():
            if name == "conv1":
                module = nn.Conv2d(3, 64, 3)
            if not isinstance(module, nn.Linear):
                layers.append(module)
        self.enc = nn.Sequential(*layers)
        self.fc = nn.Linear(2048, 10)
        self.load_state_dict(torch.load("enc.pth"), strict=False)
    def forward(self, x):
        return self.fc(self.enc(x).flatten(1))
if __name__ == "__main__":
    model = Probe()
    for p in model.enc.parameters():
        p.requires_grad = False
    optimizer = optim.Adam(model.fc.parameters())
    for epoch in range(9):
        model.train()
        for x, y in train_loader:
            criterion(model(x), y).backward()
            optimizer.step()
`,
      18,
    ],
    "a train() that served the training before the freezing": [
      `class Tower(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.bn = nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8)
    def forward(self, x):
        return self.bn(self.conv(x)).mean((2, 3))
    def lock(self):
        self.eval()
        self.requires_grad_(False)
def fit(model):
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    for epoch in range(3):
        model.train()
${STEPS.replaceAll(/^/gm, "    ")}
tower = Tower()
fit(nn.Sequential(tower, nn.Linear(8, 10)))
tower.lock()
fit(nn.Sequential(tower, nn.Linear(8, 2)))
`,
      13,
    ],
    "requires_grad_(False) on a backbone with loaded weights": [
      `class Tuned(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = Net()
        self.body.load_state_dict(torch.load("body.pth"))
        self.body.requires_grad_(False)
        self.head = nn.Linear(10, 2)
    def forward(self, x):
        return self.head(self.body(x))
model = Tuned()
${LOOP}`,
      6,
    ],
  });

  silent(RULE, {
    "an evaluation that a constructor calls": `class Table:
    def __init__(self, net):
        self.net = net
        self.rows = self.collect()
    def collect(self):
        self.net.eval()
        with torch.no_grad():
            return [self.net(x) for x, y in val_loader]
model = Net()
table = Table(nn.Sequential(model.features, model.fc))
${LOOP}`,
    "a head alone that is frozen": `model = models.resnet34(pretrained=True)
for key, weight in model.named_parameters():
    if key.__contains__("fc"):
        weight.requires_grad = False
${LOOP}`,
    "a head that its prefix names": `model = models.resnet34(pretrained=True)
for name, p in model.named_parameters():
    if name.startswith("fc."):
        p.requires_grad = False
${LOOP}`,
    "a teacher that follows its student": `student = models.resnet18(pretrained=True)
teacher = copy.deepcopy(student)
for p in teacher.parameters():
    p.requires_grad = False
optimizer = optim.SGD(student.parameters(), lr=0.1)
for x, y in train_loader:
    with torch.no_grad():
        soft = teacher(x)
    F.mse_loss(student(x), soft).backward()
    optimizer.step()
    for t, s in zip(teacher.parameters(), student.parameters()):
        t.data = 0.99 * t + 0.01 * s
`,
    "a part that trains again because its own train() is called": `model = Net()
def freeze(net):
    net.features.eval()
optimizer = optim.SGD(model.parameters(), lr=0.1)
freeze(model)
for epoch in range(9):
    model.features.train()
${STEPS}`,
    "an overridden train()": `class Tuned(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = models.resnet50(pretrained=True)
        self.head = nn.Linear(1000, 10)
        for p in self.body.parameters():
            p.requires_grad = False
        self.body.eval()
    def train(self, mode=True):
        super().train(mode)
        self.body.eval()
        return self
    def forward(self, x):
        return self.head(self.body(x))
model = Tuned()
${LOOP}`,
    "eval() on the layers after each train()": `def fix_bn(m):
    if isinstance(m, nn.BatchNorm2d):
        m.eval()
model = Net()
optimizer = optim.SGD(model.parameters(), lr=0.1)
for epoch in range(9):
    model.train()
    model.apply(fix_bn)
${STEPS}`,
    "eval() on the backbone after each train()": `\
model = nn.Sequential(models.resnet18(pretrained=True), nn.Linear(1000, 10))
for p in model[0].parameters():
    p.requires_grad = False
optimizer = optim.SGD(model[1].parameters(), lr=0.1)
for epoch in range(9):
    model.train()
    model[0].eval()
${STEPS}`,
    "an eval() in the forward pass": `class Tuned(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = models.resnet50(pretrained=True)
        self.body.requires_grad_(False)
        self.head = nn.Linear(1000, 10)
    def forward(self, x):
        self.body.eval()
        with torch.no_grad():
            h = self.body(x)
        return self.head(h)
model = Tuned()
${LOOP}`,
    "a GAN that toggles requires_grad": `def set_requires_grad(net, flag):
    for p in net.parameters():
        p.requires_grad = flag
G, D = Net(), Net()
D.load_state_dict(torch.load("d.pth"))
opt_g, opt_d = optim.Adam(G.parameters()), optim.Adam(D.parameters())
for x, _ in train_loader:
    set_requires_grad(D, True)
    D(x).mean().backward()
    opt_d.step()
    set_requires_grad(D, False)
    D(G(x)).mean().backward()
    opt_g.step()
`,
    "layers that are unfrozen later": `model = models.resnet18(pretrained=True)
for p in model.parameters():
    p.requires_grad = False
optimizer = optim.SGD(model.parameters(), lr=0.1)
for epoch in range(9):
    model.train()
    if epoch == 3:
        for p in model.parameters():
            p.requires_grad = True
${STEPS}`,
    "a frozen backbone without BN": `model = models.vgg16(pretrained=True)
for p in model.features.parameters():
    p.requires_grad = False
${LOOP}`,
    "a frozen backbone in eval mode all along": `body = models.resnet50(pretrained=True)
body.eval()
for p in body.parameters():
    p.requires_grad = False
model = nn.Linear(1000, 10)
optimizer = optim.SGD(model.parameters(), lr=0.1)
for epoch in range(9):
    model.train()
    for x, y in train_loader:
        with torch.no_grad():
            feats = body(x)
        criterion(model(feats), y).backward()
        optimizer.step()
`,
    "gradients of γ and β alone switched off": `model = models.resnet18(pretrained=True)
for m in model.modules():
    if isinstance(m, nn.BatchNorm2d):
        m.weight.requires_grad = False
        m.bias.requires_grad = False
${LOOP}`,
    "frozen batch norms of torchvision": `frozen = torchvision.ops.FrozenBatchNorm2d
model = models.resnet50(pretrained=True, norm_layer=frozen)
for p in model.parameters():
    p.requires_grad = False
model.fc = nn.Linear(2048, 10)
${LOOP}`,
    "an eval() for sampling from a part of the network": `class Both(nn.Module):
    def __init__(self):
        super().__init__()
        self.enc = Net()
        self.dec = nn.Linear(10, 3)
    def forward(self, x):
        return self.dec(self.enc(x))
model = Both()
optimizer = optim.Adam(model.parameters())
for epoch in range(9):
    model.train()
${STEPS}    model.enc.eval()
    with torch.no_grad():
        codes = [model.enc(x) for x, y in val_loader]
`,
    "an option that freezes after each train()": `import argparse
parser = argparse.ArgumentParser()
parser.add_argument("--freeze-bn", action="store_true")
args = parser.parse_args()
def freeze(net):
    for m in net.modules():
        if isinstance(m, nn.BatchNorm2d):
            m.eval()
model = Net()
optimizer = optim.Adam(model.parameters())
for epoch in range(9):
    model.train()
    if args.freeze_bn:
        freeze(model)
${STEPS}`,
  });
});

const TOWER = (init: string, more = ""): string => `class Tower(nn.Module):
    def __init__(self):
        super().__init__()
        self.eyes = models.resnet34(weights="DEFAULT")
        self.mouth = nn.Linear(1000, 7)
${init}    def forward(self, x):
        return self.mouth(self.eyes(x))
${more}`;
const FIX = "        for p in self.eyes.parameters():\n            p.requires_grad = False\n";
const STILL = "        self.eyes.eval()\n";

describe("frozen-but-updating in a class that other files train", () => {
  fires(RULE, {
    "eval() in the constructor of a class without train()": [TOWER(FIX + STILL), 8],
    "eval() before the gradients are switched off": [TOWER(STILL + FIX), 6],
    "weights that the constructor loads": [
      TOWER(
        `        self.eyes.load_state_dict(torch.load("eyes.pth"))\n        self.eyes.requires_grad_(False).eval()\n`,
      ).replace('weights="DEFAULT"', "num_classes=1000"),
      7,
    ],
    "a base class of the project": [
      TOWER(FIX + STILL).replace("class Tower(nn.Module)", "class Base(nn.Module):\n    pass\nclass Tower(Base)"),
      10,
    ],
  });
  silent(RULE, {
    "a train() of its own": TOWER(
      FIX + STILL,
      "    def train(self, mode=True):\n        super().train(mode)\n        self.eyes.eval()\n        return self\n",
    ),
    "a train() of its base class": TOWER(FIX + STILL).replace(
      "class Tower(nn.Module)",
      "class Base(nn.Module):\n    def train(self, mode=True):\n        return super().train(False)\nclass Tower(Base)",
    ),
    "a loss": TOWER(FIX + STILL).replaceAll("Tower", "EyesLoss"),
    "a part that the forward pass sets to eval mode": TOWER(FIX + STILL).replace(
      "        return self.mouth",
      "        self.eyes.eval()\n        return self.mouth",
    ),
    "a part without BN": TOWER(FIX + STILL).replace("resnet34", "vgg16"),
    "a part that is trained": TOWER(STILL),
    "a network that is frozen as a whole": TOWER(
      `${FIX}${STILL}        for p in self.mouth.parameters():\n            p.requires_grad = False\n`,
    ),
    "an option that decides": TOWER(`${FIX}        if OPTIONS.still:\n            self.eyes.eval()\n`),
    "a script that trains it and never calls train()": `${TOWER(FIX + STILL)}model = Tower()
optimizer = optim.SGD(model.mouth.parameters(), lr=0.1)
for epoch in range(9):
${STEPS}`,
  });
});

/** A head on features that its forward takes without gradients. */
const probe = (body: string, setup: string): string => `class Probe(nn.Module):
    def __init__(self, body):
        super().__init__()
        self.body = body
        self.head = nn.Linear(1000, 10)
    def forward(self, x):
        with torch.no_grad():
            features = self.body(x)
        return self.head(features)
body = ${body}
${setup}model = Probe(body)
optimizer = optim.SGD(model.head.parameters(), lr=0.1)
for epoch in range(9):
    model.train()
${STEPS}`;

describe("frozen-but-updating of features that are taken without gradients", () => {
  fires(RULE, {
    "a pretrained part of a network": [probe("models.resnet18(pretrained=True)", ""), 8],
    "a part whose weights are loaded": [
      probe("Net()", 'body.fc = nn.Identity()\nbody.load_state_dict(torch.load("body.pt"))\n'),
      8,
    ],
    "a network beside the head": [
      `body = models.resnet18(weights="DEFAULT")
model = Net()
optimizer = optim.SGD(model.parameters(), lr=0.1)
for x, y in train_loader:
    with torch.no_grad():
        features = body(x)
    loss = criterion(model(features), y)
    loss.backward()
    optimizer.step()
`,
      6,
    ],
  });
  silent(RULE, {
    "a body that is set back to eval mode": probe("models.resnet18(pretrained=True)", "").replace(
      "    model.train()\n",
      "    model.train()\n    model.body.eval()\n",
    ),
    "a body without trained weights": probe("models.resnet18()", ""),
    "a body without BN": probe("models.vgg11(pretrained=True)", ""),
    "a teacher": probe("models.resnet18(pretrained=True)", "").replaceAll("body", "teacher"),
    "a body that follows another network": probe(
      "models.resnet18(pretrained=True)",
      "online = models.resnet18(pretrained=True)\nfor p, q in zip(body.parameters(), online.parameters()):\n    p.data.copy_(q.data)\n",
    ),
    "a body that is trained as well": `${probe("models.resnet18(pretrained=True)", "")}    criterion(body(x), y).backward()\n`,
  });
});

/** A pretrained encoder whose own method sets its gradients; line 14 is the statement in the method. */
const TUNED = `class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        body = models.resnet50(pretrained=True)
        self.body = nn.Sequential(*list(body.children())[:-1])
        self.let_learn()
    def forward(self, x):
        return self.body(x).flatten(1)
    def let_learn(self, flag=True):
        for p in self.body.parameters():
            p.requires_grad = False
        for stage in list(self.body.children())[5:]:
            for p in stage.parameters():
                p.requires_grad = flag
`;
const captions = (setup: string, more = ""): string => `${TUNED}
def main():
    encoder, head = Encoder(), nn.Linear(2048, 10)
${setup}    optimizer = optim.SGD(head.parameters(), lr=0.1)
    for epoch in range(9):
        encoder.train()
${more}        for x, y in train_loader:
            loss = criterion(head(encoder(x)), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

if __name__ == "__main__":
    main()
`;

describe("frozen-but-updating where an earlier statement had switched the gradients on", () => {
  fires(RULE, {
    "a constructor that lets it learn, and a later call": [captions("    encoder.let_learn(False)\n"), 14],
  });
  silent(RULE, {
    "a part that learns": captions(""),
    "an unfreezing later in the training": captions(
      "    encoder.let_learn(False)\n",
      "        if epoch == 5:\n            encoder.let_learn(True)\n",
    ),
    "an encoder that goes back to eval mode": captions("    encoder.let_learn(False)\n", "        encoder.eval()\n"),
    "a loop that freezes and unfreezes in turn": captions(
      "",
      "        encoder.let_learn(True)\n        encoder.let_learn(False)\n",
    ),
  });
});
