import torch.nn as nn
import torch.nn.functional as F


class Mixer(nn.Module):
    """Mixes tokens and then channels (Tolstikhin et al. 2021); both halves are Linear layers over the last axis."""

    def __init__(self, tokens, channels):
        super().__init__()
        self.norm1 = nn.LayerNorm(channels)
        self.tokens1 = nn.Linear(tokens, 7)
        self.tokens2 = nn.Linear(7, tokens)
        self.norm2 = nn.LayerNorm(channels)
        self.channels1 = nn.Linear(channels, 20)
        self.channels2 = nn.Linear(20, channels, bias=False)

    def forward(self, x):
        y = self.tokens2(F.gelu(self.tokens1(self.norm1(x).transpose(1, 2)))).transpose(1, 2)
        x = x + y
        return x + self.channels2(F.gelu(self.channels1(self.norm2(x))))


class Net(nn.Module):
    """Patches of an image as tokens; one layer is shared between two places."""

    def __init__(self):
        super().__init__()
        self.patches = nn.Conv2d(3, 10, 2, stride=2)
        self.pixels = nn.Linear(10, 10)
        self.mixer = Mixer(12, 10)
        self.norm = nn.BatchNorm1d(12)
        self.head = nn.Linear(10, 4)

    def forward(self, x):
        x = self.pixels(self.patches(x).permute(0, 2, 3, 1))
        x = F.silu(x).flatten(1, 2)
        x = self.pixels(self.norm(self.mixer(x)))
        return self.head(x.mean(1))


# normlens: model Net() input=3x6x8
