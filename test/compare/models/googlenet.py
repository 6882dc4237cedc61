"""Branches of several kernels beside a pool (Szegedy et al. 2015), with BN."""
import torch
import torch.nn as nn


def unit(channels, out, kernel, padding=0):
    return nn.Sequential(nn.Conv2d(channels, out, kernel, padding=padding), nn.BatchNorm2d(out), nn.ReLU(True))


class Inception(nn.Module):
    def __init__(self, channels, one, three, five, pool):
        super().__init__()
        self.b1 = unit(channels, one, 1)
        self.b2 = nn.Sequential(*unit(channels, three // 2, 1), *unit(three // 2, three, 3, 1))
        self.b3 = nn.Sequential(unit(channels, five // 2, 1), unit(five // 2, five, 3, 1), unit(five, five, 3, 1))
        self.b4 = nn.Sequential(nn.MaxPool2d(3, stride=1, padding=1), unit(channels, pool, 1))

    def forward(self, x):
        return torch.cat([self.b1(x), self.b2(x), self.b3(x), self.b4(x)], 1)


class Google(nn.Module):
    def __init__(self, classes=10):
        super().__init__()
        self.pre = unit(3, 24, 3, 1)
        self.a3 = Inception(24, 16, 20, 8, 8)
        self.b3 = Inception(52, 20, 24, 12, 8)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        self.a4 = Inception(64, 24, 28, 12, 12)
        self.avgpool = nn.AvgPool2d(16, stride=1)
        self.linear = nn.Linear(76, classes)

    def forward(self, x):
        out = self.b3(self.a3(self.pre(x)))
        out = self.a4(self.maxpool(out))
        out = self.avgpool(out)
        return self.linear(out.view(out.size(0), -1))
