import torch
import torch.nn as nn
import torch.nn.functional as F


def conv3x3(channels, out, stride=1):
    """A convolution that keeps the size."""
    return nn.Conv2d(channels, out, kernel_size=3, stride=stride, padding=1)  # normlens: add bn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = conv3x3(3, 8)
        self.second = conv3x3(8, 16, 2)
        self.head = nn.Linear(16, 4)

    def forward(self, x):
        x = F.relu(self.second(F.relu(self.first(x))))
        return self.head(x.mean((2, 3)))


# normlens: model Net() input=3x8x8
