/** Weights that are saved, averaged or put back without running statistics. */
import { STEPS, fires, silent } from "./helpers";

const SETUP = "model = Net()\noptimizer = optim.SGD(model.parameters(), lr=0.1)\n";
const TRAIN = `for epoch in range(2):\n    model.train()\n${STEPS}`;
const EVALUATE =
  "model.eval()\nwith torch.no_grad():\n    print(sum((model(x).argmax(1) == y).sum() for x, y in val_loader))\n";

describe("buffers-not-restored", () => {
  const RULE = "buffers-not-restored";
  fires(RULE, {
    "a dict of parameters that is saved": [
      `${SETUP}${TRAIN}torch.save({k: v.detach().cpu() for k, v in model.named_parameters()}, "m.pt")\n`,
      10,
    ],
    "named_parameters() as a dict, in a checkpoint with other things": [
      `${SETUP}${TRAIN}torch.save({"epoch": 2, "weights": dict(model.named_parameters())}, "m.pt")\n`,
      10,
    ],
    "a list of parameters that is saved": [`${SETUP}torch.save([p.data for p in model.parameters()], "m.pt")\n`, 3],
    "parameters that are loaded into another network": [
      `${SETUP}${TRAIN}other = Net()\nother.load_state_dict(dict(model.named_parameters()), strict=False)\n`,
      11,
    ],
    "weights that are put back after trial steps": [
      `${SETUP}kept = [p.detach().clone() for p in model.parameters()]\n${TRAIN}for p, old in ` +
        `zip(model.parameters(), kept):\n` +
        "    p.data.copy_(old)\n",
      12,
    ],
    "weights that a dict kept": [
      `${SETUP}kept = {n: p.clone() for n, p in ` +
        `model.named_parameters()}\n${TRAIN}for n, p in model.named_parameters():\n` +
        "    p.data = kept[n]\n",
      12,
    ],
    "deep copies that are put back": [
      `${SETUP}kept = copy.deepcopy(list(model.parameters()))\n${TRAIN}for p, old in zip(model.parameters(), ` +
        `kept):\n    p.data = old\n`,
      12,
    ],
  });
  silent(RULE, {
    "a state_dict that is saved": `${SETUP}${TRAIN}torch.save(model.state_dict(), "m.pt")\n`,
    "parameters and buffers in one file":
      `${SETUP}torch.save({"p": dict(model.named_parameters()), "b": ` + `dict(model.named_buffers())}, "m.pt")\n`,
    "the parameters of a network without BN":
      `net = nn.Linear(3, 2)\ntorch.save(dict(net.named_parameters()), ` + `"m.pt")\n`,
    "some parameters that are saved":
      `${SETUP}torch.save({n: p for n, p in model.named_parameters() if "lora" ` + `in n}, "m.pt")\n`,
    "a whole state that is put back":
      `${SETUP}kept = {k: v.clone() for k, v in ` +
      `model.state_dict().items()}\n${TRAIN}model.load_state_dict(kept)\n`,
    "weights and buffers that are put back":
      `${SETUP}kept = [p.clone() for p in model.parameters()]\nstill = [b.clone() for b in model.buffers()]\n${TRAIN}` +
      "for p, old in zip(model.parameters(), kept):\n    p.data.copy_(old)\n" +
      "for b, old in zip(model.buffers(), still):\n    b.copy_(old)\n",
    "weights that are put back after a look in eval mode":
      `${SETUP}${TRAIN}kept = [p.clone() for p in model.parameters()]\nmodel.eval()\nwith torch.no_grad():\n` +
      "    for p in model.parameters():\n        p.mul_(0.5)\n    print(model(torch.rand(8, 3, 8, 8)))\n" +
      "for p, old in zip(model.parameters(), kept):\n    p.data.copy_(old)\n",
  });
});

