"""Inverted residuals around depthwise convolutions (Sandler et al. 2018)."""
import torch.nn as nn


class Inverted(nn.Module):
    def __init__(self, channels, out, stride, expansion):
        super().__init__()
        hidden = channels * expansion
        self.keeps = stride == 1 and channels == out
        layers = []
        if expansion != 1:
            layers += [nn.Conv2d(channels, hidden, 1, bias=False), nn.BatchNorm2d(hidden), nn.ReLU6(inplace=True)]
        layers += [
            nn.Conv2d(hidden, hidden, 3, stride, 1, groups=hidden, bias=False), nn.BatchNorm2d(hidden), nn.ReLU6(inplace=True),
            nn.Conv2d(hidden, out, 1, bias=False), nn.BatchNorm2d(out),
        ]
        self.conv = nn.Sequential(*layers)

    def forward(self, x):
        if self.keeps:
            return x + self.conv(x)
        return self.conv(x)


class Mobile(nn.Module):
    settings = [(1, 12, 1, 1), (6, 16, 2, 1), (6, 20, 2, 2), (6, 32, 2, 2)]

    def __init__(self, classes=10):
        super().__init__()
        features = [nn.Sequential(nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU6(inplace=True))]
        channels = 16
        for expansion, out, count, stride in self.settings:
            for index in range(count):
                features.append(Inverted(channels, out, stride if index == 0 else 1, expansion))
                channels = out
        self.features = nn.Sequential(*features)
        self.classifier = nn.Sequential(nn.Dropout(0.0), nn.Linear(channels, classes))

    def forward(self, x):
        return self.classifier(self.features(x).mean([2, 3]))
