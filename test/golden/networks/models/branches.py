import torch
import torch.nn as nn


class Net(nn.Module):
    """Three branches, a value taken four times, and a layer without parameters that is called twice."""

    def __init__(self):
        super().__init__()
        self.relu = nn.ReLU(inplace=True)
        self.stem = nn.Conv2d(2, 5, 3, padding=1)
        self.one = nn.Conv2d(5, 3, 1, bias=False)
        self.three = nn.Sequential(nn.Conv2d(5, 9, 3, padding=1, bias=False), nn.BatchNorm2d(9))
        self.pool = nn.Sequential(nn.MaxPool2d(3, 1, 1), nn.Conv2d(5, 4, 1), nn.BatchNorm2d(4))
        self.norm = nn.BatchNorm2d(21)
        self.fc = nn.Linear(21, 6)

    def forward(self, x):
        x = self.relu(self.stem(x))
        x = self.relu(self.norm(torch.cat((self.one(x), self.three(x), self.pool(x), x), dim=1)))
        return self.fc(nn.functional.adaptive_avg_pool2d(x, 1).flatten(1))


# normlens: model Net() input=2x6x5
