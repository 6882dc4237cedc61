"""One block for each normalization: style-transfer's instance norms, tokens with layer norms, a BN between them."""
import torch.nn as nn
import torch.nn.functional as F


class Tokens(nn.Module):
    """Normalizes channels last, as ConvNeXt does (Liu et al. 2022)."""

    def __init__(self, channels):
        super().__init__()
        self.depthwise = nn.Conv2d(channels, channels, 7, padding=3, groups=channels)
        self.norm = nn.LayerNorm(channels, eps=1e-6)
        self.widen = nn.Conv2d(channels, 2 * channels, 1)
        self.narrow = nn.Conv2d(2 * channels, channels, 1)

    def forward(self, x):
        y = self.norm(self.depthwise(x).permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
        return x + self.narrow(F.gelu(self.widen(y)))


class Norms(nn.Module):
    def __init__(self, classes=10, width=16):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, width, 4, stride=4), nn.InstanceNorm2d(width, affine=True, track_running_stats=True))
        self.blocks = nn.Sequential(Tokens(width), nn.InstanceNorm2d(width), Tokens(width), nn.BatchNorm2d(width))
        self.whole = nn.LayerNorm([width, 4, 4])
        self.pool = nn.AvgPool2d(2)
        self.head = nn.Linear(16 * width, classes)

    def forward(self, x):
        x = self.pool(self.blocks(self.stem(x)))
        return self.head(self.whole(x).flatten(1))
