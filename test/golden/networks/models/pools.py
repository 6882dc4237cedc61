import torch
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(2, 9, 3, padding=1)
        self.ceil = nn.MaxPool2d(3, stride=2, ceil_mode=True)
        self.dilated = nn.MaxPool2d(3, stride=2, padding=1, dilation=2, ceil_mode=True)
        self.average = nn.AvgPool2d(3, stride=2, padding=1, ceil_mode=True)
        self.without = nn.AvgPool2d((2, 3), stride=(3, 2), padding=(0, 1), ceil_mode=True, count_include_pad=False)
        self.head = nn.Linear(36, 4)

    def forward(self, x):
        x = self.conv1(x)
        parts = [self.ceil(x), self.dilated(x), self.average(x), self.without(x)]
        return self.head(torch.cat([F.relu(part).sum((2, 3)) / 30 for part in parts], 1))


# normlens: model Net() input=2x10x13
