import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    """Ghost batch normalization: virtual batches that divide the batch, that leave a rest, and that hold all of it."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(2, 9, 3)
        self.pairs = nn.BatchNorm2d(9)  # normlens: use ghost(2)
        self.conv2 = nn.Conv2d(9, 6, 3, padding=1, bias=False)
        self.rest = nn.BatchNorm2d(6, eps=1e-3, momentum=0.3)  # normlens: use ghost(4)
        self.conv3 = nn.Conv2d(6, 5, 2)
        self.each = nn.BatchNorm2d(5, track_running_stats=False)  # normlens: use ghost(1)
        self.fc1 = nn.Linear(5, 8)
        self.features = nn.BatchNorm1d(8, momentum=None, affine=False)  # normlens: use ghost(3)
        self.fc2 = nn.Linear(8, 7)
        self.whole = nn.BatchNorm1d(7)  # normlens: use ghost(100)
        self.fc3 = nn.Linear(7, 4)

    def forward(self, x):
        x = F.silu(self.pairs(self.conv1(x)))
        x = F.silu(self.rest(self.conv2(x)))
        x = F.silu(self.each(self.conv3(x)))
        x = F.silu(self.features(self.fc1(x.mean((2, 3)))))
        return self.fc3(F.silu(self.whole(self.fc2(x))))


# normlens: model Net() input=2x7x6
