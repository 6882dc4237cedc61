import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    """Running statistics as an average over all batches, and layers that keep none."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(2, 9, 3)
        self.average = nn.BatchNorm2d(9, momentum=None)
        self.conv2 = nn.Conv2d(9, 6, 3, bias=False)
        self.none = nn.BatchNorm2d(6, track_running_stats=False)
        self.fc1 = nn.Linear(6, 8)
        self.plain = nn.BatchNorm1d(8, momentum=None, affine=False)
        self.fc2 = nn.Linear(8, 7)
        self.last = nn.BatchNorm1d(7, affine=False, track_running_stats=False)
        self.fc3 = nn.Linear(7, 4)

    def forward(self, x):
        x = F.relu(self.average(self.conv1(x)))
        x = F.relu(self.none(self.conv2(x)))
        x = F.relu(self.plain(self.fc1(x.mean((2, 3)))))
        return self.fc3(F.relu(self.last(self.fc2(x))))


# normlens: model Net() input=2x7x6
