# The network of the batch normalization (BN) paper (Ioffe and Szegedy, 2015, section 4.1):
# three hidden layers of 100 sigmoid units for handwritten digits.
#
# Try it: remove a BN layer with "# normlens: remove" at the end of its line, or change its
# momentum with "# normlens: set momentum=0.01". Then train again and compare the runs.

# normlens: model MnistMlp() input=1x28x28 data=digits

import torch
from torch import nn


class MnistMlp(nn.Module):
    def __init__(self, hidden=100, classes=10):
        super().__init__()
        self.fc1 = nn.Linear(28 * 28, hidden)
        self.bn1 = nn.BatchNorm1d(hidden)
        self.fc2 = nn.Linear(hidden, hidden)
        self.bn2 = nn.BatchNorm1d(hidden)
        self.fc3 = nn.Linear(hidden, hidden)
        self.bn3 = nn.BatchNorm1d(hidden)
        self.out = nn.Linear(hidden, classes)

    def forward(self, x):
        x = torch.flatten(x, 1)
        x = torch.sigmoid(self.bn1(self.fc1(x)))
        x = torch.sigmoid(self.bn2(self.fc2(x)))
        x = torch.sigmoid(self.bn3(self.fc3(x)))
        return self.out(x)
