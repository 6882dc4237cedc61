import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    """Convolutions of sequences, of every kind, with BN over channels and positions."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv1d(3, 12, 5, stride=2, padding=2, bias=False)
        self.bn1 = nn.BatchNorm1d(12)
        self.same = nn.Conv1d(12, 10, 3, padding="same", dilation=3)
        self.grouped = nn.Conv1d(10, 14, 4, stride=3, padding=1, groups=2)
        self.bn2 = nn.BatchNorm1d(14, momentum=0.3, eps=1e-3)
        self.depthwise = nn.Conv1d(14, 14, 3, padding=2, dilation=2, groups=14)
        self.pointwise = nn.Conv1d(14, 9, 1)
        self.back = nn.ConvTranspose1d(9, 6, 4, stride=3, padding=1, output_padding=1, dilation=2)
        self.apart = nn.ConvTranspose1d(6, 6, 3, groups=6, bias=False)
        self.fc1 = nn.Linear(6 * 32, 11)
        self.fc2 = nn.Linear(11, 4)

    def forward(self, x):
        x = F.relu(self.bn1(self.stem(x)))
        x = F.relu(self.bn2(self.grouped(self.same(x))))
        x = F.silu(self.pointwise(self.depthwise(x)))
        x = self.apart(F.relu(self.back(x)))
        return self.fc2(F.relu(self.fc1(x.flatten(1))))


# normlens: model Net() input=3x53
