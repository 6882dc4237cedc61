"""Split, convolve one half, shuffle the channels (Ma et al. 2018)."""
import torch
import torch.nn as nn
import torch.nn.functional as F


class Shuffle(nn.Module):
    def __init__(self, groups=2):
        super().__init__()
        self.groups = groups

    def forward(self, x):
        batch, channels, height, width = x.size()
        x = x.view(batch, self.groups, channels // self.groups, height, width)
        return x.permute(0, 2, 1, 3, 4).reshape(batch, channels, height, width)


class Half(nn.Module):
    def __init__(self, channels):
        super().__init__()
        width = channels // 2
        self.conv1 = nn.Conv2d(width, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, 1, 1, groups=width, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, width, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(width)
        self.shuffle = Shuffle()

    def forward(self, x):
        first, second = x.chunk(2, dim=1)
        out = F.relu(self.bn1(self.conv1(second)))
        out = self.bn2(self.conv2(out))
        out = F.relu(self.bn3(self.conv3(out)))
        return self.shuffle(torch.cat([first, out], 1))


class Down(nn.Module):
    def __init__(self, channels, out):
        super().__init__()
        width = out // 2
        self.left = nn.Sequential(
            nn.Conv2d(channels, channels, 3, 2, 1, groups=channels, bias=False), nn.BatchNorm2d(channels),
            nn.Conv2d(channels, width, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU(),
        )
        self.right = nn.Sequential(
            nn.Conv2d(channels, width, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU(),
            nn.Conv2d(width, width, 3, 2, 1, groups=width, bias=False), nn.BatchNorm2d(width),
            nn.Conv2d(width, width, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU(),
        )
        self.shuffle = Shuffle()

    def forward(self, x):
        return self.shuffle(torch.cat([self.left(x), self.right(x)], 1))


class Shuffled(nn.Module):
    def __init__(self, classes=10):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 20, 3, 1, 1, bias=False), nn.BatchNorm2d(20), nn.ReLU())
        self.stages = nn.Sequential(Down(20, 36), Half(36), Down(36, 72), Half(72))
        self.linear = nn.Linear(72, classes)

    def forward(self, x):
        out = self.stages(self.stem(x))
        return self.linear(F.adaptive_avg_pool2d(out, 1).flatten(1))
