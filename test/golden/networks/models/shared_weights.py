import torch
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    """Layers that are called up to three times, one of them on the input and on what it made."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 3, padding=1)
        self.widen = nn.Conv2d(3, 10, 1)
        self.norm = nn.GroupNorm(2, 10)
        self.slope = nn.PReLU(10)
        self.loop = nn.Linear(10, 10)
        self.scale = nn.LayerNorm(10)
        self.head = nn.Linear(10, 4)

    def forward(self, x):
        for _ in range(3):
            x = F.silu(self.conv(x))
        a = self.slope(self.norm(self.widen(x)))
        b = self.slope(self.norm(self.widen(F.avg_pool2d(x, 2))))
        y = a.mean((2, 3)) + b.mean((2, 3))
        for _ in range(2):
            y = self.scale(torch.tanh(self.loop(y)) + y)
        return self.head(y)


# normlens: model Net() input=3x6x6
