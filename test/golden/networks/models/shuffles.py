import torch
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(2, 12, 3, padding=1)
        self.up = nn.PixelShuffle(2)
        self.conv2 = nn.Conv2d(3, 5, 3)
        self.largest = nn.AdaptiveMaxPool2d((3, None))
        self.conv3 = nn.Conv2d(20, 6, 1)
        self.end = nn.Identity()
        self.head = nn.Linear(6 + 12, 4)

    def forward(self, x):
        x = self.conv1(x)
        y = F.relu(self.conv2(self.up(x)))
        y = self.conv3(F.pixel_unshuffle(self.largest(y)[:, :, :2], 2))
        x = torch.cat([x, x[:, :, 1:2] * 2, x], 2)
        x = torch.cat([x[..., :2], x], dim=-1)
        z = self.head(torch.cat([y.mean((2, 3)), F.adaptive_max_pool2d(x, 1).flatten(1) + x.sum((2, 3)) / 50], 1))
        first, rest = self.end(z).split([1, 3], 1)
        return self.end(z)


# normlens: model Net() input=2x5x6
