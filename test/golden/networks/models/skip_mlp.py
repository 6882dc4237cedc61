import torch
import torch.nn as nn


class Net(nn.Module):
    def __init__(self, width=13):
        super().__init__()
        self.inner = nn.Linear(11, width)
        self.blocks = nn.ModuleList([nn.Sequential(nn.BatchNorm1d(width), nn.Sigmoid(), nn.Linear(width, width)) for _ in range(2)])
        self.head = nn.Linear(width + 11, 3)

    def forward(self, x):
        y = self.inner(x)
        for block in self.blocks:
            y = y + block(y)
        return self.head(torch.cat([y + y, x], -1))


# normlens: model Net() input=11
