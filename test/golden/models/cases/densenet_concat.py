# normlens: model DenseNet(growth=4, blocks=(2, 3)) input=1x16x16
import math

import torch
import torch.nn as nn
import torch.nn.functional as F


class DenseLayer(nn.Sequential):
    def __init__(self, cin, growth, drop=0.0):
        super(DenseLayer, self).__init__()
        self.add_module("norm1", nn.BatchNorm2d(cin))
        self.add_module("relu1", nn.ReLU(inplace=True))
        self.add_module("conv1", nn.Conv2d(cin, 4 * growth, kernel_size=1, bias=False))
        self.add_module("norm2", nn.BatchNorm2d(4 * growth))
        self.add_module("relu2", nn.ReLU(inplace=True))
        self.add_module("conv2", nn.Conv2d(4 * growth, growth, kernel_size=3, padding=1, bias=False))
        self.drop = drop

    def forward(self, x):
        new = super(DenseLayer, self).forward(x)
        if self.drop > 0:
            new = F.dropout(new, p=self.drop, training=self.training)
        return torch.cat([x, new], 1)


class Transition(nn.Sequential):
    def __init__(self, cin, cout):
        super().__init__()
        self.norm = nn.BatchNorm2d(cin)
        self.relu = nn.ReLU(inplace=True)
        self.conv = nn.Conv2d(cin, cout, kernel_size=1, bias=False)
        self.pool = nn.AvgPool2d(2, 2)


class DenseNet(nn.Module):
    def __init__(self, growth, blocks, reduction=0.5, classes=6):
        super().__init__()
        channels = 2 * growth
        self.features = nn.Sequential()
        self.features.add_module("conv0", nn.Conv2d(1, channels, 3, padding=1, bias=False))
        for i, count in enumerate(blocks):
            block = nn.Sequential(*[DenseLayer(channels + j * growth, growth) for j in range(count)])
            self.features.add_module("block%d" % (i + 1), block)
            channels += count * growth
            if i != len(blocks) - 1:
                out = int(math.floor(channels * reduction))
                self.features.add_module("transition%d" % (i + 1), Transition(channels, out))
                channels = out
        self.features.add_module("norm", nn.BatchNorm2d(channels))
        self.classifier = nn.Linear(channels, classes)

    def forward(self, x):
        features = self.features(x)
        out = F.relu(features, inplace=True)
        out = F.adaptive_avg_pool2d(out, (1, 1)).view(features.size(0), -1)
        return self.classifier(out)
