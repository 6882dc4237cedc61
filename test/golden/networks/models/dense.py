import torch
import torch.nn as nn


class Layer(nn.Module):
    def __init__(self, channels, growth):
        super().__init__()
        self.norm = nn.BatchNorm2d(channels)
        self.relu = nn.ReLU()
        self.conv = nn.Conv2d(channels, growth, 3, padding=1)

    def forward(self, x):
        return torch.cat([x, self.conv(self.relu(self.norm(x)))], 1)


class Net(nn.Module):
    def __init__(self, growth=6):
        super().__init__()
        self.first = nn.Conv2d(1, 7, 3)
        self.layers = nn.ModuleList([Layer(7 + growth * i, growth) for i in range(3)])
        self.pool = nn.AvgPool2d(3, stride=2, padding=1, count_include_pad=False)
        self.head = nn.Linear(7 + 3 * growth, 4)

    def forward(self, x):
        x = self.first(x)
        for layer in self.layers:
            x = layer(x)
        return self.head(self.pool(x).mean(dim=(2, 3)))


# normlens: model Net() input=1x9x9
