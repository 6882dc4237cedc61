"""Channels weighed by what the whole image holds (Hu et al. 2018)."""
import torch
import torch.nn as nn
import torch.nn.functional as F


class Excited(nn.Module):
    def __init__(self, channels, width, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, width, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.shortcut = nn.Sequential()
        if stride != 1 or channels != width:
            self.shortcut = nn.Sequential(nn.Conv2d(channels, width, 1, stride, bias=False), nn.BatchNorm2d(width))
        self.fc1 = nn.Conv2d(width, width // 4, 1)
        self.fc2 = nn.Conv2d(width // 4, width, 1)

    def forward(self, x):
        out = F.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        weight = F.avg_pool2d(out, out.size(2))
        weight = torch.sigmoid(self.fc2(F.relu(self.fc1(weight))))
        return F.relu(out * weight + self.shortcut(x))


class Squeezed(nn.Module):
    def __init__(self, classes=10):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU())
        self.blocks = nn.Sequential(Excited(16, 16, 1), Excited(16, 32, 2), Excited(32, 64, 2))
        self.linear = nn.Linear(64, classes)

    def forward(self, x):
        return self.linear(F.adaptive_avg_pool2d(self.blocks(self.stem(x)), 1).flatten(1))
