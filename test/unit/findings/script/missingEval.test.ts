import { strict as assert } from "node:assert";
import { PRELUDE, STEPS, fires, found, silent } from "./helpers";
import { lintSource } from "../../../../engine/findings/lintSource";
import { python } from "../../support/python";

const RULE = "missing-eval";
const SETUP = `model = Net()
optimizer = optim.SGD(model.parameters(), lr=0.1)
`;
const TRAIN = `def train(epoch):
    model.train()
${STEPS}`;
const MAIN = `for epoch in range(10):
    train(epoch)
    test(epoch)
`;
const body = (first: string): string => `def test(epoch):
    correct = 0
${first}    with torch.no_grad():
        for x, y in val_loader:
            correct += (model(x).argmax(1) == y).sum().item()
    print(correct)
`;

describe("missing-eval", () => {
  fires(RULE, {
    "a batch of validation data that an iterator gives": [
      `model = Net()
optimizer = optim.SGD(model.parameters(), lr=0.1)
for step in range(99):
    _, (x, y) = next(enumerate(train_loader))
    criterion(model(x), y).backward()
    optimizer.step()
    with torch.no_grad():
        _, (a, b) = next(enumerate(val_loader))
        accuracy = (model(a).argmax(1) == b).float().mean()
`,
      9,
    ],
    "a train() where the loss of the validation is taken": [
      `model = Net()
optimizer = optim.SGD(model.parameters(), lr=0.1)
def validation_loss(net, x, y):
    net.train()
    with torch.no_grad():
        return criterion(net(x), y).item()
for epoch in range(9):
    model.train()
${STEPS}    print(validation_loss(model, a, b))
`,
      4,
    ],
    "two networks in the middle of a training, each where it answers": [
      `one, two = Net(), Net()
optimizer = optim.SGD([*one.parameters(), *two.parameters()], lr=0.1)
def main():
    for epoch in range(9):
        for x, y in train_loader:
            (criterion(one(x), y) + criterion(two(x), y)).backward()
            optimizer.step()
        hits = 0
        for x, y in val_loader:
            a = one(x)
            b = two(x)
            hits += ((a + b).argmax(1) == y).sum()
main()
`,
      10,
      11,
    ],
    "held-out data that is moved to a device": [
      `device = torch.device("cuda") if torch.cuda.is_available() else torch.device("cpu")
x_test, y_test = torch.load("x_test.pt"), torch.load("y_test.pt")
model = Net()
optimizer = optim.SGD(model.parameters(), lr=0.1)
for epoch in range(9):
${STEPS}def measure():
    with torch.no_grad():
        x = x_test[:100]
        x = x.to(device)
        print((model(x).argmax(1) == y_test[:100]).sum())
measure()
`,
      11,
    ],
    "a batch of validation data in the middle of training": [
      `${SETUP}for step, (x, y) in enumerate(train_loader):
    criterion(model(x), y).backward()
    optimizer.step()
    if step % 50 == 0:
        inputs, targets = next(iter(val_loader))
        with torch.no_grad():
            accuracy = (model(inputs).argmax(1) == targets).float().mean()
`,
      9,
    ],
    "a test set that one function reads together with the training set": [
      `def read_all():
    everything = torch.load("all.pth")
    train_data, test_data = everything[0], everything[1]
    return train_data, test_data
${SETUP}train_data, test_data = read_all()
test_loader = DataLoader(Pairs(test_data, source=train_data), batch_size=8)
def test(net, loader):
    for x, y in loader:
        correct = (net(x).argmax(1) == y).sum()
for epoch in range(3):
${STEPS}    test(model, test_loader)
`,
      9,
    ],
    "an evaluation function that sets no mode": [SETUP + TRAIN + body("") + MAIN, 10],
    "one that gets the network as an argument": [
      `def evaluate(net, loader):
    total, hits = 0, 0
    for x, y in loader:
        with torch.no_grad():
            out = net(x)
        hits += (out.argmax(1) == y).sum().item()
        total += len(y)
    accuracy = hits / total
    return accuracy

def main():
    model = models.resnet18(num_classes=10)
    optimizer = optim.Adam(model.parameters())
    for epoch in range(5):
        for x, y in train_loader:
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
        print(evaluate(model, val_loader))

if __name__ == "__main__":
    main()
`,
      1,
    ],
    "a validation loop in the middle of main": [
      `def main():
    model = nn.DataParallel(Net()).cuda()
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    for epoch in range(3):
        model.train()
        for x, y in train_loader:
            loss = criterion(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        val_loss = 0
        with torch.no_grad():
            for x, y in val_loader:
                val_loss += criterion(model(x), y).item()
        print(val_loss)

main()
`,
      14,
    ],
    "a method of a trainer": [
      `class Trainer:
    def __init__(self, net, loaders):
        self.net = net
        self.train_data, self.test_data = loaders
        self.opt = optim.Adam(self.net.parameters())

    def fit(self, epochs):
        for epoch in range(epochs):
            self.net.train()
            for x, y in self.train_data:
                self.opt.zero_grad()
                criterion(self.net(x), y).backward()
                self.opt.step()
            self.validate()

    @torch.no_grad()
    def validate(self):
        correct = 0
        for x, y in self.test_data:
            correct += (self.net(x).argmax(1) == y).sum().item()
        return correct

Trainer(Net(), (train_loader, val_loader)).fit(20)
`,
      17,
    ],
    "a script that loads weights and tests them": [
      `parser = __import__("argparse").ArgumentParser()
net = models.densenet121(num_classes=10)
net.load_state_dict(torch.load("best.pth"))
correct = 0
with torch.no_grad():
    for x, y in val_loader:
        correct += (net(x).argmax(1) == y).sum().item()
print("accuracy", correct / 10000)
`,
      7,
    ],
    "a phase that sets no mode for validation": [
      `model = Net()
optimizer = optim.SGD(model.parameters(), lr=0.1)
loaders = {"train": train_loader, "val": val_loader}
for epoch in range(10):
    for phase in ["train", "val"]:
        if phase == "train":
            model.train()
        corrects = 0
        for x, y in loaders[phase]:
            with torch.set_grad_enabled(phase == "train"):
                out = model(x)
                loss = criterion(out, y)
                if phase == "train":
                    optimizer.zero_grad()
                    loss.backward()
                    optimizer.step()
            corrects += (out.argmax(1) == y).sum()
`,
      11,
    ],
  });

  silent(RULE, {
    "a second domain of the training, under a setting that is set nowhere": `class Options:
    lr = 0.1
options = Options()
model = Net()
optimizer = optim.SGD(model.parameters(), lr=options.lr)
def fit(source, test):
    for (a, y), (b, _) in zip(source, test):
        loss = criterion(model(a), y)
        total = loss + model(b).mean()
        if options.plain:
            total = loss
        total.backward()
        optimizer.step()
fit(train_loader, val_loader)
`,
    "eval() in the function": SETUP + TRAIN + body("    model.eval()\n") + MAIN,
    "train(False)": SETUP + TRAIN + body("    model.train(False)\n") + MAIN,
    "eval() before the call":
      SETUP +
      TRAIN +
      body("") +
      python`
        for epoch in range(10):
            train(epoch)
            model.eval()
            test(epoch)
      `,
    "eval() as an argument": `def run(net, loader):
    with torch.no_grad():
        return sum((net(x).argmax(1) == y).sum().item() for x, y in loader)

def test(net, loader):
    correct = 0
    with torch.no_grad():
        for x, y in loader:
            correct += (net(x).argmax(1) == y).sum().item()
    return correct
model = Net()
model.load_state_dict(torch.load("a.pth"))
print(test(model.eval(), val_loader))
`,
    "a context manager of the project": `import contextlib
@contextlib.contextmanager
def evaluating(net):
    was_training = net.training
    net.eval()
    try:
        yield net
    finally:
        net.train(was_training)
${SETUP + TRAIN}def test(epoch):
    correct = 0
    with evaluating(model), torch.no_grad():
        for x, y in val_loader:
            correct += (model(x).argmax(1) == y).sum().item()
${MAIN}`,
    "a context manager that cannot be read": `from helpers_elsewhere import eval_mode
${SETUP + TRAIN}def test(epoch):
    correct = 0
    with eval_mode(model), torch.no_grad():
        for x, y in val_loader:
            correct += (model(x).argmax(1) == y).sum().item()
${MAIN}`,
    "a helper that sets the modes of a list": `def set_mode(nets, training):
    for net in nets:
        if training:
            net.train()
        else:
            net.eval()
${SETUP}head = Net()
def test(epoch):
    set_mode([model, head], False)
    correct = 0
    with torch.no_grad():
        for x, y in val_loader:
            correct += (model(x).argmax(1) == y).sum().item()
def train(epoch):
    set_mode([model, head], True)
${STEPS + MAIN}`,
    "a network without BN": (SETUP + TRAIN + body("") + MAIN).replace(
      "Net()",
      "nn.Sequential(nn.Flatten(), nn.Linear(3072, 10))",
    ),
    "GroupNorm instead": (SETUP + TRAIN + body("") + MAIN).replace(
      "Net()",
      "models.resnet18(norm_layer=lambda c: nn.GroupNorm(8, c))",
    ),
    "statistics recomputed with training data": `${SETUP + TRAIN}def update_bn(loader):
    with torch.no_grad():
        for x, _ in loader:
            model(x)
for epoch in range(3):
    train(epoch)
    update_bn(train_loader)
`,
    "a flag that chooses the mode": `def run_epoch(net, loader, optimizer=None):
    net.train(optimizer is not None)
    hits = 0
    for x, y in loader:
        out = net(x)
        loss = criterion(out, y)
        if optimizer is not None:
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        hits += (out.argmax(1) == y).sum().item()
    return hits
model = Net()
opt = optim.Adam(model.parameters())
for epoch in range(4):
    run_epoch(model, train_loader, opt)
    with torch.no_grad():
        val_accuracy = run_epoch(model, val_loader)
`,
    "the same flag asked twice": `def run(net, loader, training, optimizer):
    if training:
        net.train()
    else:
        net.eval()
    acc = 0
    for x, y in loader:
        out = net(x)
        if training:
            criterion(out, y).backward()
            optimizer.step()
        acc += (out.argmax(1) == y).sum()
`,
    "a network of a file that is not there": `from elsewhere import build_net
model = build_net()
optimizer = optim.SGD(model.parameters(), lr=0.1)
${TRAIN + body("") + MAIN}`,
    "samples of a generator": `class G(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.ConvTranspose2d(100, 3, 4), nn.BatchNorm2d(3), nn.Tanh())
    def forward(self, z):
        return self.net(z)
netG, netD = G(), nn.Sequential(nn.Flatten(), nn.Linear(48, 1))
fixed_noise = torch.randn(64, 100, 1, 1)
optG = optim.Adam(netG.parameters())
for epoch in range(5):
    for x, _ in train_loader:
        netD(netG(torch.randn(64, 100, 1, 1))).mean().backward()
        optG.step()
    with torch.no_grad():
        fake = netG(fixed_noise)
    torchvision.utils.save_image(fake, "fake.png")
`,
    "query sets in a loop over training tasks": `${SETUP}for support_x, support_y, query_x, query_y in train_loader:
    criterion(model(support_x), support_y).backward()
    optimizer.step()
    with torch.no_grad():
        accuracy = (model(query_x).argmax(1) == query_y).float().mean()
`,
    "Lightning, which sets the modes itself": `import pytorch_lightning as pl
class Lit(pl.LightningModule):
    def __init__(self):
        super().__init__()
        self.net = Net()
    def training_step(self, batch, i):
        x, y = batch
        return criterion(self.net(x), y)
    def validation_step(self, batch, i):
        x, y = batch
        acc = (self.net(x).argmax(1) == y).float().mean()
        self.log("val_acc", acc)
pl.Trainer().fit(Lit(), train_loader, val_loader)
`,
    "BN held in eval mode by the class": `class Held(Net):
    def train(self, mode=True):
        super().train(mode)
        for m in self.modules():
            if isinstance(m, nn.BatchNorm2d):
                m.eval()
        return self
model = Held()
optimizer = optim.SGD(model.parameters(), lr=0.1)
${TRAIN + body("") + MAIN}`.replace("nn.Dropout(0.5)", "nn.Identity()"),
    "EMA weights that are evaluated in eval mode": `${SETUP}ema = copy.deepcopy(model).eval()
${TRAIN}def test(epoch):
    correct = 0
    with torch.no_grad():
        for x, y in val_loader:
            correct += (ema(x).argmax(1) == y).sum().item()
${MAIN}`,
  });

  it("leaves unit tests alone", () => {
    const text = python`
      ${PRELUDE}import pytest
      def test_forward():
          model = models.resnet18(pretrained=True)
          with torch.no_grad():
              for x, y in val_loader:
                  acc = (model(x).argmax(1) == y).sum()
    `;
    assert.deepEqual(
      lintSource("tests/test_net.py", text).findings.filter(({ rule }) => rule === RULE),
      [],
    );
  });
  it("names the calls it looked at", () => {
    const [finding] = found(RULE, SETUP + TRAIN + body("") + MAIN);
    assert.match(finding?.evidence ?? "", /\(line 40\)/);
  });
});

