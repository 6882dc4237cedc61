import { STEPS, fires, silent } from "./helpers";
import { python } from "../../support/python";

const RULE = "missing-train-after-eval";
const SETUP = `model = Net()
optimizer = optim.SGD(model.parameters(), lr=0.1)
`;
const validate = (last = ""): string => `def validate(net):
    net.eval()
    hits = 0
    with torch.no_grad():
        for x, y in val_loader:
            hits += (net(x).argmax(1) == y).sum().item()
${last}    return hits
`;

describe("missing-train-after-eval", () => {
  fires(RULE, {
    "a loss that apex scales": [
      `from apex import amp
model = Net()
optimizer = optim.SGD(model.parameters(), lr=0.1)
model, optimizer = amp.initialize(model, optimizer)
for epoch in range(9):
    for x, y in train_loader:
        loss = criterion(model(x), y)
        with amp.scale_loss(loss, optimizer) as scaled:
            scaled.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        print(sum((model(x).argmax(1) == y).sum() for x, y in val_loader))
`,
      11,
    ],
    "an eval() that every later epoch is trained in": [
      python`
        ${SETUP}model.train()
        for epoch in range(9):
        ${STEPS}    model.eval()
            with torch.no_grad():
                acc = sum((model(x).argmax(1) == y).sum() for x, y in val_loader)
      `,
      10,
    ],
    "an eval() in a function that validates": [
      `${validate()}${SETUP}for epoch in range(9):\n${STEPS}    validate(model)\n`,
      2,
    ],
    "an eval() between steps of a Fabric": [
      `from lightning.fabric import Fabric
fabric = Fabric()
${validate()}${SETUP}model, optimizer = fabric.setup(model, optimizer)
model.train()
for i, (x, y) in enumerate(train_loader):
    fabric.backward(criterion(model(x), y))
    optimizer.step()
    if i % 100 == 0:
        validate(model)
`,
      4,
    ],
    "validation every some steps": [
      `${validate()}${SETUP}for epoch in range(9):
    model.train()
    for i, (x, y) in enumerate(train_loader):
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
        if i % 500 == 0:
            print(validate(model))
`,
      2,
    ],
    "a method that leaves the network in eval mode": [
      `class Solver:
    def __init__(self):
        self.net = models.resnet34()
        self.opt = optim.Adam(self.net.parameters())
    def check(self):
        self.net.eval()
        return sum((self.net(x).argmax(1) == y).sum() for x, y in val_loader)
    def fit(self):
        self.net.train()
        for step in range(100):
            for x, y in train_loader:
                self.opt.zero_grad()
                criterion(self.net(x), y).backward()
                self.opt.step()
            self.check()
Solver().fit()
`,
      6,
    ],
    "train(False) before validation": [
      `${SETUP}for epoch in range(9):\n${STEPS}    model.train(False)\n    for x, y in val_loader:\n        ` +
        `val_loss = criterion(model(x), y).item()\n`,
      9,
    ],
    "dropout alone": [
      python`
        model = nn.Sequential(nn.Flatten(), nn.Dropout(0.5), nn.Linear(3072, 10))
        optimizer = optim.SGD(model.parameters(), lr=0.1)
        for epoch in range(9):
        ${STEPS}    model.eval()
            for x, y in val_loader:
                print(model(x))
      `,
      9,
    ],
  });

  silent(RULE, {
    "an encoder that no optimizer steps": `encoder, head = Net(), nn.Linear(10, 2)
optimizer = optim.SGD(head.parameters(), lr=0.1)
for epoch in range(9):
    for x, y in train_loader:
        criterion(head(encoder(x)), y).backward()
        optimizer.step()
    encoder.eval()
    with torch.no_grad():
        print(sum((head(encoder(x)).argmax(1) == y).sum() for x, y in val_loader))
`,
    "train() at the start of each epoch":
      `${validate()}${SETUP}for epoch in range(9):\n    model.train()\n${STEPS}    ` + `validate(model)\n`,
    "train() in the training function":
      `${validate()}${SETUP}def train():\n    model.train()\n${STEPS}for epoch in range(9):\n    train()\n  ` +
      `  validate(model)\n`,
    "train() at the end of validation":
      `${validate("    net.train()\n")}${SETUP}for epoch in range(9):\n${STEPS}    ` + `validate(model)\n`,
    "train() after the call, in the middle of an epoch": `${validate()}${SETUP}for epoch in range(9):
    model.train()
    for i, (x, y) in enumerate(train_loader):
        criterion(model(x), y).backward()
        optimizer.step()
        if i % 500 == 0:
            validate(model)
            model.train()
`,
    "a mode that is saved and given back": `def validate(net):
    was_training = net.training
    net.eval()
    hits = sum((net(x).argmax(1) == y).sum() for x, y in val_loader)
    net.train(was_training)
    return hits
${SETUP}for epoch in range(9):\n${STEPS}    validate(model)\n`,
    "a mode that is given back if it was train": `def validate(net):
    training = net.training
    net.eval()
    hits = sum((net(x).argmax(1) == y).sum() for x, y in val_loader)
    if training:
        net.train()
    return hits
${SETUP}for epoch in range(9):\n${STEPS}    validate(model)\n`,
    finally: `def validate(net):
    net.eval()
    try:
        return sum((net(x).argmax(1) == y).sum() for x, y in val_loader)
    finally:
        net.train()
${SETUP}for epoch in range(9):\n${STEPS}    validate(model)\n`,
    "a decorator that gives the mode back": `def in_eval(fn):
    def inner(net, *args):
        net.eval()
        out = fn(net, *args)
        net.train()
        return out
    return inner
@in_eval
def validate(net, loader):
    return sum((net(x).argmax(1) == y).sum() for x, y in loader)
${SETUP}for epoch in range(9):\n${STEPS}    validate(model, val_loader)\n`,
    "evaluation of a copy": `${validate()}${SETUP}for epoch in range(9):\n${STEPS}    validate(copy.deepcopy(model))\n`,
    "evaluation after training": `${validate()}${SETUP}for epoch in range(9):\n${STEPS}validate(model)\n`,
    "a break right after":
      `${validate()}${SETUP}for epoch in range(9):\n${STEPS}    if epoch > 5:\n        validate(model)\n    ` +
      `    break\n`,
    "a new network for each fold": `for fold in range(5):
    model = Net()
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    for x, y in train_loader:
        criterion(model(x), y).backward()
        optimizer.step()
    model.eval()
    acc = sum((model(x).argmax(1) == y).sum() for x, y in val_loader)
`,
    phases: `${SETUP}loaders = {"train": train_loader, "val": val_loader}
for epoch in range(9):
    for phase in ["train", "val"]:
        if phase == "train":
            model.train()
        else:
            model.eval()
        for x, y in loaders[phase]:
            with torch.set_grad_enabled(phase == "train"):
                loss = criterion(model(x), y)
                if phase == "train":
                    loss.backward()
                    optimizer.step()
`,
    "an average that may be evaluated instead": `import argparse
p = argparse.ArgumentParser()
p.add_argument("--ema", action="store_true")
args = p.parse_args()
${SETUP}ema = copy.deepcopy(model)
for epoch in range(9):
${STEPS}    shown = ema if args.ema else copy.deepcopy(model)
    shown.eval()
    print(sum((shown(x).argmax(1) == y).sum() for x, y in val_loader))
`,
    "options that exclude each other": `import argparse
args = argparse.ArgumentParser().parse_args()
${SETUP}for epoch in range(9):
    model.train()
    if args.method == "probe":
        model.eval()
    if args.method == "full":
        for x, y in train_loader:
            criterion(model(x), y).backward()
            optimizer.step()
    print(sum((model(x).argmax(1) == y).sum() for x, y in val_loader))
`,
    "an attack on a copy": `def attack(net, x):
    net = copy.deepcopy(net)
    net.eval()
    for i in range(4):
        net(x).mean().backward()
    return net(x)
${SETUP}for x, y in train_loader:
    optimizer.zero_grad()
    criterion(model(attack(model, x)), y).backward()
    optimizer.step()
`,
    "an evaluation after the last round alone": `${validate()}EPOCHS = 9
${SETUP}model.train()
for epoch in range(EPOCHS):
${STEPS}    if epoch == EPOCHS - 1:
        validate(model)
`,
    "an evaluation after the last round of a count from one": `${validate()}import argparse
p = argparse.ArgumentParser()
p.add_argument("--epochs", type=int, default=9)
args = p.parse_args()
${SETUP}model.train()
for epoch in range(1, args.epochs + 1):
${STEPS}    if epoch == args.epochs:
        validate(model)
    else:
        print(epoch)
`,
    "a mode by its name": `class Engine:
    def __init__(self, net):
        self.net = net
        self.opt = optim.SGD(net.parameters(), lr=0.1)
    def run(self, loader, mode):
        getattr(self.net, mode)()
        for x, y in loader:
            loss = criterion(self.net(x), y)
            if mode == "train":
                loss.backward()
                self.opt.step()
engine = Engine(Net())
for epoch in range(9):
    engine.run(train_loader, "train")
    engine.run(val_loader, "eval")
`,
    "a network that is meant to stay in eval mode": `model = models.resnet50(pretrained=True)
optimizer = optim.SGD(model.parameters(), lr=0.1)
model.eval()
for epoch in range(9):
${STEPS}`,
    "a part that the forward of the network holds in eval mode": `class Held(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = Net()
        self.head = nn.Linear(10, 2)
    def forward(self, x):
        self.body.eval()
        return self.head(self.body(x))
model = Held()
optimizer = optim.SGD(model.parameters(), lr=0.1)
for epoch in range(9):
    model.train()
${STEPS}    model.eval()
    with torch.no_grad():
        for x, y in val_loader:
            print(model(x), model.body(x))
`,
    "a network without BN and dropout": python`
      ${validate()}model = nn.Linear(3, 2)
      optimizer = optim.SGD(model.parameters(), lr=0.1)
      for epoch in range(9):
      ${STEPS}    validate(model)
    `,
    "a training function in a file that is not there": `from engine_elsewhere import train_one_epoch, evaluate
${SETUP}for epoch in range(9):\n    train_one_epoch(model, train_loader)\n    evaluate(model, val_loader)\n`,
  });
});
