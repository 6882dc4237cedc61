# A network whose evaluation lags behind: with momentum=0.001 the running statistics of its BN layers take
# in a thousandth of each batch, so after 400 steps two thirds of them are still the 0 and 1 that they began with.
#
# Try it: train, and read the verdict. Then set the momentum to 0.1 and train again.

# normlens: model StaleStatistics() input=1x28x28 data=digits

import torch
from torch import nn

MOMENTUM = 0.001


class StaleStatistics(nn.Module):
    def __init__(self, hidden=100, classes=10):
        super().__init__()
        self.fc1 = nn.Linear(28 * 28, hidden, bias=False)
        self.bn1 = nn.BatchNorm1d(hidden, momentum=MOMENTUM)
        self.fc2 = nn.Linear(hidden, hidden, bias=False)
        self.bn2 = nn.BatchNorm1d(hidden, momentum=MOMENTUM)
        self.out = nn.Linear(hidden, classes)

    def forward(self, x):
        x = torch.flatten(x, 1)
        x = torch.relu(self.bn1(self.fc1(x)))
        x = torch.relu(self.bn2(self.fc2(x)))
        return self.out(x)