describe("a network that a script loads and asks", () => {
  const HEAD = `import sys
from PIL import Image
model = Net()
`;
  const LOADS = {
    "its state": 'model.load_state_dict(torch.load("model.pth"))\n',
    "a state in a checkpoint": 'model.load_state_dict(torch.load("model.pth", map_location="cpu")["state_dict"])\n',
  };
  const ASKS = {
    "one image": `image = transforms.ToTensor()(Image.open(sys.argv[1])).unsqueeze(0)
with torch.no_grad():
    print(model(image).argmax(1).item())
`,
    "what a loader without a telling name gives": `features = []
with torch.no_grad():
    for batch in loader:
        features.append(model(batch))
`,
    "images in a function of its own": `@torch.no_grad()
def describe(paths):
    return [model(transforms.ToTensor()(Image.open(path))[None]) for path in paths]
print(describe(sys.argv[1:]))
`,
  };
  for (const [loaded, load] of Object.entries(LOADS))
    for (const [asked, ask] of Object.entries(ASKS)) {
      it(`is reported where it loads ${loaded} and asks for ${asked}`, () => {
        assert.equal(found(RULE, HEAD + load + ask).length, 1);
      });
    }
  const load = LOADS["its state"];
  const sample = `noise = torch.FloatTensor(int(sys.argv[1]), 3, 32, 32).normal_(0, 1)
fake = model(noise)
fake.data = fake.data.mul(0.5).add(0.5)
for i in range(int(sys.argv[1])):
    torchvision.utils.save_image(fake.data[i, ...].reshape((1, 3, 32, 32)), "%d.png" % i)
`;
  it("is information where its answers to noise are saved as pictures", () => {
    assert.deepEqual(
      found(RULE, HEAD + load + sample).map(({ severity }) => severity),
      ["information"],
    );
    assert.deepEqual(found(RULE, `${HEAD}${load}model.eval()\n${sample}`), []);
    assert.deepEqual(found(RULE, HEAD + sample), []);
    assert.deepEqual(found(RULE, HEAD + load + sample.replace("fake.data[i, ...]", "noise[i]")), []);
  });
  it("is information where one of several generators may have BN", () => {
    const chosen = `settings = __import__("json").loads(open(sys.argv[1]).read())
if settings["plain"]:
    model = nn.Sequential(nn.Linear(8, 8))
else:
    model = Net(settings["width"])
`;
    assert.equal(found(RULE, HEAD + chosen + load + sample).length, 1);
  });
  const ask = ASKS["one image"];
  silent(RULE, {
    "a loaded network in eval mode": `${HEAD}${load}model.eval()\n${ask}`,
    "a loaded network that is put into train mode": `${HEAD}${load}model.train()\n${ask}`,
    "a network that nothing was loaded into": HEAD + ask,
    "a loaded network that is asked with gradients": HEAD + load + ask.replace("with torch.no_grad():", "if True:"),
    "a loaded network that is traced": `${HEAD}${load}torch.jit.trace(model, x)\n${ask}`,
    "a loaded network that is fed noise": `${HEAD}${load}with torch.no_grad():\n    model(torch.randn(2, 3, 32, 32))\n`,
    "a loaded network that is measured on a dummy input": `${HEAD}${load}dummy_image = torch.ones(1, 3, 32, 32)\nwith torch.no_grad():\n    model(dummy_image)\n`,
    "a loaded network whose statistics are collected again": `${HEAD}${load}@torch.no_grad()
def recompute_statistics(loader):
    for batch in loader:
        model(batch)
recompute_statistics(loader)
`,
    "a network that a script loads and trains":
      `${HEAD}${load}optimizer = optim.SGD(model.parameters(), lr=0.1)\nfor x, y in train_loader:\n` +
      `    criterion(model(x), y).backward()\n    optimizer.step()\n${ask.replace("print", "log")}`,
  });
});

