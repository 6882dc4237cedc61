import { STEPS, fires, silent } from "./helpers";
import { python } from "../../support/python";

const SETUP = `from torch.optim.swa_utils import AveragedModel, SWALR
import torch.optim.swa_utils as swa_utils
model = Net()
optimizer = optim.SGD(model.parameters(), lr=0.1)
`;

describe("swa-without-update-bn", () => {
  const RULE = "swa-without-update-bn";
  const LOOP = python`
    for epoch in range(9):
        model.train()
    ${STEPS}    swa.update_parameters(model)
  `;
  const follow = (more = ""): string => `ema = copy.deepcopy(model)
ema.eval()
def follow(teacher, student, decay=0.99):
    for p, q in zip(teacher.parameters(), student.parameters()):
        p.data.mul_(decay).add_(q.data, alpha=1 - decay)
${more}for epoch in range(9):
    model.train()
${STEPS}    follow(ema, model)
    with torch.no_grad():
        print(sum((ema(x).argmax(1) == y).sum() for x, y in val_loader))
`;
  fires(RULE, {
    "an averaged model that is only evaluated": [
      `${SETUP}swa = AveragedModel(model)\n${LOOP}swa.eval()\nfor x, y in val_loader:\n    print(swa(x))\n`,
      5,
    ],
    "one that is saved": [
      `${SETUP}swa = swa_utils.AveragedModel(model, device="cpu")\n` +
        `${LOOP}torch.save(swa.module.state_dict(), "swa.pth")\n`,
      5,
    ],
    "a moving average of the parameters alone": [SETUP + follow(), 9],
  });
  silent(RULE, {
    update_bn: `${SETUP}swa = AveragedModel(model)\n${LOOP}swa_utils.update_bn(train_loader, swa)\n`,
    use_buffers: `${SETUP}swa = AveragedModel(model, use_buffers=True)\n${LOOP}`,
    "a recalibration of the project's own":
      `${SETUP}def bn_update(loader, net):\n    net.train()\n    for x, _ in loader:\n        net(x)\nswa = ` +
      `AveragedModel(model)\n${LOOP}bn_update(train_loader, swa)\n`,
    "a network without BN": `${SETUP.replace("Net()", "nn.Linear(3, 2)")}swa = AveragedModel(model)\n${LOOP}`,
    "an average of parameters and buffers":
      SETUP + follow("    for p, q in zip(teacher.buffers(), student.buffers()):\n        p.copy_(q)\n"),
    "weights that pruning copies out of a finished network, with their statistics": `model = Net()
model.load_state_dict(torch.load("net.pth"))
def test(net):
    net.eval()
    return sum((net(x).argmax(1) == y).sum() for x, y in val_loader)
test(model)
small = Net(16)
for a, b in zip(model.modules(), small.modules()):
    if isinstance(a, nn.BatchNorm2d):
        b.weight.data = a.weight.data[:16].clone()
        b.running_mean = a.running_mean[:16].clone()
    elif isinstance(a, nn.Conv2d):
        b.weight.data = a.weight.data[:16].clone()
test(small)
`,
    "an average that keeps the running statistics of each layer":
      SETUP +
      follow(
        "    for a, b in zip(teacher.modules(), student.modules()):\n        if isinstance(a, " +
          "nn.BatchNorm2d):\n            a.running_mean = b.running_mean.clone()\n            a.running_var " +
          "= b.running_var.clone()\n",
      ),
    "an average of the state": `${SETUP}ema = copy.deepcopy(model).eval()
def follow():
    new = model.state_dict()
    for k, v in ema.state_dict().items():
        v.copy_(0.9 * v + 0.1 * new[k])
for epoch in range(9):
    model.train()
${STEPS}    follow()
    print([ema(x) for x, y in val_loader])
`,
    "a teacher that updates its own statistics": SETUP + follow().replace("ema.eval()", "ema.train()"),
  });
});

