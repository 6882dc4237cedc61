import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    """Instance normalization with and without weights, with and without running statistics; channels may be miscounted without both."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(2, 9, 3, padding=1)
        self.plain = nn.InstanceNorm2d(5)
        self.conv2 = nn.Conv2d(9, 10, 3, stride=2, padding=1)
        self.tracked = nn.InstanceNorm2d(10, affine=True, track_running_stats=True)
        self.conv3 = nn.Conv2d(10, 6, 3)
        self.quick = nn.InstanceNorm2d(6, eps=1e-3, momentum=0.4, track_running_stats=True)
        self.conv4 = nn.Conv1d(6, 11, 3, padding=1)
        self.sequence = nn.InstanceNorm1d(11, affine=True)
        self.conv5 = nn.Conv1d(11, 7, 2)
        self.kept = nn.InstanceNorm1d(7, momentum=0.3, track_running_stats=True)
        self.head = nn.Linear(7 * 5, 4)

    def forward(self, x):
        x = F.relu(self.plain(self.conv1(x)))
        x = F.silu(self.tracked(self.conv2(x)))
        x = self.quick(self.conv3(x)).flatten(2)
        x = F.silu(self.sequence(self.conv4(x)))
        return self.head(F.relu(self.kept(self.conv5(x))).flatten(1))


# normlens: model Net() input=2x8x9
