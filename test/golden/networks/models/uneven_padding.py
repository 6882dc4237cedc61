import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    """padding="same" with even kernels, which has one zero more behind than in front."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(2, 9, (4, 3), padding="same")
        self.norm1 = nn.BatchNorm2d(9)
        self.conv2 = nn.Conv2d(9, 6, 2, padding="same", dilation=3)
        self.depthwise = nn.Conv2d(6, 6, (3, 4), padding="same", groups=6)
        self.conv3 = nn.Conv1d(6, 10, 8, padding="same", groups=2)
        self.norm3 = nn.BatchNorm1d(10)
        self.conv4 = nn.Conv1d(10, 10, 6, padding="same", groups=10)
        self.head = nn.Linear(10, 4)

    def forward(self, x):
        x = F.silu(self.norm1(self.conv1(x)))
        x = F.silu(self.depthwise(self.conv2(x))).flatten(2)
        x = F.silu(self.norm3(self.conv3(x)))
        return self.head(self.conv4(x).mean(2))


# normlens: model Net() input=2x7x6
