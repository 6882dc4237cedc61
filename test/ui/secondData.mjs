// A training script as a person has one: it goes on with other data, and its running statistics stay behind.

/** The running statistics take in a hundredth of each batch: they do not follow when the data change. */
export const FAULTY = "momentum=0.01";
export const FIXED = "momentum=0.1";
/** `python classify.py STEPS SECONDS`: so many steps on the second data, each so long. */
export const training = (/** @type {string} */ momentum) => `import sys
import time
import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(1)


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden1 = nn.Linear(8, 32, bias=False)
        self.bn1 = nn.BatchNorm1d(32, ${momentum})
        self.hidden2 = nn.Linear(32, 32, bias=False)
        self.bn2 = nn.BatchNorm1d(32, ${momentum})
        self.out = nn.Linear(32, 4)

    def forward(self, x):
        x = F.relu(self.bn1(self.hidden1(x)))
        return self.out(F.relu(self.bn2(self.hidden2(x))))


def train(model, x, y, steps, seconds, every):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    for step in range(steps):
        model.train()
        batch = torch.randperm(len(x))[:100]
        optimizer.zero_grad()
        F.cross_entropy(model(x[batch]), y[batch]).backward()
        optimizer.step()
        time.sleep(seconds)
        if step % every == every - 1:
            with torch.no_grad():
                model.eval()(x)


steps, seconds = int(sys.argv[1]), float(sys.argv[2])
model = Classifier()
centres = torch.randn(4, 8)
x = torch.cat([centre + torch.randn(500, 8) for centre in centres])
y = torch.arange(4).repeat_interleave(500)
train(model, x, y, 500, 0, 250)
train(model, 3 * x + 6, y, steps, seconds, 8)
`;
