# normlens: model Net() input=6
import torch
from torch import nn


class Scale(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(size))
        self.register_parameter("beta", nn.Parameter(torch.zeros(size)))
        self.register_buffer("steps", torch.zeros(1))

    def forward(self, x):
        return x * self.gamma + self.beta


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        shared = nn.Linear(6, 6)
        self.first = shared
        self.act = nn.ReLU()
        self.again = shared
        self.norm = nn.BatchNorm1d(6)
        self.scale = Scale(6)
        self.unused = nn.BatchNorm1d(3)
        self.head = nn.Linear(6, 2)
        del self.act
        self.relu = nn.ReLU6()

    def forward(self, x):
        x = self.relu(self.norm(self.first(x)))
        x = self.relu(self.norm(self.again(x)))
        return self.head(self.scale(x))
