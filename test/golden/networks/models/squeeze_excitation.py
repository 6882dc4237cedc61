import torch
import torch.nn as nn


class Gate(nn.Module):
    """Squeeze and excitation (Hu et al. 2018) as it is usually written, once with Linear layers and once with convolutions."""

    def __init__(self, channels):
        super().__init__()
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Sequential(nn.Linear(channels, 4), nn.ReLU(), nn.Linear(4, channels), nn.Sigmoid())
        self.conv = nn.Conv2d(channels, channels, 1)
        self.mask = nn.Conv2d(2, 1, 3, padding=1)

    def forward(self, x):
        b, c, _, _ = x.size()
        y = x * self.fc(self.pool(x).view(b, c)).view(b, c, 1, 1)
        y = y + torch.sigmoid(self.conv(x.mean([2, 3], keepdim=True)))
        z = torch.cat([y.mean(1, keepdim=True), x[:, 2:3]], dim=1)
        return y.mul(torch.sigmoid(self.mask(z))) - x * self.pool(x).expand_as(x)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 11, 3, padding=1)
        self.norm = nn.BatchNorm2d(11)
        self.gate = Gate(11)
        self.head = nn.Linear(11, 4)

    def forward(self, x):
        x = self.gate(torch.relu(self.norm(self.stem((x - 0.1) / 2))))
        x = 1 - 0.5 * x * x + -x
        return self.head(x.mean((2, 3)) * (x.sum((2, 3)) / 20)[:, :])


# normlens: model Net() input=3x6x5
