import torch.nn as nn


class Net(nn.Module):
    """Groups of every kind: whole columns, parts of them, a multiplier, dilated, strided, the last group cut by padding."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(2, 6, 3, padding=1, groups=2)
        self.triple = nn.Conv2d(6, 9, 3, padding=1, groups=3, bias=False)
        self.bn1 = nn.BatchNorm2d(9)
        self.widen = nn.Conv2d(9, 48, 1)
        self.halves = nn.Conv2d(48, 32, 3, stride=2, padding=1, groups=2)
        self.bn2 = nn.BatchNorm2d(32)
        self.fours = nn.Conv2d(32, 40, 3, padding=2, dilation=2, groups=8)
        self.bn3 = nn.BatchNorm2d(40)
        self.fc = nn.Linear(40, 5)

    def forward(self, x):
        x = nn.functional.relu(self.bn1(self.triple(self.stem(x))))
        x = nn.functional.relu(self.bn2(self.halves(self.widen(x))))
        x = nn.functional.relu(self.bn3(self.fours(x)))
        return self.fc(nn.functional.adaptive_avg_pool2d(x, 1).flatten(1))


# normlens: model Net() input=2x9x7
