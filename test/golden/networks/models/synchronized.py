import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    """SyncBatchNorm in one process: batch normalization of images, sequences and features alike."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(2, 9, 3, bias=False)
        self.images = nn.SyncBatchNorm(9)
        self.conv2 = nn.Conv1d(9, 6, 3)
        self.sequences = nn.SyncBatchNorm(6, eps=1e-3, momentum=0.2)
        self.fc1 = nn.Linear(6, 8)
        self.features = nn.SyncBatchNorm(8)
        self.fc2 = nn.Linear(8, 4)

    def forward(self, x):
        x = F.silu(self.images(self.conv1(x))).flatten(2)
        x = F.silu(self.sequences(self.conv2(x))).mean(2)
        return self.fc2(F.silu(self.features(self.fc1(x))))


# normlens: model Net() input=2x7x6
