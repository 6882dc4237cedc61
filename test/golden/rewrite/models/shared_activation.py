import torch
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self, width=12):
        super().__init__()
        self.relu = nn.ReLU()
        self.fc1 = nn.Linear(20, width)  # normlens: add bn after-activation
        self.fc2 = nn.Linear(width, width)
        self.fc3 = nn.Linear(width, 3)

    def forward(self, x):
        out = self.relu(self.fc1(x))
        out = self.relu(self.fc2(out))
        return self.fc3(out)


# normlens: model Net() input=20
