"""BN layers that are called more than once: each call has statistics of its own, and moves the same running ones."""

import torch
from torch import nn
from torch.nn import functional as F


class SharedNorms(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(2, 5, 3, padding=1, bias=False)
        self.bn = nn.BatchNorm2d(5)
        self.down = nn.Conv2d(5, 5, 3, stride=2, padding=1)
        self.average = nn.BatchNorm2d(5, momentum=None, affine=False)
        self.first = nn.Linear(10, 7)
        self.norm = nn.BatchNorm1d(7, momentum=0.3)
        self.second = nn.Linear(7, 7)
        self.head = nn.Linear(7, 3)

    def forward(self, x):
        a = F.relu(self.bn(self.conv(x)))
        b = F.relu(self.bn(self.conv(x * 0.1 - 0.3)))
        b = F.relu(self.bn(self.down(b)))
        a, b = self.average(a), self.average(b)
        y = torch.cat((a.mean((2, 3)), b.mean((2, 3))), 1)
        y = F.relu(self.norm(self.first(y)))
        return self.head(F.relu(self.norm(self.second(y))))


# normlens: model SharedNorms() input=2x6x6
