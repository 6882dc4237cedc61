"""Convolutions of raw waveforms with BN (Dai et al. 2016), with separable convolutions further up."""
import torch
import torch.nn as nn


class Waveforms(nn.Module):
    def __init__(self, classes=10, width=24):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv1d(1, width, 16, stride=4, padding=8), nn.BatchNorm1d(width), nn.ReLU(), nn.MaxPool1d(4))
        self.middle = nn.Sequential(nn.Conv1d(width, width, 3, padding="same", bias=False), nn.BatchNorm1d(width), nn.ReLU(), nn.MaxPool1d(2, ceil_mode=True))
        self.depthwise = nn.Conv1d(width, width, 3, padding=2, dilation=2, groups=width, bias=False)
        self.pointwise = nn.Conv1d(width, 2 * width, 1, bias=False)
        self.norm = nn.BatchNorm1d(2 * width)
        self.pool = nn.AdaptiveAvgPool1d(1)
        self.head = nn.Linear(2 * width, classes)

    def forward(self, x):
        x = self.middle(self.stem(x))
        x = torch.relu(self.norm(self.pointwise(self.depthwise(x))))
        return self.head(self.pool(x).flatten(1))
