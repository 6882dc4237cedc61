"""Fifty layers with PyTorch's own initialization: without BN no gradient reaches the first one."""

# normlens: model FiftyLayers() input=1x28x28 data=digits
import torch
from torch import nn


class FiftyLayers(nn.Module):
    def __init__(self, width=64, depth=50):
        super().__init__()
        layers, features = [nn.Flatten()], 28 * 28
        for _ in range(depth):
            layers += [nn.Linear(features, width), nn.BatchNorm1d(width), nn.ReLU()]
            features = width
        self.net = nn.Sequential(*layers, nn.Linear(width, 10))

    def forward(self, x):
        return self.net(x)
