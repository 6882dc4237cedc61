# normlens: model build() input=10
import copy

import torch
import torch.nn as nn


def weights_init(m):
    name = m.__class__.__name__
    if name.find("Linear") != -1:
        nn.init.normal_(m.weight, 0.0, 0.02)
    elif name.find("BatchNorm") != -1:
        m.eps = 1e-3
        m.momentum = 0.2


class Tower(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        pairs = zip(sizes[:-1], sizes[1:])
        self.layers = nn.ModuleDict({f"fc{i}": nn.Linear(a, b) for i, (a, b) in enumerate(pairs, start=1)})
        self.norms = nn.ModuleList()
        for size in sizes[1:]:
            self.norms.append(nn.BatchNorm1d(size))
        self.copies = nn.ModuleList([copy.deepcopy(self.norms[0]) for _ in range(2)])
        self.apply(weights_init)

    @property
    def depth(self):
        return len(self.norms)

    @staticmethod
    def squash(x):
        return torch.tanh(x)

    def forward(self, x):
        for i, (name, layer) in enumerate(self.layers.items()):
            x = self.norms[i](layer(x))
            if i < self.depth - 1:
                x = self.squash(x)
        return x


def build(hidden=(12, 12), classes=5):
    return Tower([10, *hidden, classes])