/** A trained network, then a function that asks it about data. */
const asked = (name: string, body: string): string => `model = Net()
optimizer = optim.SGD(model.parameters(), lr=0.1)
pool = DataLoader(unlabelled, batch_size=64)
def ${name}(net, loader):
    answers = []
    for x in loader:
        with torch.no_grad():
${body.replaceAll(/^/gm, "            ")}
    return answers
for x, y in train_loader:
    optimizer.zero_grad()
    criterion(model(x), y).backward()
    optimizer.step()
model.train()
${name}(model, pool)
`;

describe("missing-eval of answers that somebody uses", () => {
  const RULE = "missing-eval";
  fires(RULE, {
    "samples that are picked": [asked("pick", "p = net(x)\nanswers.extend(p)"), 4],
    "features that are kept": [asked("features", "answers.append(net(x).cpu())"), 4],
    "pseudo-labels": [asked("pseudo_labels", "label = net(x).argmax(1)\nanswers += [label]"), 4],
  });
  silent(RULE, {
    "an eval()": asked("pick", "net.eval()\np = net(x)\nanswers.extend(p)"),
    "passes for the statistics alone": asked("go_through", "net(x)"),
    "answers that nobody wants": asked("go_through", "_ = net(x)"),
    "a function that measures statistics": asked("collect_stats", "p = net(x)\nanswers.append(p)"),
    "a network that nothing trains": asked("pick", "p = net(x)\nanswers.extend(p)").replace(".backward()", ""),
    "answers of a function that trains": asked("pick", "p = net(x)\nanswers.extend(p)").replace(
      "    return answers",
      "    criterion(net(x), y).backward()\n    return answers",
    ),
  });
  it("is a warning where the same function measures held-out data as well", () => {
    const both = asked("measure", "answers.append((net(x).argmax(1) == x).sum())")
      .replace("for x in loader:", "for x, y in loader:")
      .replace("measure(model, pool)", "measure(model, train_loader)\nmeasure(model, val_loader)");
    assert.deepEqual(
      found(RULE, both).map(({ severity }) => severity),
      ["warning"],
    );
  });
  it("is information", () => {
    const [finding] = found(RULE, asked("pick", "p = net(x)\nanswers.extend(p)"));
    assert.equal(finding?.severity, "information");
  });
});

