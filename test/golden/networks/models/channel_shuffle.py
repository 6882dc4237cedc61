import torch
import torch.nn as nn
import torch.nn.functional as F


def channel_shuffle(x, groups):
    batch, channels, height, width = x.size()
    x = x.view(batch, groups, channels // groups, height, width)
    x = torch.transpose(x, 1, 2).contiguous()
    return x.view(batch, -1, height, width)


class Unit(nn.Module):
    """The block of ShuffleNetV2 (Ma et al. 2018) without its grouped convolution."""

    def __init__(self, channels):
        super().__init__()
        half = channels // 2
        self.branch = nn.Sequential(nn.Conv2d(half, half, 3, padding=1, bias=False), nn.BatchNorm2d(half), nn.ReLU())

    def forward(self, x):
        x1, x2 = x.chunk(2, dim=1)
        return channel_shuffle(torch.cat((x1, self.branch(x2)), dim=1), 2)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(2, 12, 3, padding=1)
        self.units = nn.Sequential(Unit(12), Unit(12))
        self.fold = nn.Conv2d(48, 7, 1)
        self.rows = nn.Linear(7 * 3, 5)
        self.head = nn.Linear(5 + 7 + 6, 4)

    def forward(self, x):
        x = self.units(self.stem(x))
        b, c, h, w = x.shape
        a, rest, _ = torch.split(x, [3, 5, 4], 1)
        deep = x.reshape(b, c, h // 2, 2, w // 2, 2).permute(0, 1, 3, 5, 2, 4).reshape(b, 4 * c, h // 2, w // 2)
        y = self.fold(deep)
        rows = self.rows(y.permute(0, 2, 3, 1)[:, :, 1:2].reshape(b, -1))
        wide = F.pad(a[:, :, ::2, 1:-1], (1, 1, 0, 3, 1, 0), mode="constant")
        wide = wide + rest.narrow(1, 1, 4) - F.pad(F.pad(rest[:, 1:], (-1, 1, 1, -2)), [0, 0, 1, 0])
        back = x.flatten(2).mean(2)[:, 4:10]
        return self.head(torch.cat([rows, y.mean(-1).mean(-1), back.unsqueeze(1).squeeze(1) + wide.mean((2, 3)).sum(1, keepdim=True)], 1))


# normlens: model Net() input=2x6x6
