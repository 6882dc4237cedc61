import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    """Batch renormalization from the first update on, and with limits that open while it trains."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(2, 9, 3)
        self.first = nn.BatchNorm2d(9)  # normlens: use renorm(0)
        self.conv2 = nn.Conv2d(9, 6, 3, bias=False)
        self.opening = nn.BatchNorm2d(6, eps=1e-3, momentum=0.3)  # normlens: use renorm(1)
        self.fc1 = nn.Linear(6, 8)
        self.features = nn.BatchNorm1d(8, affine=False)  # normlens: use renorm(0)
        self.fc2 = nn.Linear(8, 7)
        self.average = nn.BatchNorm1d(7, momentum=None)  # normlens: use renorm(2)
        self.fc3 = nn.Linear(7, 4)

    def forward(self, x):
        x = F.silu(self.first(self.conv1(4 * x + 1)))
        x = F.silu(self.opening(self.conv2(x)))
        x = F.silu(self.features(self.fc1(x.mean((2, 3)))))
        return self.fc3(F.silu(self.average(self.fc2(x))))


# normlens: model Net() input=2x7x6