describe("missing-eval where a helper makes the pass", () => {
  const text = (name: string, mode = ""): string => `model = Net()
optimizer = optim.SGD(model.parameters(), lr=0.1)
def step(net, batch):
    x, y = batch
    out = net(x)
    return criterion(out, y), (out.argmax(1) == y).float().mean()
def learn(net, loader):
    for batch in loader:
        loss, _ = step(net, batch)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
def ${name}(net, loader):
    accs = []
    with torch.no_grad():
        for batch in loader:
            loss, acc = step(net, batch)
            accs.append(acc)
    return accs
for epoch in range(9):
    model.train()
    learn(model, make("a"))
${mode}    print(${name}(model, make("b")))
`;
  fires("missing-eval", { "an epoch of validation": [text("valid_epoch"), 5] });
  silent("missing-eval", {
    "an epoch of validation in eval mode": text("valid_epoch", "    model.eval()\n"),
    "an epoch that updates statistics": text("update_bn_epoch"),
  });
});

/** An agent that learns from what it has seen; line 4 is the function that chooses. */
const agent = (name: string, body: string): string => `model = Net()
optimizer = optim.SGD(model.parameters(), lr=0.1)
memory = []
def ${name}(state):
    with torch.no_grad():
        ${body}
for step in range(1000):
    action = ${name}(state)
    memory.append((state, action))
    batch = torch.cat([s for s, _ in memory])
    loss = model(batch).pow(2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
`;

describe("missing-eval of an agent", () => {
  const RULE = "missing-eval";
  const CHOICE = "return model(state).argmax(1)";
  fires(RULE, { "an action that is chosen in train mode": [agent("select_action", CHOICE), 4] });
  silent(RULE, {
    "an action that is chosen in eval mode": agent("select_action", `model.eval()\n        q = model(state)`).replace(
      "    loss = model",
      "    model.train()\n    loss = model",
    ),
    "what else is asked about a state": agent("target_values", CHOICE),
    "a network without BN": agent("select_action", CHOICE).replace("model = Net()", "model = nn.Linear(4, 2)"),
  });
});
