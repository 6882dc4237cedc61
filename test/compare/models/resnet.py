"""Residual blocks with projections where the shape changes (He et al. 2016)."""
import torch.nn as nn
import torch.nn.functional as F


class Basic(nn.Module):
    expansion = 1

    def __init__(self, channels, width, stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, width, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.shortcut = nn.Sequential()
        if stride != 1 or channels != self.expansion * width:
            self.shortcut = nn.Sequential(nn.Conv2d(channels, self.expansion * width, 1, stride, bias=False), nn.BatchNorm2d(self.expansion * width))

    def forward(self, x):
        out = F.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        out += self.shortcut(x)
        return F.relu(out)


class Residual(nn.Module):
    def __init__(self, block, counts, classes=10):
        super().__init__()
        self.channels = 16
        self.conv1 = nn.Conv2d(3, 16, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        self.layer1 = self.stage(block, 16, counts[0], 1)
        self.layer2 = self.stage(block, 32, counts[1], 2)
        self.layer3 = self.stage(block, 64, counts[2], 2)
        self.layer4 = self.stage(block, 96, counts[3], 2)
        self.linear = nn.Linear(96 * block.expansion, classes)

    def stage(self, block, width, count, stride):
        blocks = []
        for step in [stride] + [1] * (count - 1):
            blocks.append(block(self.channels, width, step))
            self.channels = width * block.expansion
        return nn.Sequential(*blocks)

    def forward(self, x):
        out = F.relu(self.bn1(self.conv1(x)))
        out = self.layer4(self.layer3(self.layer2(self.layer1(out))))
        out = F.avg_pool2d(out, 4)
        return self.linear(out.view(out.size(0), -1))


def residual18():
    return Residual(Basic, [2, 2, 2, 2])