describe("swa-without-update-bn", () => {
  const RULE = "swa-without-update-bn";
  const SERVER = `server = Net()
clients = [copy.deepcopy(server) for _ in range(4)]
def local(model):
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    model.train()
${STEPS}`;
  const ASK = "    server.eval()\n    print(server(torch.rand(8, 3, 8, 8)))\n";
  const shadow = (more = ""): string => `class Shadow:
    def __init__(self, net):
        self.net = net
        self.kept = {n: p.data.clone() for n, p in net.named_parameters()}
        self.own = {}
    def update(self):
        for n, p in self.net.named_parameters():
            self.kept[n] = 0.999 * self.kept[n] + 0.001 * p.data
    def apply(self):
        for n, p in self.net.named_parameters():
            self.own[n] = p.data
            p.data = self.kept[n]
${more}${SETUP}ema = Shadow(model)
${TRAIN}        ema.update()
ema.apply()
${EVALUATE}`;
  fires(RULE, {
    "a server that averages the parameters of its clients": [
      `${SERVER}for turn in range(9):
    for client in clients:
        local(client)
    for target, *given in zip(server.parameters(), *(c.parameters() for c in clients)):
        target.data = torch.stack([g.data for g in given]).mean(0)
${ASK}`,
      15,
    ],
    "a sum that grows in place": [
      `${SERVER}for turn in range(9):
    for p in server.parameters():
        p.data.zero_()
    for client in clients:
        local(client)
        for mine, theirs in zip(server.parameters(), client.parameters()):
            mine.data += theirs.data / 4
${ASK}`,
      17,
    ],
    "updates that are collected in dicts": [
      `${SERVER}for turn in range(9):
    updates = []
    for client in clients:
        local(client)
        updates.append({n: p.detach().clone() for n, p in client.named_parameters()})
    mean = {n: sum(u[n] for u in updates) / 4 for n in updates[0]}
    for n, p in server.named_parameters():
        p.data.copy_(mean[n])
${ASK}`,
      18,
    ],
    "a list of averages that a helper puts into the network": [
      `def put(net, values):
    for p, v in zip(net.parameters(), values):
        p.data.copy_(v)
${SETUP}mean = [p.detach().clone() for p in model.parameters()]
${TRAIN}        for m, p in zip(mean, model.parameters()):
            m.mul_(0.99).add_(p.data, alpha=0.01)
put(model, mean)
${EVALUATE}`,
      16,
    ],
    "a Schedule-Free optimizer": [
      `import schedulefree
model = Net()
optimizer = schedulefree.AdamWScheduleFree(model.parameters(), lr=1e-3)
for epoch in range(9):
    model.train()
    optimizer.train()
${STEPS}    model.eval()
    optimizer.eval()
    print(model(torch.rand(8, 3, 8, 8)))
`,
      3,
    ],
    "a dict of averages in a class": [shadow(), 12],
  });
  silent(RULE, {
    "a server that averages whole states": `${SERVER}for turn in range(9):
    for client in clients:
        local(client)
    states = [c.state_dict() for c in clients]
    server.load_state_dict({k: sum(s[k] for s in states) / 4 for k in states[0]})
${ASK}`,
    "a dict of averages with buffers": shadow(
      "        for b, c in zip(self.net.buffers(), self.still):\n            b.copy_(c)\n    still = [b.clone() " +
        "for b in Net().buffers()]\n",
    ),
    "a Schedule-Free optimizer whose statistics are measured again": `import schedulefree
model = Net()
optimizer = schedulefree.AdamWScheduleFree(model.parameters(), lr=1e-3)
for epoch in range(9):
    model.train()
    optimizer.train()
${STEPS}    optimizer.eval()
    torch.optim.swa_utils.update_bn(train_loader, model)
    model.eval()
    print(model(torch.rand(8, 3, 8, 8)))
`,
    "averages that are never evaluated": `${SETUP}mean = [p.clone() for p in model.parameters()]
${TRAIN}        for m, p in zip(mean, model.parameters()):
            m.mul_(0.99).add_(p.data, alpha=0.01)
`,
  });
});
