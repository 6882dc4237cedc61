import torch
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.reflect = nn.ReflectionPad2d((2, 1, 1, 3))
        self.conv1 = nn.Conv2d(3, 9, 3)
        self.replicate = nn.ReplicationPad2d(2)
        self.conv2 = nn.Conv2d(9, 10, 3, stride=2)
        self.zeros = nn.ZeroPad2d((0, -1, 2, 1))
        self.constant = nn.ConstantPad2d(1, 0.0)
        self.head = nn.Linear(10, 4)

    def forward(self, x):
        x = F.relu(self.conv1(self.reflect(x)))
        x = self.conv2(self.replicate(x))
        x = F.relu(self.constant(self.zeros(x)) + F.pad(x, (0, 1, 3, 2), mode="replicate"))
        shortcut = F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, 3, 2))
        return self.head(F.pad(x, (1, 1, 0, 2), "reflect").mean((2, 3)) + shortcut[:, 1:11].mean((2, 3)))


# normlens: model Net() input=3x5x6
