"""A training that goes on with other data: at momentum 0.01 the running statistics stay behind."""

import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(1)


class Classifier(nn.Module):
    def __init__(self, features=8, width=32, classes=4):
        super().__init__()
        self.hidden1 = nn.Linear(features, width, bias=False)
        self.bn1 = nn.BatchNorm1d(width, momentum=0.01)
        self.hidden2 = nn.Linear(width, width, bias=False)
        self.bn2 = nn.BatchNorm1d(width, momentum=0.01)
        self.out = nn.Linear(width, classes)

    def forward(self, x):
        x = F.relu(self.bn1(self.hidden1(x)))
        return self.out(F.relu(self.bn2(self.hidden2(x))))


def train(model, x, y, steps, every):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    for step in range(steps):
        model.train()
        batch = torch.randperm(len(x))[:100]
        optimizer.zero_grad()
        F.cross_entropy(model(x[batch]), y[batch]).backward()
        optimizer.step()
        if step % every == every - 1:
            with torch.no_grad():
                model.eval()(x)


centres = torch.randn(4, 8)
x = torch.cat([centre + torch.randn(500, 8) for centre in centres])
y = torch.arange(4).repeat_interleave(500)
model = Classifier()
train(model, x, y, 500, 250)
train(model, 3 * x + 6, y, 40, 8)
