import torch
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    """Layer normalization over one, two and three axes of features, sequences and images."""

    def __init__(self):
        super().__init__()
        self.whole = nn.LayerNorm([2, 6, 5])
        self.conv1 = nn.Conv2d(2, 9, 3, padding=1)
        self.plane = nn.LayerNorm([6, 5], eps=1e-3)
        self.rows = nn.LayerNorm(5, elementwise_affine=False)
        self.conv2 = nn.Conv2d(9, 10, 3, padding=1)
        self.pixels = nn.LayerNorm(10)
        self.conv3 = nn.Conv1d(10, 4, 3, padding=1)
        self.tokens = nn.LayerNorm(30)
        self.both = nn.LayerNorm((4, 30))
        self.fc = nn.Linear(120, 7)
        self.features = nn.LayerNorm([7])
        self.head = nn.Linear(7, 4)

    def forward(self, x):
        x = F.silu(self.conv1(self.whole(x)))
        x = self.plane(x) + self.rows(x)
        x = self.pixels(self.conv2(x).permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
        x = self.conv3(F.silu(x).flatten(2))
        x = self.both(torch.sigmoid(self.tokens(x)))
        return self.head(self.features(self.fc(x.flatten(1))))


# normlens: model Net() input=2x6x5
