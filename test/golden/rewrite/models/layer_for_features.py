import torch
import torch.nn as nn
import torch.nn.functional as F


class Head(nn.Module):
    def __init__(self, features=32, hidden=64, out=16):
        super().__init__()
        self.fc1 = nn.Linear(features, hidden)
        self.bn1 = nn.BatchNorm1d(hidden)  # normlens: use layer
        self.fc2 = nn.Linear(hidden, out)

    def forward(self, x):
        x = self.bn1(self.fc1(x))
        x = F.gelu(x)
        return self.fc2(x)


# normlens: model Head() input=32
