import { fires, silent } from "./helpers";

const RULE = "held-but-updating";

const body = (freeze: string, optimizer: string): string => `class Detector(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU())
        self.head = nn.Conv2d(8, 4, 1)
    def forward(self, x):
        return self.head(self.body(x))
${freeze}
net = nn.DataParallel(Detector())
optimizer = ${optimizer}
def train(epoch):
    net.train()
    net.module.freeze_bn()
    for x, y in train_loader:
        optimizer.zero_grad()
        criterion(net(x), y).backward()
        optimizer.step()
for epoch in range(9):
    train(epoch)
    net.eval()
`;

const ALL = "optim.SGD(net.parameters(), lr=0.1, weight_decay=1e-4)";
const loop = (inside: string, over = "self"): string => `    def freeze_bn(self):
        for layer in ${over}.modules():
            if isinstance(layer, nn.BatchNorm2d):
${inside}`;
const EVAL = loop("                layer.eval()");

describe("held-but-updating in a script", () => {
  fires(RULE, {
    "a freeze_bn() that only calls eval()": [body(EVAL, ALL), 11],
    "one of the backbone alone": [body(loop("                layer.eval()", "self.body"), ALL), 11],
    "an optimizer with a group for the backbone": [
      body(
        EVAL,
        'optim.Adam([{"params": net.module.body.parameters(), "lr": 1e-4}, {"params": net.module.head.parameters()}])',
      ),
      11,
    ],
  });
  fires(RULE, {
    "one of several networks that an option picks": [
      body(EVAL, ALL).replace(
        "net = nn.DataParallel(Detector())",
        "if sys.argv[1] == 'a':\n    net = Detector()\nelse:\n    net = Detector()\nnet = nn.DataParallel(net)",
      ),
      11,
    ],
  });
  silent(RULE, {
    "γ and β that get no gradients": body(
      loop(
        "                layer.eval()\n                layer.weight.requires_grad = False\n" +
          "                layer.bias.requires_grad = False",
      ),
      ALL,
    ),
    "γ and β that a later loop freezes": `${body(EVAL, ALL)}for p in net.module.body.parameters():\n    p.requires_grad_(False)\n`,
    "an optimizer that has the head alone": body(EVAL, "optim.SGD(net.module.head.parameters(), lr=0.1)"),
    "parameters that a condition picks": body(
      EVAL,
      'optim.SGD([p for n, p in net.named_parameters() if "bn" not in n], lr=0.1)',
    ),
    "a function whose name speaks of statistics": body(EVAL, ALL).replaceAll("freeze_bn", "freeze_bn_stats"),
    "a function whose name says that it only evaluates": body(EVAL, ALL).replaceAll("freeze_bn", "bn_to_eval"),
    "a network that is trained without it": body(EVAL, ALL).replace("    net.module.freeze_bn()\n", ""),
    "a network without BN": body(EVAL, ALL).replace("nn.BatchNorm2d(8), ", ""),
  });
});