describe("teacher-in-train-mode", () => {
  const RULE = "teacher-in-train-mode";
  const loop = (setup: string, before = ""): string => `student = Net()
${setup}
optimizer = optim.SGD(student.parameters(), lr=0.1)
for epoch in range(9):
    student.train()
${before}    for x, y in train_loader:
        with torch.no_grad():
            soft = teacher(x)
        loss = F.kl_div(student(x), soft)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        for p, q in zip(teacher.parameters(), student.parameters()):
            p.data.mul_(0.99).add_(q.data, alpha=0.01)
`;
  fires(RULE, {
    "a copy that follows the student": [loop("teacher = copy.deepcopy(student)"), 8],
    "a target network by its name": [
      loop("teacher = models.resnet18()").replace(
        "        for p, q in zip(teacher.parameters(), student.parameters()):\n            " +
          "p.data.mul_(0.99).add_(q.data, alpha=0.01)\n",
        "",
      ),
      8,
    ],
    "a momentum encoder inside a method": [
      `class Learner:
    def __init__(self):
        self.q = models.resnet18()
        self.k = models.resnet18()
        self.k.load_state_dict(self.q.state_dict())
        self.opt = optim.SGD(self.q.parameters(), lr=0.1)
    def fit(self):
        for x, _ in train_loader:
            z = self.q(x)
            with torch.no_grad():
                self.update()
                k = self.k(x)
            (z * k).sum().backward()
            self.opt.step()
    def update(self):
        for a, b in zip(self.q.parameters(), self.k.parameters()):
            b.data = b.data * 0.99 + a.data * 0.01
Learner().fit()
`,
      12,
    ],
  });
  const distilled = (setup: string, given = "student.parameters()"): string => `student = Net()
${setup}
optimizer = optim.SGD(${given}, lr=0.1)
for x, y in train_loader:
    loss = F.kl_div(student(x), teacher(x).detach())
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
`;
  fires(RULE, {
    "a teacher that no optimizer steps": [distilled('teacher = Net()\nteacher.load_state_dict(torch.load("t.pt"))'), 6],
    "a teacher in a function that trains one batch": [
      `student = Net()
teacher = Net()
optimizer = optim.SGD(student.parameters(), lr=0.1)
def train_batch(x):
    teacher.train()
    loss = F.mse_loss(student(x), teacher(x))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
pool.each_batch(train_batch, data)
`,
      6,
    ],
    "a teacher in a loss that is given the network": [
      `class Consistency(nn.Module):
    def __init__(self, ema):
        super().__init__()
        self.ema = ema
    def forward(self, x, model):
        return F.mse_loss(model(x), self.ema(x).detach())
    def follow(self, parameters):
        for p, q in zip(self.ema.parameters(), parameters):
            p.data = 0.99 * p.data + 0.01 * q.data
student = Net()
ema = Net()
ema.load_state_dict(student.state_dict())
consistency = Consistency(ema)
optimizer = optim.SGD(student.parameters(), lr=0.1)
for x, y in train_loader:
    loss = criterion(student(x), y) + consistency(x, student)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    consistency.follow(student.parameters())
`,
      6,
    ],
  });
  const contrast = (start: string, before = ""): string => `class Pair(nn.Module):
    def __init__(self):
        super().__init__()
        self.q, self.k = Net(), Net()
        for a, b in zip(self.q.parameters(), self.k.parameters()):
            b.data.copy_(a.data)
            ${start}
    def forward(self, x):
        z = self.q(x)
        with torch.no_grad():
            for a, b in zip(self.q.parameters(), self.k.parameters()):
                b.data = b.data * 0.99 + a.data * 0.01
            other = self.k(x)
        return (z * other).sum()
pair = Pair()
optimizer = optim.SGD(pair.parameters(), lr=0.1)
for x, _ in train_loader:
    pair.train()
${before}    optimizer.zero_grad()
    pair(x).backward()
    optimizer.step()
`;
  fires(RULE, {
    "a momentum encoder in the network that is trained": [contrast("b.requires_grad = False"), 13],
    "the same by a method": [contrast("b.requires_grad_(False)"), 13],
  });
  silent(RULE, {
    "a momentum encoder that stays in eval mode": contrast("b.requires_grad = False", "    pair.k.eval()\n"),
    "a second encoder that is trained, too": contrast("pass"),
  });
  silent(RULE, {
    "a teacher in eval mode that no optimizer steps": distilled("teacher = Net().eval()"),
    "a teacher that learns with its student": distilled(
      "teacher = Net()",
      "list(student.parameters()) + list(teacher.parameters())",
    ),
    "a network that no optimizer steps, under another name": distilled("teacher = Net()").replaceAll(
      "teacher",
      "other",
    ),
  });
  silent(RULE, {
    "a teacher in eval mode": loop("teacher = copy.deepcopy(student).eval()"),
    "a teacher set to eval each epoch": loop("teacher = copy.deepcopy(student)", "    teacher.eval()\n"),
    "a teacher without BN": loop("teacher = nn.Linear(3, 2)"),
    "the student itself under no_grad": loop("teacher = student"),
  });
});
